"""Files that are packed by gzip or zstd as they are written, as their names ask for."""

from __future__ import annotations

import gzip
from pathlib import PurePath
from typing import BinaryIO, cast

from libvig.io.source import zstd_module

GZIP_LEVEL = 6  # gzip's own default; Python's, 9, takes much longer for little


def packed(name: str, file: BinaryIO) -> BinaryIO:
    """The file itself, or one that packs what it is given, which does not close it."""
    match PurePath(name).suffix:
        case ".gz":  # without name and time, so that the same packets give the same bytes
            return cast(BinaryIO, gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0))
        case ".zst":
            return cast(BinaryIO, zstd_module(name).ZstdFile(file, "wb"))
    return file


def unpacked_name(name: str) -> str:
    """What the file is called when it is unpacked."""
    path = PurePath(name)
    return str(path.with_suffix("")) if path.suffix in (".gz", ".zst") else name
