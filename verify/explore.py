"""All paths of a symbolic execution, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from verify.calls import Hooks
from verify.machine import Machine
from verify.path import Failure, Path, PathEnds
from verify.path_tree import End, Ending
from verify.sharing import Shared
from verify.source import Site
from verify.values import Value
from verify.writes import Contents

MAX_FAILURES = 3  # enough to find one that replays


@dataclass
class Exploration:
    """What came of it."""

    paths: int = 0
    obligations: int = 0
    solver_calls: int = 0
    failures: list[Failure] = field(default_factory=list)
    came_to_end: bool = False  # some input gets through to the end
    unreached: list[Site] = field(default_factory=list)  # asserts that no case gets to
    ends: list[End] = field(default_factory=list)  # of a tree's paths


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
        result.solver_calls += path.solver.calls
        result.failures += machine.failures
        result.came_to_end = machine.came_to_end
    return result


class Tree:
    """All paths of an execution that goes step by step: what they share is executed once."""

    def __init__(self, hooks: Hooks, shared: Shared, path_type: type[Path] = Path) -> None:
        self.path = path_type()
        self.machine = Machine(self.path, hooks, shared=shared)
        self.ends: list[End] = []
        self.told = 0  # of the machine's failures

    def branches(self, values: Iterable[Value]) -> Iterator[None]:
        """The ways through the step that is taken in the loop over them; in it, the next follows.

        What a way did to the path, and to what is in `values`, is undone before the next.
        """
        contents, asserts = Contents.of(values), set(self.machine.asserts)
        pending: list[list[int]] = [[]]
        while pending and len(self.machine.failures) < MAX_FAILURES:
            with self.path.branch_off(pending.pop()):
                contents.restore()
                self.machine.asserts = set(asserts)
                yield
                pending += self.path.alternatives

    def path_ends(
        self, ending: Ending, returned: str = "", text: str = "", site: Site | None = None
    ) -> None:
        """Note how the path ends, if that is not because an obligation failed."""
        failures = self.machine.failures
        if len(failures) > self.told:
            ending, text, site = Ending.OPEN, failures[-1].label, failures[-1].site
        self.told = len(failures)
        self.ends.append(End(tuple(self.path.steps), ending, returned, text, site))

    def result(self) -> Exploration:
        """What came of it."""
        machine = self.machine
        return Exploration(
            len(self.ends),
            machine.obligations,
            self.path.solver.calls,
            machine.failures,
            machine.came_to_end,
            ends=self.ends,
        )
