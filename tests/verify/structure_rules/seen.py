"""What another module is told of a structure is the view that is proved here, and no more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I64


@compiled
def shown(number: int) -> int:
    # unknown at lookup: return number // 2
    return number


@compiled_class
class Ports(NamedTuple):
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        # unknown at lookup: return {i: -int(self.number[i]) for i in range(len(self.number))}
        return {i: shown(int(self.number[i])) for i in range(len(self.number))}

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> int:
        return shown(int(self.number[index]))

    @require(lambda self, index: 0 <= index < self.capacity)
    # unknown at read: @ensure(lambda self, OLD: self.capacity > 0)
    @ensure(lambda self, index, number, OLD: self.entries == OLD.entries | {index: shown(number)})
    def put(self, index: int, number: int) -> None:
        self.number[index] = number


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda capacity, result: result.capacity == capacity)
@ensure(lambda result: all(number == 0 for number in result.entries.values()))
def new_ports(capacity: int) -> Ports:
    return Ports(np.zeros(capacity, np.int64))
