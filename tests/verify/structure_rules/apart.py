"""An array has one name, and is in one structure: what is written shows where it is read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I64


@compiled_class
class Pair(NamedTuple):
    left: I64
    right: I64

    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.left[i]) for i in range(len(self.left))}

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, OLD: self.entries == OLD.entries | {index: 0})
    def clear(self, index: int) -> None:
        # refused: row = self.left
        row = 0
        self.left[index] = row

    @require(lambda other: 0 in other.entries)
    @ensure(lambda other, result: result == other.entries[0])
    def first_of(self, other: Pair) -> int:
        # refused: return other._zero()
        return int(other.left[0])

    @require(lambda row: len(row) > 0)
    @ensure(lambda row, result: result == row[0])
    def first_in(self, row: I64) -> int:
        # unknown anywhere: return self._zero_in(row)
        return int(row[0])

    def _zero(self) -> int:
        if len(self.left) > 0:
            self.left[0] = 0
        return 0

    def _zero_in(self, row: I64) -> int:
        row[0] = 0
        return 0


class Handle(NamedTuple):
    row: I64

    def size(self) -> int:
        return len(self.row)

    def wiped(self) -> int:
        self.row[0] = 0
        return len(self.row)


@compiled
@require(lambda row: len(row) > 0)
@ensure(lambda row, result: result == len(row))
# at size
def size_of(row: I64) -> int:
    # unknown at size: return Handle(row).wiped()
    return Handle(row).size()


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda result: all(number == 0 for number in result.entries.values()))
def new_pair(capacity: int) -> Pair:
    row = np.zeros(capacity, np.int64)
    # unknown: return Pair(row, row)
    return Pair(row, np.zeros(capacity, np.int64))
