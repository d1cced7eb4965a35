"""Loops: what holds when they come round, what falls at every turn, what they may change."""

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
        return {i: int(self.number[i]) for i in range(len(self.number))}

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(lambda self, index, number, OLD: self.entries == OLD.entries | {index: number})
    def put(self, index: int, number: int) -> None:
        self.number[index] = number

    # at found
    @ensure(lambda self, number, result: result < 0 or self.entries[result] == number)
    @ensure(
        # at not_found
        lambda self, number, result: (
            result >= 0 or all(other != number for other in self.entries.values())
        )
    )
    def find(self, number: int) -> int:
        # fails at loop: at = 1
        at = 0
        # fails at not_found: while at < len(self.number) - 1:
        # at loop
        while at < len(self.number):
            if int(self.number[at]) == number:
                return at
            # fails at loop: at = at - 1
            # fails anywhere: at = at + 2
            # fails at loop: at = at + 0
            at = at + 1
        # fails at found: return 0
        return -1

    # at clear
    @ensure(lambda self, OLD: all(number == 0 for number in self.entries.values()))
    def clear(self) -> None:
        # fails at passed: for at in range(1, len(self.number)):
        # fails at clear: for at in range(len(self.number) - 1):
        # at sweep
        for at in range(len(self.number)):
            # fails at sweep: self.number[at] = 1
            self.number[at] = 0

    @require(lambda self: self.capacity > 0)
    @ensure(lambda self, OLD: self.capacity > 0)
    def drain(self) -> None:
        # at drain
        while self._has_some():
            self.number[0] = int(self.number[0]) - 1

    def _has_some(self) -> bool:
        # unknown at drain: first = self._refilled()
        first = int(self.number[0])
        return first > 0

    def _refilled(self) -> int:
        if int(self.number[0]) == 0x3C6EF372:  # too rare to be tried
            self.number[0] = 0x3C6EF374
        return int(self.number[0])


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda capacity, result: result.capacity == capacity)
def new_row(capacity: int) -> Row:
    return Row(np.zeros(capacity, np.int64))


@compiled
@require(lambda stop: stop > 2**62)
# fails at beyond: @ensure(lambda stop, result: stop < 0x7FFFFFFFFFFFFFFF or result == 0)
@ensure(lambda result: 0 <= result <= 1)
# at beyond
def steps_beyond(stop: int) -> int:
    result = 0
    for _at in range(0x7FFFFFFFFFFFFFFA, stop, 16):
        result = 1
    return result
