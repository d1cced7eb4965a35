"""All paths of a symbolic execution, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from verify.calls import Hooks
from verify.machine import Machine
from verify.path import Failure, Path, PathEnds
from verify.source import Site
from verify.values import Value
from verify.writes import Contents

MAX_FAILURES = 3  # enough to find one that replays


@dataclass
class Exploration:
    """What came of it."""

    paths: int = 0
    obligations: int = 0
    failures: list[Failure] = field(default_factory=list)
    came_to_end: bool = False  # some input gets through to the end
    unreached: list[Site] = field(default_factory=list)  # asserts that no case gets to

    def add(self, machine: Machine) -> None:
        """Add what came of one path."""
        self.paths += 1
        self.obligations += machine.obligations
        self.failures += machine.failures
        self.came_to_end = machine.came_to_end


@dataclass(frozen=True)
class Prepared:
    """What all paths have in common was executed; what is left, and what it may write to."""

    rest: Callable[[Machine], None]
    values: list[Value]


def explore(
    action: Callable[[Machine], None], hooks: Hooks, path_type: type[Path] = Path
) -> Exploration:
    """Run the action on every path. It forks by itself; its effects must be on the machine only."""
    result = Exploration()
    pending: list[list[int]] = [[]]
    while pending and len(result.failures) < MAX_FAILURES:
        path = path_type(pending.pop())
        machine = Machine(path, hooks, came_to_end=result.came_to_end)
        with suppress(PathEnds):  # a failure is on the machine; else nothing can happen here
            action(machine)
        pending += path.alternatives
        result.add(machine)
    return result


def explore_behind(
    prepare: Callable[[Machine], Prepared], hooks: Hooks, path_type: type[Path] = Path
) -> Exploration:
    """The same, where what comes before the first fork is executed once, and not on every path."""
    result = Exploration()
    path = path_type()
    common = Machine(path, hooks)
    try:
        prepared = prepare(common)
    except PathEnds:
        result.add(common)
        return result
    if path.alternatives:  # it forks, too
        return explore(lambda machine: prepare(machine).rest(machine), hooks, path_type)
    result.obligations = common.obligations
    contents = Contents.of(prepared.values)
    pending: list[list[int]] = [[]]
    while pending and len(result.failures) < MAX_FAILURES:
        with path.branch_off(pending.pop()):
            contents.restore()
            machine = replace(
                common,
                obligations=0,
                failures=[],
                guards=[],
                came_to_end=result.came_to_end,
                asserts=set(common.asserts),
                helpers=set(common.helpers),
                built=list(common.built),
            )
            with suppress(PathEnds):
                prepared.rest(machine)
            pending += path.alternatives
        result.add(machine)
    return result
