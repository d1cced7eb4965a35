"""Numbers have 64 bits wherever their being so is taken for granted: results, fields, views."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I64


class Word(NamedTuple):
    number: int


@compiled_class
class Scaled(NamedTuple):
    factor: int
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        # unknown anywhere: return {i: Word(int(self.number[i])) for i in range(len(self.number))}
        return {i: int(self.number[i]) for i in range(len(self.number))}

    @require(lambda low, middle, high: low < middle < high)
    @ensure(lambda result: result == 1)
    def chosen(self, low: int, middle: int, high: int) -> int:
        if low == 0x3C6EF372:  # too rare to be tried
            # fails anywhere: return 2 if low < high else 1 // 0
            return 1 if low < high else 2
        return 1


# fails anywhere: @require(lambda capacity: -1 <= capacity <= 1000)
@require(lambda capacity: 1 <= capacity <= 1000)
# fails anywhere: @require(lambda factor: factor >= 0)
@require(lambda factor: 0 <= factor < 2**20)
@ensure(lambda capacity, result: result.capacity == capacity)
@ensure(lambda factor, result: result.factor == factor * 2**40)
def new_scaled(capacity: int, factor: int) -> Scaled:
    return Scaled(factor * 2**40, np.zeros(capacity, np.int64))


# unknown anywhere: @require(lambda number: number >= 0)
@require(lambda number: 0 <= number < 2**20)
@ensure(lambda number, result: result == number * 2**40)
def scaled(number: int) -> int:
    return number * 2**40
