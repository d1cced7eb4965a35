"""Places, file:line, as other programs have them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Line(NamedTuple):
    """A line of a file."""

    file: Path
    number: int


def line_at(place: str) -> Line:
    """The line that a place means; that of a file alone is its first."""
    file, _, number = place.rpartition(":")
    if not number.isdecimal():
        file, number = place, "1"
    return Line(Path(os.path.abspath(file)), int(number))


def is_in(place: str, other: str) -> bool:
    """Whether two places, or a place and a file, are in the same file."""
    return line_at(place).file == line_at(other).file


def relative(file: Path) -> str | None:
    """The file as seen from the repository's root; None if it is not in there."""
    root = repository(Path.cwd())
    return str(file.relative_to(root)) if file.is_relative_to(root) else None


@cache
def repository(folder: Path) -> Path:
    """The root of the repository that a folder is in; without one, the folder."""
    roots = (above for above in (folder, *folder.parents) if (above / ".git").exists())
    return next(roots, folder)
