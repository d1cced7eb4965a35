"""Proof files tried in CPython: before the solver is asked, and for a countermodel when it fails.

The calls are random, from the constructor on, at capacities of 1 to 4, contracts on. What fails
there is refuted; what does not is not proved by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from libvig.proof.rehearsal import Failure, rehearse
from verify.source import Contract, Function, Module, Program, Site

BEFORE = 25  # calls before the solver is asked: a wrong predicate shows soon
SEARCHES = 6  # for a countermodel, each of as many calls as this
CALLS = 200

NO_COUNTERMODEL = (
    f"the solver found no proof, and {SEARCHES * CALLS} random calls at small capacities no "
    "countermodel: an invariant is probably missing"
)


def first_failure(program: Program, module: str) -> Failure | None:
    """What goes wrong in a few calls of what a module defines."""
    return rehearse(module, steps=BEFORE, sources=program.overlay).failure


def countermodel(program: Program, function: Function) -> Failure | None:
    """Calls from the constructor on, of which the last is of this function and goes wrong."""
    for seed in range(SEARCHES):
        outcome = rehearse(function.module.name, steps=CALLS, seed=seed, sources=program.overlay)
        if outcome.failure is not None and is_of(outcome.failure, function):
            return outcome.failure
    return None


def is_of(failure: Failure, function: Function) -> bool:
    """Whether it is a call of this function that went wrong."""
    last = failure.calls[-1] if failure.calls else ""
    return f"{function.name}(" in last


def site_of(program: Program, failure: Failure) -> Site:
    """Where the predicate or condition stands that does not hold."""
    path = Path(failure.file).resolve()
    for module in program.modules.values():
        if module.path == path:
            for definition in _definitions(module):
                if isinstance(definition, Contract) and failure.line in definition.lines:
                    return definition.site
                if isinstance(definition, Function) and failure.line in _heading(definition):
                    return definition.site
    return Site(path, failure.line)


def _definitions(module: Module) -> Iterator[Contract | Function]:
    methods = [m for cls in module.classes.values() for m in cls.methods.values()]
    functions = [*module.functions.values(), *methods]
    for cls in module.classes.values():
        yield from cls.invariants
    for function in functions:
        yield from (*function.requires, *function.ensures)
    yield from functions


def _heading(function: Function) -> range:
    """Lines of a function's decorators, and that of its name."""
    lines = [d.lineno for d in function.node.decorator_list]
    return range(min([*lines, function.node.lineno]), function.node.lineno + 1)


def account(failure: Failure) -> list[str]:
    """The calls that lead there, and the values for which it fails."""
    return [
        *(f"  {call}" for call in failure.calls),
        *(f"  {name} = {value}" for name, value in failure.values.items()),
    ]
