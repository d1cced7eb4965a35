"""A theorem rests on all that may have changed a structure; objects handed on are in order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require, view
from libvig.types import I64


@compiled_class
@invariant(lambda self: all(number == 5 for number in self.entries.values()))
class Fives(NamedTuple):
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.number[i]) for i in range(len(self.number))}

    @require(lambda self: self.capacity > 0)
    @ensure(lambda self, OLD: self.capacity > 0)
    def touch(self, number: int) -> None:
        if number == 0x3C6EF372:  # too rare to be tried
            # unknown at theorem: self.number[0] = 6
            self.number[0] = 5


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda capacity, result: result.capacity == capacity)
def new_fives(capacity: int) -> Fives:
    return Fives(np.full(capacity, 5, np.int64))


@compiled
@require(lambda fives: 0 in fives.entries)
@ensure(lambda fives: fives.entries[0] == 5)
# at theorem
def is_five(fives: Fives) -> int:
    return 0


@compiled_class
@invariant(lambda self: all(0 <= self.next[i] < len(self.next) for i in range(len(self.next))))
class Table(NamedTuple):
    next: I64


@compiled
@require(lambda table: 0 < len(table.next) < 10)
def second(table: Table) -> int:
    return int(table.next[int(table.next[0])])


@compiled
@require(lambda table: 0 < len(table.next) < 10)
@ensure(lambda result: 0 <= result < 10)
def reset(table: Table) -> int:
    # at sweep
    for at in range(len(table.next)):
        # fails at sweep: table.next[at] = 10
        # refused: table.next[:1] = np.full(1, 10, np.int64)
        table.next[at] = 0
    # at second
    return second(table)
