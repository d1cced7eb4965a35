"""Intermediate values fit 64 bits, what is stored fits its array, indices are in range."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I32, I64


@compiled_class
class Store(NamedTuple):
    short: I32
    long: I64

    @property
    def capacity(self) -> int:
        return len(self.short)

    @view
    def entries(self) -> dict[int, int]:
        # fails: return {i: int(self.short[i + 1]) for i in range(len(self.short))}
        return {i: int(self.short[i]) for i in range(len(self.short))}

    # fails at store: @require(lambda self, index: index < self.capacity)
    # fails at store: @require(lambda self, index: 0 <= index <= self.capacity)
    @require(lambda self, index: 0 <= index < self.capacity)
    # fails at store: @require(lambda number: 0 <= number <= 2**31)
    @require(lambda number: 0 <= number < 2**31)
    @ensure(lambda self, index, number, OLD: self.entries == OLD.entries | {index: number})
    def set(self, index: int, number: int) -> None:
        # at store
        self.short[index] = number

    # fails at sum: @require(lambda number: number >= 0)
    @require(lambda number: 0 <= number < 2**62)
    @ensure(lambda number, result: result == 2 * number)
    def twice(self, number: int) -> int:
        # at sum
        return number + number

    @require(lambda divisor: divisor > 0)
    @ensure(lambda number, divisor, result: result == number // divisor)
    def share(self, number: int, divisor: int) -> int:
        # fails: return number // (divisor - 1)
        return number // divisor


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda capacity, result: result.capacity == capacity)
def new_store(capacity: int) -> Store:
    # fails: return Store(np.full(capacity, 2**31, np.int32), np.zeros(capacity, np.int64))
    # unknown: return Store(np.zeros(capacity, np.int64), np.zeros(capacity, np.int64))
    return Store(np.zeros(capacity, np.int32), np.zeros(capacity, np.int64))


@require(lambda capacity: 0 <= capacity <= 1000)
# fails anywhere: @require(lambda capacity, number: capacity == 0 or 0 <= number < 2**31)
@require(lambda number: 0 <= number < 2**31)
@ensure(lambda capacity, result: result.capacity == capacity)
def filled_store(capacity: int, number: int) -> Store:
    return Store(np.full(capacity, number, np.int32), np.zeros(capacity, np.int64))
