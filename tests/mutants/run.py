"""Tries mutants, several at a time, and says what came of them."""

from __future__ import annotations

import importlib
import multiprocessing
import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

from tests.mutants.kill import Verdict
from tests.mutants.mutant import Mutant
from tests.mutants.survivors import Survivor, outdated, survivor, unknown

Kill = Callable[[Mutant], Verdict]

UNKILLED = ("refused", "survived", "error")


@dataclass
class Score:
    """What came of the mutants that were tried."""

    reviewed: Mapping[Survivor, str]
    by: Counter[tuple[str, str]] = field(default_factory=Counter)  # modules, and what killed there
    killed: list[Mutant] = field(default_factory=list)
    refused: list[Mutant] = field(default_factory=list)  # what the verifier does not understand
    survived: list[Mutant] = field(default_factory=list)
    errors: list[Mutant] = field(default_factory=list)
    never_made: list[Survivor] = field(default_factory=list)  # listed, but there is no such mutant

    def count(self, mutant: Mutant, verdict: Verdict) -> None:
        outcomes = {"killed": self.killed, "refused": self.refused, "survived": self.survived}
        outcomes.get(verdict.outcome, self.errors).append(mutant)
        self.by[mutant.module, verdict.by or verdict.outcome] += 1
        self.by[mutant.module, "tried"] += 1

    @property
    def unlisted(self) -> list[Mutant]:
        """Survivors that nobody has reviewed."""
        return [mutant for mutant in self.survived if survivor(mutant) not in self.reviewed]

    @property
    def outdated(self) -> list[Survivor]:
        """What is listed as a survivor and is none."""
        return [*outdated(self.reviewed, self.killed, self.survived), *self.never_made]

    @property
    def status(self) -> int:
        """0 if all is as it was reviewed; 2 if something could not be decided; else 1."""
        return 2 if self.errors else int(bool(self.unlisted or self.outdated))

    @property
    def text(self) -> str:
        listed = len(self.survived) - len(self.unlisted)
        tried = len(self.killed) + len(self.refused) + len(self.survived) + len(self.errors)
        others = tried - listed
        share = 100 * len(self.killed) / others if others else 0.0
        return (
            f"{len(self.killed)} of {others} mutants killed ({share:.1f} %), {listed} more are "
            f"listed as harmless; {len(self.unlisted)} survived, {len(self.refused)} refused, "
            f"{len(self.errors)} errors"
        )

    @property
    def table(self) -> list[str]:
        """The counts of each module."""
        modules = sorted({module for module, _ in self.by})
        killers = sorted({column for _, column in self.by} - {"tried", *UNKILLED})
        columns = ("tried", *killers, *UNKILLED)
        width = max(map(len, modules), default=0)
        return [
            f"{'module':{width}}" + "".join(f"  {column:>9}" for column in columns),
            *(
                f"{module:{width}}" + "".join(f"  {self.by[module, c]:9}" for c in columns)
                for module in modules
            ),
        ]


def run(
    generated: Sequence[Mutant],
    chosen: Sequence[Mutant],
    *,
    kill: str,
    reviewed: Mapping[Survivor, str],
    processes: int,
    tell: Callable[[str], None],
    verbose: bool = False,
) -> Score:
    """Try the chosen ones of all mutants that were generated; `kill` is `module:function`."""
    score = Score(reviewed, never_made=unknown(reviewed, generated))
    for mutant, verdict in tried(chosen, kill, processes):
        score.count(mutant, verdict)
        is_new = verdict.outcome != "survived" or survivor(mutant) not in reviewed
        if verbose or (verdict.outcome != "killed" and is_new):
            reason = f": {verdict.reason}" if verdict.reason else ""
            tell(f"{verdict.outcome.upper():9} {mutant.description}{reason}")
    for entry in score.outdated:
        tell(f"OUTDATED  {entry.module}, {entry.function}: {entry.mutation}, in `{entry.line}`")
    return score


def tried(chosen: Sequence[Mutant], kill: str, processes: int) -> Iterator[tuple[Mutant, Verdict]]:
    """Yield each mutant with what came of it, in order."""
    if processes < 2:
        for mutant in chosen:
            yield mutant, judged(kill, mutant)
        return
    # Forked, the processes have what is known of the unchanged modules.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        futures = [pool.submit(judged, kill, mutant) for mutant in chosen]
        for mutant, future in zip(chosen, futures, strict=True):
            yield mutant, _result(future)


def judged(kill: str, mutant: Mutant) -> Verdict:
    """Return what a killer says. That it fails is an error, and no kill."""
    try:
        return killer(kill)(mutant)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Verdict("error", f"{type(error).__name__} in {where.name}: {error}")


def killer(name: str) -> Kill:
    """Return the function of the name `module:function`."""
    module, _, function = name.partition(":")
    found: Kill = getattr(importlib.import_module(module), function)
    return found


def sampled(mutants: Iterable[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return some mutants in their order, the same ones for the same seed."""
    every = list(mutants)
    places = random.Random(seed).sample(range(len(every)), min(size, len(every)))
    return [every[place] for place in sorted(places)]


def _result(future: Future[Verdict]) -> Verdict:
    try:
        return future.result()
    except BrokenProcessPool as error:
        return Verdict("error", str(error))
