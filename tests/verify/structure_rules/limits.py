"""Numbers have 64 bits, and fields their type, wherever that is taken for granted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require, view
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
        # unknown anywhere: return {i: int(self.number[i]) * 2 for i in range(len(self.number))}
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


@compiled
@require(lambda number: number >= 0)
@ensure(lambda number: number < 2**63)
def low_byte(number: int) -> int:
    return number & 0xFF


@require(lambda number: 0 <= number < 2**50)
@ensure(lambda number: number < 2**50)
def handed_on(number: int) -> int:
    # fails: return low_byte(number * 2**20)
    return low_byte(number)


@compiled
def lowest_byte(number: int) -> int:
    return number & 0xFF


@require(lambda number: 0 <= number < 2**20)
@ensure(lambda result: result == 0)
def inlined(number: int) -> int:
    # fails: return lowest_byte(number * 2**60)
    return lowest_byte(number * 2**40)


# unknown at few: @invariant(lambda self: 5 <= self.number < 3)
@invariant(lambda self: 3 <= self.number < 5)
# at few
class Few(NamedTuple):
    number: int


@compiled_class
class Nothing(NamedTuple):
    number: I64

    @view
    def entries(self) -> dict[int, Few]:
        return {i: Few(int(self.number[i])) for i in range(len(self.number)) if i < 0}

    @ensure(lambda self, key: 0 not in self.entries or self.entries[0].number != key)
    def find(self, key: int) -> int:
        return -1


@ensure(lambda result: result.entries == {})
def new_nothing() -> Nothing:
    return Nothing(np.zeros(1, np.int64))


@compiled
@ensure(lambda key, result: key > 7 or result == 1)
def sought(nothing: Nothing, key: int) -> int:
    if key > 7:
        return nothing.find(key)
    return 1


class Held(NamedTuple):
    few: Few


@compiled
@ensure(lambda held, result: result == held.few.number and result < 5)
def number_of(held: Held) -> int:
    return held.few.number


@compiled
@ensure(lambda result: result < 5)
def small(number: int) -> int:
    if number == 0x3C6EF372:  # too rare to be tried
        # unknown: return number_of(Held(Word(number)))
        return number_of(Held(Few(4)))
    return 0
