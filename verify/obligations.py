"""Proof obligations: what the solver says of a goal, and the failure where it is not proved."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import z3

from verify import second_solver
from verify.formulas import Formula, Kind
from verify.logic import negation
from verify.path import Failure, PathEnds, Status
from verify.source import Site
from verify.values import Bool, Quantified, Unsupported

if TYPE_CHECKING:
    from verify.machine import Machine


def discharge(machine: Machine, label: str, site: Site, goal: Bool | Quantified) -> None:
    """Ask whether the goal holds under the guards; if not, note a failure and end the path."""
    with machine.path.scope():
        try:
            for guard in machine.guards:
                machine.path.assume(guard)
            if isinstance(goal, Quantified):
                if goal.negated:
                    raise Unsupported(f"{site}: `any` cannot be proved; name the witness")
                goal = machine.path.open(goal)
            answer = _answer(machine, goal)
            if answer == z3.unsat:
                second_solver.conclude(label, site)
        except PathEnds:
            return
        if answer == z3.unsat:
            return
        status = Status.REFUTED if answer == z3.sat else Status.UNKNOWN
        cases = machine.hooks.read_models(machine.path) if answer == z3.sat else ()
        steps = tuple(machine.path.steps)
        machine.failures.append(Failure(label, site, status, steps, cases, machine.contract))
    raise PathEnds


def _answer(machine: Machine, goal: Bool) -> z3.CheckSatResult:
    """What the solver says of the goal's negation, which is assumed; PathEnds if it cannot be."""
    if machine.path.splits_goals:
        return _answer_in_parts(machine, goal)
    machine.path.assume(negation(goal))
    answer = machine.path.check()
    if answer == z3.unsat:
        second_solver.ask_part(machine.path)
    else:
        second_solver.drop()
    return answer


def _answer_in_parts(machine: Machine, goal: Bool) -> z3.CheckSatResult:
    """What the solver says of each part of a conjunction; the first that may fail is assumed."""
    for part in parts(goal):
        if part is not True:
            with machine.path.scope(), suppress(PathEnds):
                machine.path.assume(negation(part))
                if machine.path.check() != z3.unsat:
                    break
                second_solver.ask_part(machine.path)
    else:
        return z3.unsat
    second_solver.drop()
    machine.path.assume(negation(part))
    answer = machine.path.check()  # once more, for the model; the parts behind are still open
    return z3.unknown if answer == z3.unsat else answer


def parts(goal: Bool) -> list[Bool]:
    """A conjunction, part by part."""
    if isinstance(goal, Formula) and goal.kind is Kind.AND:
        return [part for child in goal.parts for part in parts(child)]
    return [goal]
