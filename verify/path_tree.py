"""The paths of an execution as a tree: where they part, and how each of them ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from verify.program import Program
from verify.source import Site

if TYPE_CHECKING:
    from verify.path import Failure, Step  # with Z3, which takes a while


class Ending(Enum):
    """How a path ends."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "not proved"  # and not seen to go wrong in CPython
    SILENT = "nothing asserted"
    EXCLUDED = "excluded"  # by an assumption of the spec
    IMPOSSIBLE = "impossible"  # no input gets here


@dataclass(frozen=True)
class End:
    """The end of a path; its site is that of what was not proved, or of the assumption."""

    steps: tuple[Step, ...]
    ending: Ending
    returned: str = ""  # what process returned on this path, call by call
    text: str = ""  # what was not proved, or what is assumed
    site: Site | None = None


@dataclass(frozen=True)
class Fork:
    """A condition that is true on some paths, and false on others."""

    site: Site
    text: str
    ways: tuple[tuple[bool, Nodes], ...]


Nodes: TypeAlias = "tuple[Fork | End, ...]"
"""One fork or end; several only where paths part without a condition."""


def tree_of(ends: Sequence[End], depth: int = 0) -> Nodes:
    """The tree of these paths, of which the first `depth` steps are the same.

    Steps that leave one way only are left out, as they tell no paths apart.
    """
    if len(ends) <= 1:
        return tuple(ends)
    over = [end for end in ends if len(end.steps) == depth]
    by_step: dict[Step, list[End]] = {}
    for end in ends:
        if len(end.steps) > depth:
            by_step.setdefault(end.steps[depth], []).append(end)
    if not over and len(by_step) == 1:
        return tree_of(ends, depth + 1)
    ways: dict[tuple[Site, str], list[tuple[bool, Nodes]]] = {}
    for step, some in by_step.items():
        ways.setdefault((step.site, step.text), []).append((step.outcome, tree_of(some, depth + 1)))
    return (*over, *(Fork(*condition, tuple(branches)) for condition, branches in ways.items()))


def judged(ends: Sequence[End], refuted: Failure | None) -> list[End]:
    """The ends, once it is known which failure was seen to go wrong in CPython, if any was."""
    return [
        replace(end, ending=Ending.REFUTED)
        if refuted is not None and end.ending is Ending.OPEN and end.steps == refuted.steps
        else end
        for end in ends
    ]


def named(ends: Sequence[End], program: Program) -> list[End]:
    """The ends, with the name of the function before a condition of its postcondition."""
    owners = postconditions(program)

    def with_owner(step: Step) -> Step:
        owner = owners.get(step.site)
        return step if owner is None else replace(step, text=f"{owner}: {step.text}")

    return [replace(end, steps=tuple(map(with_owner, end.steps))) for end in ends]


def postconditions(program: Program) -> dict[Site, str]:
    """Which function a line belongs to, if it is one of its postconditions."""
    functions = [
        function
        for module in program.modules.values()
        for scope in (module.functions, *(cls.methods for cls in module.classes.values()))
        for function in scope.values()
    ]
    return {
        Site(function.module.path, line): function.qualified_name
        for function in functions
        for contract in function.ensures
        for line in contract.lines
    }
