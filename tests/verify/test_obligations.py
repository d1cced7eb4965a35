"""What counts as proved when the solver is asked more than once."""

from __future__ import annotations

from pathlib import Path as File

import pytest
import z3

from verify.calls import Hooks
from verify.formulas import all_of, of_solver
from verify.laws import LawfulPath
from verify.machine import Machine
from verify.path import PathEnds, Status
from verify.source import Site

X, Y = z3.Ints("x y")


def test_a_second_answer_for_one_part_does_not_prove_the_parts_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([z3.unknown, z3.unsat])
    monkeypatch.setattr(LawfulPath, "check", lambda *_: next(answers))
    machine = Machine(LawfulPath(), Hooks(lambda _: None, lambda _: ()))
    goal = all_of([of_solver(X > 3), of_solver(Y > 3)])
    with pytest.raises(PathEnds):
        machine.oblige("both", Site(File("none"), 1), goal)
    assert [failure.status for failure in machine.failures] == [Status.UNKNOWN]
