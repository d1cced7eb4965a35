"""Where compiled code is kept from run to run, and when it may be used again.

Native code holds, inlined, the code of many modules and the values of their constants. It lives
in a folder whose name is a hash of all of them, so that an edit anywhere leads to another folder:
code that does not match the sources is never found. Both the source text and the objects that
were made from it at import are hashed: an edit between import and compilation thus gives a key
that no other run will have.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import inspect
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

FORMAT = 2  # of what is hashed, and of what is kept
KEPT = 32  # folders
DAY = 86400  # seconds

TOOLS = (
    "compile",
    "native_call",
    "native_hashes",
    "native_operation",
    "native_primitives",
    "numba_column",
    "numba_glue",
)
"""The modules that make native code, whether they are imported or not; it holds none of theirs."""

# Their versions are part of the key; to read all of their sources would take too long.
_NOT_READ = sys.stdlib_module_names | {"icontract", "llvmlite", "numba", "numpy"}


def key(modules: Iterable[ModuleType], *circumstances: object) -> str:
    """Return a hash of modules as they are now, and of the circumstances of compilation."""
    environment = sorted(item for item in os.environ.items() if item[0].startswith("NUMBA_"))
    result = hashlib.sha256(repr((FORMAT, environment, circumstances)).encode())
    for module in sorted(modules, key=lambda module: module.__name__):
        result.update(repr((module.__name__, _text(module), _objects(module))).encode())
    return result.hexdigest()[:32]


def folder(key: str) -> Path:
    """Return the folder for a key; where it has to be made, remove what has not been used for long.

    It lies in $PYVIGOR_CACHE, else in the user's cache folder. If that cannot be written, it is a
    new temporary folder: code is loaded from nowhere that another user could have written to.
    """
    root = Path(os.environ.get("PYVIGOR_CACHE") or _user_cache() / "pyvigor") / "native"
    try:
        found = root / key
        is_new = not found.exists()
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=found).close()
        os.utime(found)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="pyvigor-"))
    if is_new:  # to look through them at every start would take long
        _prune(root)
    return found


def keep(file: Path, content: bytes) -> None:
    """Write a file that appears as a whole, with a digest, if that is possible."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with suppress(OSError):
        temporary.write_bytes(hashlib.sha256(content).digest() + content)
        temporary.replace(file)


def kept(file: Path) -> bytes | None:
    """Return what was written to a file, if that is there, and as it was."""
    try:
        whole = file.read_bytes()
    except OSError:
        return None
    size = hashlib.sha256().digest_size
    digest, content = whole[:size], whole[size:]
    return content if hashlib.sha256(content).digest() == digest else None


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _prune(root: Path) -> None:
    """Remove folders that are neither recent nor among the last ones used."""
    try:
        used = sorted(((path.stat().st_mtime, path) for path in root.iterdir()), reverse=True)
    except FileNotFoundError:  # another process is removing them
        return
    for last_use, path in used[KEPT:]:
        if last_use < time.time() - DAY:
            shutil.rmtree(path, ignore_errors=True)


def with_imports(modules: Iterable[ModuleType]) -> set[ModuleType]:
    """Return modules and those that they import, directly or not, as far as sources are read."""
    found: set[ModuleType] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            names = _imported_names(module, _text(module), len(sys.modules))
            waiting += [sys.modules[name] for name in names if name in sys.modules]
    return found


@functools.cache
def _imported_names(module: ModuleType, text: bytes, loaded: int) -> frozenset[str]:
    """Return the names of modules that a module imports, other than those of the compiler.

    It is found out again when the module's text is another, or the number of modules loaded.

    An import names its module among the names of a piece of code, and what it takes from that as
    well. What else is named there may happen to be called like a module; that does no harm.
    """
    found: set[str] = set()
    for names in _names(_code_of(module, text)):
        for name in names:
            for full_name in _meant(name, module):
                parts = full_name.split(".")
                found |= {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
                found |= {f"{full_name}.{taken}" for taken in names}
    tools = {f"libvig.{tool}" for tool in TOOLS}
    known = (found - tools) & sys.modules.keys()
    return frozenset(name for name in known if name.split(".")[0] not in _NOT_READ)


def _meant(name: str, module: ModuleType) -> Iterator[str]:
    """Yield what a name in an import may mean: an absolute one, or one relative to a package."""
    package = module.__spec__.parent or "" if module.__spec__ else ""
    while package:
        yield from {f"{package}.{name}".rstrip(".")} & sys.modules.keys()
        package = package.rpartition(".")[0]
    yield from {name} & sys.modules.keys()


def _names(code: CodeType) -> Iterator[tuple[str, ...]]:
    """Yield the names in each piece of code, with those that it has within."""
    yield code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _code_of(module: ModuleType, text: bytes) -> CodeType:
    """Return the code that made a module: Python keeps it, so that it need not be parsed."""
    loader = module.__spec__.loader if module.__spec__ else None
    if isinstance(loader, SourceFileLoader):
        code = loader.get_code(module.__name__)
        assert code is not None
        return code
    is_python = (getattr(module, "__file__", None) or "").endswith(".py")
    return compile(text if is_python else b"", module.__name__, "exec")


def _text(module: ModuleType) -> bytes:
    file = getattr(module, "__file__", None)
    return Path(file).read_bytes() if file else b""


def _objects(module: ModuleType) -> list[object]:
    """Return what compiled code may hold of a module's own objects and constants."""
    return [
        (name, _content(value))
        for name, value in sorted(vars(module).items())
        if not name.startswith("__")
        and not isinstance(value, ModuleType)  # a package gets one when it is first imported
        and getattr(value, "__module__", module.__name__) == module.__name__
    ]


def _content(value: object, inside: tuple[type, ...] = ()) -> object:
    """Return what an object was made of, in a form whose `repr` is the same in every run.

    It is part of these classes, some of which may be part of it.
    """
    match value:
        case bool() | int() | float() | str() | bytes() | None:
            return repr(value)
        case tuple():
            return [_content(item, inside) for item in value]
        case np.ndarray():
            return value.dtype.str, value.shape, value.tobytes()
        case property():
            return _content(value.fget, inside)
        case enum.EnumType():
            members: Iterable[Any] = value.__members__.values()
            return [(member.name, repr(member.value)) for member in members]
        case type() if value not in inside:
            fields = getattr(value, "_fields", ()), getattr(value, "_field_defaults", {})
            parts = sorted(vars(value).items())
            return fields, [(name, _content(item, (*inside, value))) for name, item in parts]
        case _ if inspect.isfunction(value):
            function: Any = inspect.unwrap(value)
            return _code(function.__code__), _content(function.__defaults__, inside)
    return type(value).__qualname__


def _code(code: CodeType) -> list[object]:
    return [
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        [_constant(constant) for constant in code.co_consts],
    ]


def _constant(value: object) -> object:
    if isinstance(value, CodeType):
        return _code(value)
    return sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)
