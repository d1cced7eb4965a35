"""Files that appear whole or not at all."""

import os
import secrets
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from libvig.errors import InputError

STANDARD_OUTPUT = "-"
SOURCES = (".py", ".toml", ".lock")


class Outputs:
    """A set of files to write, as a context: all are put in place when it ends well, else none.

    Each is written beside its target under a temporary name. A target that is not a regular file,
    such as a pipe or /dev/null, is written directly, and so is standard output, "-".
    """

    def __init__(self) -> None:
        self._files: list[BinaryIO] = []
        self._temporary: dict[Path, Path] = {}

    def __enter__(self) -> Self:
        return self

    def open(self, name: str) -> BinaryIO:
        """A file to write to; raises InputError if it cannot be written."""
        if name == STANDARD_OUTPUT:
            return sys.stdout.buffer
        try:
            file = self._open(Path(name))
        except OSError as error:
            raise _unwritable(name, error) from None
        self._files.append(file)
        return file

    def _open(self, target: Path) -> BinaryIO:
        mode = 0o666
        if target.exists():
            status = target.stat()
            if not stat.S_ISREG(status.st_mode):
                return target.open("wb")  # by this name: what /dev/fd/3 links to may be none
            if not os.access(target, os.W_OK):
                raise PermissionError(None, "Permission denied")
            mode = stat.S_IMODE(status.st_mode)
        target = Path(os.path.realpath(target))
        temporary = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        file = os.fdopen(os.open(temporary, flags, mode), "wb")
        self._temporary[temporary] = target
        return file

    def write(self, name: str, file: BinaryIO, pieces: Iterable[bytes]) -> None:
        """Write to the open file with this name; raises InputError if that fails."""
        try:
            for piece in pieces:
                file.write(piece)
            file.flush()
        except OSError as error:
            raise _unwritable(name, error) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            with suppress(OSError):  # what could not be written was reported by write
                file.close()
        for temporary, target in self._temporary.items():
            if kind is None:
                temporary.replace(target)
            else:
                temporary.unlink(missing_ok=True)


class _Trial(Exception):
    """Nothing is to be put in place."""


def check_writable(name: str, own: str = "") -> None:
    """Raise InputError now if a file of this name could not, or should not, be written later.

    A source is not replaced, unless it begins with what we begin our own with.
    """
    if Path(name).suffix in SOURCES and Path(name).is_file():
        is_own = bool(own) and Path(name).read_bytes().startswith(own.encode())
        if not is_own:
            raise InputError(f"{name}: is a source that would be lost; name another file")
    if name == STANDARD_OUTPUT or Path(name).is_fifo():
        return  # who reads a pipe would take the trial for the whole
    with suppress(_Trial), Outputs() as outputs:
        outputs.open(name)
        raise _Trial


def _unwritable(name: str, error: OSError) -> InputError:
    return InputError(f"{name}: cannot be written: {error.strerror or error}")
