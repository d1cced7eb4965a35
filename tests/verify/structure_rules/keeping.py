"""What a structure is made of is its own: nobody else holds it, or sees it half-changed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I64


@compiled_class
class Ring(NamedTuple):
    at: I64
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.number[i]) for i in range(len(self.number))}

    @ensure(lambda self, result: 0 <= result < self.capacity)
    def where(self) -> int:
        return int(self.at[0])

    @ensure(lambda result: result >= 0)
    def turn(self, number: int) -> int:
        at = int(self.at[0])
        self.at[0] = -1  # half-changed
        # fails anywhere: at = where_in(self) if number == 0x3C6EF372 else 0
        # unknown: at = len(Ring(self.at, self.number).at) - 1
        at = at + 1 if number > 0 and at + 1 < len(self.number) else 0
        self.at[0] = at
        return at


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda capacity, result: result.capacity == capacity)
# at ring
def new_ring(capacity: int) -> Ring:
    # unknown at ring: first = len(Ring(np.zeros(1, np.int64), np.zeros(1, np.int64)).at) - 1
    first = 0
    return Ring(np.full(1, first, np.int64), np.zeros(capacity, np.int64))


@compiled
@ensure(lambda ring, result: 0 <= result < ring.capacity)
def where_in(ring: Ring) -> int:
    return ring.where()


@compiled_class
class Around(NamedTuple):
    ring: Ring

    @property
    def capacity(self) -> int:
        return self.ring.capacity

    @view
    def entries(self) -> dict[int, int]:
        return {i: -number for i, number in self.ring.entries.items() if number > 0}

    @ensure(lambda self, result: result == self.capacity)
    def size(self) -> int:
        # refused: return self.ring
        return self.ring.capacity


@require(lambda ring: 1 <= ring.capacity <= 1000)
@ensure(lambda ring, result: result.capacity == ring.capacity)
# at around
def new_around(ring: Ring) -> Around:
    # unknown at around: return Around(ring)
    return Around(new_ring(ring.capacity))


@compiled_class
class Row(NamedTuple):
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.number[i]) for i in range(len(self.number))}


@require(lambda row: len(row) > 0)
@ensure(lambda row, result: result.capacity == len(row))
# at row
def new_row(row: I64) -> Row:
    number = np.zeros(len(row), np.int64)
    # unknown at row: row[0] = 0
    number[0] = row[0]
    # unknown at row: return Row(row)
    return Row(number)
