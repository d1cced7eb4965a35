"""Proof files tried in CPython: before the solver is asked, and for a countermodel when it fails.

The calls are random, from the constructor on, at capacities of 1 to 4, contracts on. What fails
there is refuted; what does not is not proved by it.
"""

from __future__ import annotations

import re
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
    """What goes wrong in a few calls of what a module defines; that a loop is long is not wrong."""
    failure = rehearse(module, steps=BEFORE, sources=program.overlay).failure
    return None if failure is not None and is_long(failure) else failure


def countermodel(program: Program, function: Function, label: str) -> Failure | None:
    """Calls from the constructor on, of which the last is of this function and goes wrong.

    That it does not come to an end shows nothing unless this is what could not be proved.
    """
    for seed in range(SEARCHES):
        outcome = rehearse(function.module.name, steps=CALLS, seed=seed, sources=program.overlay)
        found = outcome.failure
        if found is not None and is_of(found, function):
            if not is_long(found) or " falls at every turn" in label:
                return found
    return None


def is_of(failure: Failure, function: Function) -> bool:
    """Whether it is a call of this function that went wrong."""
    last = failure.calls[-1] if failure.calls else ""
    before = r"\." if function.owner is not None else r"(?<![.\w])"
    return re.search(rf"{before}{function.name}\(", last) is not None


def is_long(failure: Failure) -> bool:
    """Whether a loop was given up on after very many turns."""
    return "does not end" in failure.reason


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
