"""Congruences by elimination: the facts that matter are found, and no others; the solver judges."""

from __future__ import annotations

import random

import pytest
import z3

from verify.congruences import enough
from verify.formulas import Formula, all_of, comparison, negated
from verify.integers import Int, atom_of, remainder
from verify.logic import negation
from verify.path import Path

MODULUS = 0xFFFF


def number(name: str) -> Int:
    return Int(0, ((atom_of(z3.Int(f"congruences.{name}"), 0, 2**16 - 1), 1),))


A, B, C, D, E = map(number, "abcde")


def is_congruent(a: Int, b: Int, modulus: int = MODULUS) -> Formula:
    rest = Int(0, ((remainder(a.plus(b, -1), modulus, is_heavy=True), 1),))
    return comparison(rest, is_equation=True)


def follows(goal: Formula, facts: list[Formula]) -> bool:
    """What a path makes of it; what elimination gives must be enough for the solver."""
    found = enough(goal, facts)
    if found is not None:
        assert set(found) <= set(facts)
        solver = z3.Solver()
        solver.add(*(fact.term() for fact in found), negated(goal).term())
        assert solver.check() == z3.unsat
    return found is not None


def test_sums_of_congruences() -> None:
    facts = [is_congruent(A, B), is_congruent(B.times(256), C), is_congruent(D, E)]
    assert follows(is_congruent(A.times(256).plus(D), C.plus(E)), facts)
    assert enough(is_congruent(A, B), facts) == facts[:1]


def test_equations_count_too() -> None:
    facts = [comparison(A.plus(B, -1).plus(Int(-5)), is_equation=True), is_congruent(B, C)]
    assert follows(is_congruent(A, C.plus(Int(5))), facts)
    assert not follows(is_congruent(A, C.plus(Int(4))), facts)


def test_what_is_left_of_a_disjunction_counts() -> None:
    is_zero = comparison(A, is_equation=True)
    either = negated(all_of([negated(is_zero), negated(is_congruent(B, C))]))
    assert follows(is_congruent(B, C), [either, negated(is_zero)])
    assert not follows(is_congruent(B, C), [either])


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [is_congruent(A, B)],
        [is_congruent(A, C.plus(Int(1))), is_congruent(B, C)],
        [is_congruent(A.times(3), C), is_congruent(B.times(3), C)],  # 3 divides the modulus
        [is_congruent(A, C, 0xFFFE)],
        [negated(is_congruent(A, C))],
        [comparison(A.plus(C, -1), is_equation=False)],
    ],
)
def test_what_does_not_follow(facts: list[Formula]) -> None:
    assert not follows(is_congruent(A, C), facts)


def test_random_combinations() -> None:
    chance = random.Random(1)
    numbers = [A, B, C, D, E]
    found = 0
    for _ in range(20):
        facts = []
        goal = Int(0)
        for _ in range(3):
            form = Int(chance.randrange(9))
            for n in chance.sample(numbers, 3):
                form = form.plus(n, chance.choice([-1, 1, 256]))
            facts.append(is_congruent(form, Int(0)))
            goal = goal.plus(form, chance.choice([-1, 1]))
        found += follows(is_congruent(goal, Int(0)), facts)
        assert not follows(is_congruent(goal, Int(1)), facts)
    assert found > 10  # of all: what 3, 5, 17 or 257 divides has no inverse


def test_a_path_counts_on_what_the_solver_says() -> None:
    path = Path()
    for fact in (is_congruent(A, B), is_congruent(B, C)):
        path.assume(fact)
    with path.scope():
        path.assume(negation(is_congruent(A, C)))
        assert path.check() == z3.unsat
    path.assume(negation(is_congruent(A, D)))
    assert path.check() == z3.sat
