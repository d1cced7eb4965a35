"""All paths of a symbolic execution, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from verify.calls import Hooks
from verify.machine import Machine
from verify.path import Failure, Path, PathEnds
from verify.source import Site

MAX_FAILURES = 3  # enough to find one that replays


@dataclass
class Exploration:
    """What came of it."""

    paths: int = 0
    obligations: int = 0
    failures: list[Failure] = field(default_factory=list)
    came_to_end: bool = False  # some input gets through to the end
    unreached: list[Site] = field(default_factory=list)  # asserts that no case gets to


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
        result.paths += 1
        result.obligations += machine.obligations
        result.failures += machine.failures
        result.came_to_end = machine.came_to_end
    return result
