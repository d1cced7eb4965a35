"""Arrays of plain Python integers: what symbolic values can be kept in, and NumPy's cannot.

They are stricter than arrays: an index from the end, and a number that the array's type cannot
hold, are errors. So is what structures do not use, and a loop that reads without an end.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from verify.crosshair import tracing

MOST_READS = 5_000  # on one path; some hundreds are usual

_reads: Iterator[int] = itertools.count()


def begin_path() -> None:
    """Count reads from 0 again."""
    global _reads  # noqa: PLW0603 (one path is followed at a time)
    _reads = itertools.count()


class Dtype(NamedTuple):
    """An array's type: which numbers it holds."""

    lowest: int
    highest: int


class Cells:
    """As much of a one-dimensional array as structures use."""

    def __init__(self, values: Iterable[int], dtype: Dtype) -> None:
        self.values: list[int] = []
        self.dtype = dtype
        for value in values:
            self._check(value)
            self.values.append(value)
        self.length = len(self.values)  # CrossHair is slow on len()

    def copy(self) -> Cells:
        made = Cells((), self.dtype)
        made.values, made.length = list(self.values), self.length
        return made

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> int:
        with tracing.unwatched():
            if next(_reads) > MOST_READS:
                raise RuntimeError("it does not end")
            if type(index) is int and 0 <= index < self.length:
                return self.values[index]
        if not 0 <= index < self.length:
            raise IndexError(f"cell {index} of {len(self.values)}")
        return self.values[index]

    def __setitem__(self, index: int | slice, value: int | Cells) -> None:
        if isinstance(index, slice):
            self._set_slice(index, value)
            return
        assert not isinstance(value, Cells)
        if not 0 <= index < self.length:
            raise IndexError(f"cell {index} of {len(self.values)}")
        self._check(value)
        self.values[index] = value

    def _set_slice(self, where: slice, value: int | Cells) -> None:
        indices = range(*where.indices(len(self.values)))
        new = value.values if isinstance(value, Cells) else [value] * len(indices)
        if len(new) != len(indices):
            raise ValueError(f"{len(new)} numbers for {len(indices)} cells")
        for index, each in zip(indices, new, strict=True):
            self[index] = each

    def _check(self, value: int) -> None:
        if not self.dtype.lowest <= value <= self.dtype.highest:
            raise OverflowError(f"{value} in an array of {self.dtype}")


class numpy:
    """As much of NumPy as constructors of structures use."""

    int32 = Dtype(-(2**31), 2**31 - 1)
    int64 = Dtype(-(2**63), 2**63 - 1)
    uint8 = Dtype(0, 2**8 - 1)

    @staticmethod
    def full(length: int, value: int, dtype: Dtype) -> Cells:
        return Cells([value] * length, dtype)

    @staticmethod
    def zeros(length: int, dtype: Dtype) -> Cells:
        return Cells([0] * length, dtype)

    @staticmethod
    def arange(start: int, end: int | None = None, *, dtype: Dtype) -> Cells:
        return Cells(range(start) if end is None else range(start, end), dtype)


def copied(state: Any) -> Any:
    """A copy of a structure or an NF, with arrays of its own."""
    if isinstance(state, Cells):
        return state.copy()
    if isinstance(state, tuple):
        return type(state)(*map(copied, state))
    return state
