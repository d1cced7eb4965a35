"""Asks twice."""

from __future__ import annotations

from libvig.compile import compiled
from libvig.contracts import ensure, require
from tests.verify.structure_rules.looking import Box, Question


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
