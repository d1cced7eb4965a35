"""Tries mutants, several at a time, and says what came of them."""

from __future__ import annotations

import importlib
import random
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

from tests.mutants.kill import Verdict
from tests.mutants.mutant import Mutant
from tests.mutants.survivors import Survivor, outdated, survivor, unknown

Kill = Callable[[str, str, str], Verdict]  # of module, function and source


@dataclass
class Score:
    """What came of the mutants that were tried."""

    reviewed: Mapping[Survivor, str]
    killed: list[Mutant] = field(default_factory=list)
    survived: list[Mutant] = field(default_factory=list)
    errors: list[tuple[Mutant, str]] = field(default_factory=list)
    never_made: list[Survivor] = field(default_factory=list)  # listed, but there is no such mutant

    def count(self, mutant: Mutant, verdict: Verdict) -> None:
        if verdict.outcome == "error":
            self.errors.append((mutant, verdict.reason))
        else:
            (self.killed if verdict.outcome == "killed" else self.survived).append(mutant)

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
        tried = len(self.killed) + len(self.survived) + len(self.errors)
        share = 100 * len(self.killed) / tried if tried else 0.0
        reviewed = len(self.survived) - len(self.unlisted)
        return (
            f"{len(self.killed)} of {tried} mutants killed ({share:.1f} %), {reviewed} survivors "
            f"listed as equivalent, {len(self.unlisted)} not listed, {len(self.errors)} errors"
        )


def run(
    generated: Sequence[Mutant],
    chosen: Sequence[Mutant],
    *,
    kill: str,
    reviewed: Mapping[Survivor, str],
    processes: int,
    tell: Callable[[str], None],
) -> Score:
    """Try the chosen ones of all mutants that were generated; `kill` is `module:function`."""
    score = Score(reviewed, never_made=unknown(reviewed, generated))
    for mutant, verdict in tried(chosen, kill, processes):
        score.count(mutant, verdict)
        if verdict.outcome == "error":
            tell(f"ERROR     {mutant.description}: {verdict.reason}")
        elif verdict.outcome == "survived" and survivor(mutant) not in reviewed:
            tell(f"SURVIVED  {mutant.description}")
    for entry in score.outdated:
        tell(f"OUTDATED  {entry.module}, {entry.function}: {entry.mutation}, in `{entry.line}`")
    return score


def tried(chosen: Sequence[Mutant], kill: str, processes: int) -> Iterator[tuple[Mutant, Verdict]]:
    """Yield each mutant with what came of it, in order."""
    if processes < 2:
        for mutant in chosen:
            yield mutant, judged(kill, mutant.module, mutant.function, mutant.source)
        return
    with ProcessPoolExecutor(processes) as pool:
        futures = [pool.submit(judged, kill, m.module, m.function, m.source) for m in chosen]
        for mutant, future in zip(chosen, futures, strict=True):
            yield mutant, _result(future)


def judged(kill: str, module: str, function: str, source: str) -> Verdict:
    """Return what a killer says. That it fails is an error, and no kill."""
    try:
        return killer(kill)(module, function, source)
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
