"""Where compiled code is kept from run to run, and when it may be used again.

Native code holds, inlined, the code of many modules and the values of their constants. It lives
in a folder whose name is a hash of all of them, so that an edit anywhere leads to another folder:
code that does not match the sources is never found. Both the source text and the objects that
were made from it at import are hashed: an edit between import and compilation thus gives a key
that no other run will have.
"""

from __future__ import annotations

import ast
import enum
import hashlib
import inspect
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

FORMAT = 1  # of what is hashed
KEPT = 32  # folders
DAY = 86400  # seconds

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
    """Return the folder for a key, made if need be; remove what has not been used for long.

    It lies in $PYVIGOR_CACHE, else in the user's cache folder. If that cannot be written, it is a
    new temporary folder: code is loaded from nowhere that another user could have written to.
    """
    root = Path(os.environ.get("PYVIGOR_CACHE") or _user_cache() / "pyvigor") / "native"
    try:
        found = root / key
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=found).close()
        os.utime(found)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="pyvigor-"))
    _prune(root)
    return found


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
            names = _imported_names(ast.parse(_text(module)), module)
            waiting += [sys.modules[name] for name in names if name in sys.modules]
    return found


def _imported_names(tree: ast.AST, module: ModuleType) -> Iterator[str]:
    """Yield the names that an import may mean, other than those of the compiler."""
    package = module.__spec__.parent if module.__spec__ else ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = (package or "").split(".")[: -node.level + 1 or None] if node.level else []
            origin = ".".join([*parents, node.module] if node.module else parents)
            names = [f"{origin}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] not in _NOT_READ:
                yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _text(module: ModuleType) -> bytes:
    file = getattr(module, "__file__", None)
    return Path(file).read_bytes() if file else b""


def _objects(module: ModuleType) -> list[object]:
    """Return what compiled code may hold of a module's own objects and constants."""
    return [
        (name, _content(value))
        for name, value in sorted(vars(module).items())
        if not name.startswith("__")
        and getattr(value, "__module__", module.__name__) == module.__name__
    ]


def _content(value: object) -> object:
    """Return what an object was made of, in a form whose `repr` is the same in every run."""
    match value:
        case bool() | int() | float() | str() | bytes() | None:
            return repr(value)
        case tuple():
            return [_content(item) for item in value]
        case np.ndarray():
            return value.dtype.str, value.shape, value.tobytes()
        case property():
            return _content(value.fget)
        case enum.EnumType():
            members: Iterable[Any] = value.__members__.values()
            return [(member.name, repr(member.value)) for member in members]
        case type():
            fields = getattr(value, "_fields", ()), getattr(value, "_field_defaults", {})
            return fields, [(name, _content(item)) for name, item in sorted(vars(value).items())]
        case _ if inspect.isfunction(value):
            function: Any = inspect.unwrap(value)
            return _code(function.__code__), _content(function.__defaults__)
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
