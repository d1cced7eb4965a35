"""Files that appear whole or not at all."""

import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from libvig.errors import InputError

STANDARD_OUTPUT = "-"
SOURCES = (".py", ".toml", ".lock")

Pack = Callable[[str, BinaryIO], BinaryIO]
"""Makes of a file, and its name, one that packs what is written to it."""


class Outputs:
    """A set of files to write, as a context: all are put in place when it ends well, else none.

    Each is written beside its target under a temporary name. A target that is not a regular file,
    such as a pipe or /dev/null, is written directly, and so is standard output, "-".
    """

    def __init__(self) -> None:
        self._files: list[tuple[str, BinaryIO]] = []
        self._temporary: dict[Path, Path] = {}

    def __enter__(self) -> Self:
        return self

    def open(self, name: str, pack: Pack | None = None) -> BinaryIO:
        """A file to write to; raises InputError if it cannot be written.

        What is written goes through what `pack` makes of the file's name and the file.
        """
        if name == STANDARD_OUTPUT:
            if sys.__stdout__ is None:
                raise InputError("-: cannot be written: standard output is closed")
            return sys.stdout.buffer
        try:
            file = self._open(Path(name))
        except OSError as error:
            raise _unwritable(name, error) from None
        self._files.append((name, file))
        if pack is None:
            return file
        packed = pack(name, file)
        self._files.insert(0, (name, packed))  # what it holds back goes to the file at its end
        return packed

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

    def write(self, name: str, file: BinaryIO, pieces: Iterable[bytes | memoryview]) -> None:
        """Write to the open file with this name; raises InputError if that fails."""
        with _told(name):
            for piece in pieces:
                file.write(piece)
            file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        is_whole = False
        try:
            if kind is None:
                for name, file in self._files:
                    with _told(name):
                        file.close()
                is_whole = True
        finally:
            for _, file in self._files:
                with suppress(OSError):  # that it cannot be written has been told
                    file.close()
            for temporary, target in self._temporary.items():
                if is_whole:
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


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What fails within is told of the file with this name; but a reader may go when it likes."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(name, error) from None


def _unwritable(name: str, error: OSError) -> InputError:
    return InputError(f"{name}: cannot be written: {error.strerror or error}")
