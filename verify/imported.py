"""That a source which is read is what an import of it runs: Python does not always read it."""

from __future__ import annotations

import sysconfig
from contextlib import suppress
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from importlib.util import cache_from_source
from pathlib import Path
from tokenize import detect_encoding

from verify.errors import UsageError
from verify.source import Site

KINDS = (
    (ExtensionFileLoader, EXTENSION_SUFFIXES),
    (SourceFileLoader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)
"""What Python finds in a folder, in this order."""


def check_is_run(path: Path, text: str) -> None:
    """Raise UsageError where Python runs something else than this text of a file."""
    other = _found_by_python(path)
    if other != path:
        raise UsageError(f"{other}: is imported in place of {path}, which is verified; remove it")
    with path.open("rb") as file:
        coding, _ = detect_encoding(file.readline)
    if coding != "utf-8":
        raise UsageError(
            f"{Site(path, 1)}: is {coding} to Python; write UTF-8, and do not declare it"
        )
    cached = Path(cache_from_source(str(path)))
    if cached.is_file():
        run = None
        with suppress(EOFError, TypeError, ValueError):  # of what is damaged
            run = _Loader("it", str(path)).get_code("it")
        if run != compile(text, str(path), "exec", dont_inherit=True):
            raise UsageError(f"{cached}: is run in place of {path}, which is verified; delete it")


def check_is_found(name: str, path: Path) -> None:
    """Raise UsageError where an import of this name may give a library that is installed."""
    first = name.partition(".")[0]
    libraries = list({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    found = PathFinder.find_spec(first, libraries)
    origin = found.origin if found is not None else None
    if origin is not None and not path.is_relative_to(Path(origin).parent):
        raise UsageError(f"{path}: has the name of a library, {origin}; give it another one")


def _found_by_python(path: Path) -> Path:
    """The file that an import gives which finds this folder; this one, if none does."""
    folder, name = path.parent, path.stem
    if name == "__init__":
        folder, name = folder.parent, folder.name
    found = FileFinder(str(folder), *KINDS).find_spec(name) if name.isidentifier() else None
    return Path(found.origin) if found is not None and found.origin is not None else path


class _Loader(SourceFileLoader):
    """Takes what is cached of a file, and caches nothing."""

    def set_data(self, path: str, data: object, *, _mode: int = 0) -> None:
        pass
