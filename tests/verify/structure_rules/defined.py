"""A condition can be evaluated wherever it is looked at, in the order in which icontract does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require, view
from libvig.types import I64


@compiled_class
# fails anywhere: @invariant(lambda self: self.number[len(self.number)] == 0)
@invariant(lambda self: self.number[len(self.number) - 1] == 0)
@invariant(lambda self: len(self.number) > 0)
class Row(NamedTuple):
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        # fails: return {i: int(self.number[i]) // i for i in range(len(self.number))}
        return {i: int(self.number[i]) for i in range(len(self.number))}

    @require(lambda self, index: self.entries[index] >= 0)  # looked at last: the lowest is first
    # fails anywhere: @require(lambda index: index >= -1)
    @require(lambda self, index: index in self.entries)
    # fails: @ensure(lambda self, index, result: result == self.entries[index + 1])
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> int:
        return int(self.number[index])


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda capacity, result: result.capacity == capacity)
def new_row(capacity: int) -> Row:
    return Row(np.zeros(capacity, np.int64))


@compiled
# fails anywhere: @require(lambda row, at: row[at] == 0)
@require(lambda row, at: 0 <= at < len(row) and row[at] == 0)
@ensure(lambda result: result == 0)
def zero(row: I64, at: int) -> int:
    return 0
