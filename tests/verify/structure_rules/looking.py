"""What a method says twice is the same only for the same arguments, and if nothing is written."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I64


class Item(NamedTuple):
    age: int


class Question(NamedTuple):
    number: int
    negated: bool


@compiled_class
class Bit(NamedTuple):
    cell: I64

    @property
    # at value
    def value(self) -> int:
        # unknown at value: return self.turned()
        return int(self.cell[0])

    def turned(self) -> int:
        self.cell[0] = 1 - int(self.cell[0])
        return int(self.cell[0])


@compiled_class
class Sight(NamedTuple):
    cell: I64

    def turned(self) -> int:
        return 0


@compiled_class
class Box(NamedTuple):
    ages: I64
    bit: Bit

    @view
    def entries(self) -> dict[int, Item]:
        return {i: Item(int(self.ages[i])) for i in range(len(self.ages))}

    @require(lambda self, index: index in self.entries and self.entries[index].age < 1000)
    @ensure(lambda self, result: result <= 1000)
    def age(self, index: int) -> int:
        return int(self.ages[index]) + 1

    @ensure(lambda result: 0 <= result <= 1)
    def answer(self, question: Question) -> int:
        return 1 if question.negated else 0

    @ensure(lambda result: 0 <= result <= 1)
    def looked_up(self) -> int:
        return self.bit.value

    @ensure(lambda result: 0 <= result <= 1)
    def turned(self) -> int:
        return self.bit.turned()

    @ensure(lambda result: 0 <= result <= 1)
    def seen(self, sight: Sight) -> int:
        # unknown anywhere: nothing = 0; sight = Bit(self.bit.cell)
        nothing = 0
        return sight.turned() + nothing


@require(lambda capacity: 1 <= capacity <= 1000)
@ensure(lambda capacity, result: all(item.age == 0 for item in result.entries.values()))
def new_box(capacity: int) -> Box:
    return Box(np.zeros(capacity, np.int64), Bit(np.zeros(1, np.int64)))
