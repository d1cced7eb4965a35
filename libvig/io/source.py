"""The bytes of a capture: of a file or a pipe, unpacked if gzip or zstd packed them."""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import sys
import zlib
from typing import Any, Protocol, cast

from libvig.errors import InputError

STANDARD_INPUT = "-"
LONGEST_MAGIC = 6

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPED = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a frame of zstd's that is of no concern


class Readable(Protocol):
    """A file of bytes, open for reading."""

    def readinto(self, room: memoryview, /) -> int | None: ...


class Source:
    """The bytes of a capture from first to last, unpacked."""

    def __init__(self, name: str) -> None:
        """Open the file with this name, "-" for standard input; InputError if that fails."""
        self.name = name
        self.damage = ""
        """What is wrong with the packing, if reading ended because of that."""
        try:
            self._file = _opened(name)
            status = _status(self._file)
            self.can_rewind = status is not None and stat.S_ISREG(status.st_mode)
            self._begin = self._file.tell() if self.can_rewind else 0
            self._unpack()
        except OSError as error:
            raise self._unreadable(error) from None

    def rewind(self) -> None:
        """Go back to the first byte, which `can_rewind` says is possible."""
        self._file.seek(self._begin)
        self._unpack()

    @property
    def size(self) -> int | None:
        """How many bytes it has, packed as it is; None for a pipe."""
        status = _status(self._file) if self.can_rewind else None
        return None if status is None else status.st_size - self._begin

    @property
    def taken(self) -> int:
        """How many bytes of the file were taken so far, packed as they are."""
        return self._file.tell() - self._begin if self.can_rewind else 0

    def read_into(self, room: memoryview) -> int:
        """Read some bytes, as many as there are at once; return how many, 0 at the end.

        What is damaged, or lacks its end, is read up to there; `damage` says so.
        """
        if self.damage:
            return 0
        try:
            return self._unpacked.readinto(room) or 0
        except EOFError:
            self.damage = f"ends in the middle of what {self.packing} packed"
        except (gzip.BadGzipFile, zlib.error, self._error) as error:
            self.damage = f"is damaged: {self.packing} cannot unpack it: {error}"
        except OSError as error:
            raise self._unreadable(error) from None
        return 0

    def close(self) -> None:
        """Leave the file."""
        self._file.close()

    def _unpack(self) -> None:
        """Find out how it is packed."""
        start = _first_bytes(self._file)
        file = _Again(start, self._file)
        self.packing = ""
        self._error: type[Exception] = EOFError
        self._unpacked: Readable = file
        if start.startswith(_GZIP):
            self.packing = "gzip"
            self._unpacked = _AtOnce(gzip.GzipFile(fileobj=file, mode="rb"))
        elif start.startswith(_ZSTD) or _SKIPPED.match(start):
            self.packing = "zstd"
            zstd = zstd_module(self.name)
            self._error = zstd.ZstdError
            self._unpacked = _AtOnce(zstd.ZstdFile(file))

    def _unreadable(self, error: OSError) -> InputError:
        return InputError(f"{self.name}: cannot be read: {error.strerror or error}")


def zstd_module(name: str) -> Any:
    """Python's module for zstd, for the file of this name; InputError if there is none."""
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise InputError(
            f"{name}: is packed by zstd, which is missing; pip install 'pyvigor[zstd]'"
        ) from None
    return zstd


class _Again(io.RawIOBase):
    """A file of which the first bytes were read before."""

    def __init__(self, start: bytes, file: io.RawIOBase) -> None:
        self._start = start
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int | None:
        if not self._start:
            return self._file.readinto(room)
        count = min(len(room), len(self._start))
        room[:count] = self._start[:count]
        self._start = self._start[count:]
        return count


class _AtOnce:
    """A file that gives what there is, and does not wait until there is what was asked for."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file

    def readinto(self, room: memoryview, /) -> int:
        return self._file.readinto1(room)


def _opened(name: str) -> io.RawIOBase:
    if name != STANDARD_INPUT:
        return io.FileIO(name)
    if sys.__stdin__ is None:
        raise InputError("-: cannot be read: standard input is closed")
    # Below the buffer of standard input, which waits until it is full.
    buffer: Any = sys.stdin.buffer
    return cast(io.RawIOBase, getattr(buffer, "raw", buffer))


def _status(file: io.RawIOBase) -> os.stat_result | None:
    try:
        return os.fstat(file.fileno())
    except io.UnsupportedOperation:
        return None


def _first_bytes(file: io.RawIOBase) -> bytes:
    start = b""
    while len(start) < LONGEST_MAGIC:
        more = file.read(LONGEST_MAGIC - len(start))
        if not more:
            break
        start += more
    return start
