"""A method that does not speak of OLD leaves the view as it was; what an NF sees is proved here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I64


@compiled_class
class Row(NamedTuple):
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        # fails at made: return {i: int(self.number[i]) for i in range(len(self.number))}
        return {i: int(self.number[i]) for i in range(len(self.number)) if self.number[i] != 0}

    @require(lambda self, index: index in self.entries)
    # fails at postcondition: @ensure(lambda result: result > 0)
    # at postcondition
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> int:
        number = int(self.number[index])
        # fails at postcondition: return number - 1
        return number

    @require(lambda self, index, number: 0 <= index < self.capacity and number != 0)
    @ensure(lambda self, index, number, OLD: self.entries == OLD.entries | {index: number})
    def put(self, index: int, number: int) -> None:
        self.number[index] = number

    @ensure(lambda self, result: result == self.capacity)
    # at size
    def size(self) -> int:
        # fails at size: return self._wiped()
        return len(self.number)

    def _wiped(self) -> int:
        if len(self.number) > 0:
            self.number[0] = 0
        return len(self.number)

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(
        # at clear
        lambda self, index, OLD: (
            self.entries == {i: number for i, number in OLD.entries.items() if i != index}
        )
    )
    def clear(self, index: int) -> None:
        # fails at clear: self.number[index] = 1
        self.number[index] = 0

    @require(lambda self: self.capacity == 2)
    @ensure(
        lambda self, number, OLD: (
            self.entries == {i: number for i, number in OLD.entries.items() if i != number}
        )
    )
    def unfix(self, number: int) -> None:
        if int(self.number[1]) == 1:
            self.number[1] = 0


@require(lambda capacity: 1 <= capacity <= 1000)
# at made
@ensure(lambda capacity, result: result.capacity == capacity and result.entries == {})
def new_row(capacity: int) -> Row:
    return Row(np.zeros(capacity, np.int64))


@compiled
@require(lambda row, index: 0 <= index < row.capacity)
@require(lambda row, index, other: other in row.entries and other != index)
@ensure(lambda row, index, other: index not in row.entries and other in row.entries)
# at cleared
def cleared(row: Row, index: int, other: int) -> int:
    # fails at got: row.clear(other)
    row.clear(index)
    # at got
    # fails: return row.get(index)
    return row.get(other)


@compiled
@require(lambda row: 0 not in row.entries and len(row.entries) == 1)
@require(lambda row: row.capacity == 2)
# unknown anywhere: @ensure(lambda row: len(row.entries) == 1)
@ensure(lambda row: 0 not in row.entries)
def unfixed(row: Row) -> int:
    row.unfix(0)
    return 0
