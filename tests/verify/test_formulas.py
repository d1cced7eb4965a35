"""Formulas: made once, and meaning in the solver what they mean here."""

import z3

from verify.formulas import (
    Kind,
    all_of,
    comparison,
    in_range,
    negated,
    of_solver,
    predicate,
    same,
    truth_value,
)
from verify.integers import Int, atom_of

X, Y = (Int(0, ((atom_of(z3.Int(name), -100, 100), 1),)) for name in ("formulas.x", "formulas.y"))


def are_equivalent(a: z3.BoolRef, b: z3.BoolRef) -> bool:
    solver = z3.Solver()
    solver.add(a != b)
    return bool(solver.check() == z3.unsat)


def test_the_same_formula_is_the_same_object() -> None:
    form = X.plus(Y, -2).plus(Int(3))
    assert comparison(form, is_equation=True) is comparison(form.times(-1), is_equation=True)
    assert comparison(form, is_equation=False) is not comparison(form.times(-1), is_equation=False)
    small = comparison(X, is_equation=False)
    assert all_of([small]) is small
    assert negated(negated(small)) is small
    assert all_of([small, negated(small)]) is all_of([small, negated(small)])
    assert predicate("formulas.holds", X) is predicate("formulas.holds", X)
    assert predicate("formulas.holds", X) is not predicate("formulas.holds", Y)


def test_each_kind_means_the_same_to_the_solver() -> None:
    x, y = X.term(), Y.term()
    form = X.plus(Y, -2).plus(Int(3))
    equal, at_most = (comparison(form, is_equation=truth) for truth in (True, False))
    assert are_equivalent(equal.term(), x - 2 * y + 3 == 0)
    assert are_equivalent(at_most.term(), x - 2 * y + 3 <= 0)
    assert not are_equivalent(at_most.term(), x - 2 * y + 3 < 0)
    assert are_equivalent(negated(equal).term(), x - 2 * y + 3 != 0)
    assert are_equivalent(all_of([equal, at_most]).term(), x - 2 * y + 3 == 0)
    assert are_equivalent(same(equal, at_most).term(), x - 2 * y + 3 >= 0)
    assert are_equivalent(in_range(X.terms[0][0]).term(), z3.And(x >= -100, x <= 100))
    assert are_equivalent(truth_value("formulas.b").term(), z3.Bool("formulas.b"))


def test_a_solvers_formula_is_known_by_its_term() -> None:
    law = of_solver(X.term() * Y.term() == 7)
    assert law.kind is Kind.SOLVERS
    assert law is of_solver(X.term() * Y.term() == 7)
    assert not law.is_heavy
    heavy = of_solver(X.term() * Y.term() == 8, is_heavy=True)
    assert all_of([law, heavy]).is_heavy
