"""Asks twice."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from tests.verify.structure_rules.looking import Box, Question, Sight


@compiled
@require(lambda box, index: index in box.entries and box.entries[index].age < 1000)
# fails at age: @ensure(lambda box, index, result: result == box.entries[index].age)
@ensure(lambda result: result <= 1000)
# at age
def age_in(box: Box, index: int) -> int:
    return box.age(index)


@compiled
# fails at answers: @ensure(lambda result: result == 0)
@ensure(lambda result: result <= 1)
# at answers
def difference(box: Box, number: int) -> int:
    return box.answer(Question(number, True)) - box.answer(Question(number, False))


@compiled
@ensure(lambda result: result == 0)
# at look
def looked_up_twice(box: Box) -> int:
    before = box.looked_up()
    # unknown at look: between = box.turned()
    between = box.looked_up()
    return box.looked_up() - before if between < 2 else 0


@compiled
@ensure(lambda result: result == 0)
def seen_in_between(box: Box, sight: Sight) -> int:
    before = box.looked_up()
    between = box.seen(sight)
    return box.looked_up() - before if between < 2 else 0


@compiled_class
@invariant(lambda self: self.box.looked_up() == 0)
class Holder(NamedTuple):
    box: Box


@compiled
@ensure(lambda result: result == 0)
def held(holder: Holder) -> int:
    return holder.box.looked_up()


@compiled
@require(lambda limit: limit >= 0)
def held_after(holder: Holder, limit: int) -> int:
    # unknown at held: limit = holder.box.turned()
    limit = holder.box.looked_up()
    # at held
    return held(holder) - limit
