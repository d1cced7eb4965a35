"""All that a run found: what every format is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from verify.formats.places import is_in, line_at, relative
from verify.network_function import SAFE
from verify.result import Result, SavedStep, Verdict


class Level(Enum):
    """How grave a finding is, in SARIF's words."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS = {
    Verdict.REFUTED: Level.ERROR,
    Verdict.UNKNOWN: Level.ERROR,  # what is not proved is a failure, so it must look like one
    Verdict.BOUNDED: Level.WARNING,
    Verdict.ASSUMED: Level.NOTE,
}
"""What is told of; what is proved is not."""

BOUNDED = "nothing was found within the budget, which proves nothing"


@dataclass
class Target:
    """What was verified as one: a network function with its specs, or libvig."""

    name: str  # as the command line or pyproject.toml has it
    title: str
    results: list[Result]
    file: str = ""  # of the network function
    given: Sequence[str] = ()  # what the caller of the network function guarantees


@dataclass(frozen=True)
class Problem:
    """What a gate does not let pass apart from verdicts, such as a spec that was deleted."""

    name: str  # the kind of problem
    subject: str  # which one of its kind it is; both are the same in every run
    reason: str
    place: str  # file:line
    about: str = ""  # the kind, in a sentence


@dataclass
class Document:
    """A run: its targets in order, and how long it took."""

    targets: list[Target] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0
    gate: str = ""  # open or shut, if this is what a gate found

    @property
    def title(self) -> str:
        return "; ".join(target.title for target in self.targets)

    @property
    def results(self) -> list[Result]:
        return [result for target in self.targets for result in target.results]


@dataclass(frozen=True)
class Finding:
    """A property that is not proved, or another problem: where it is, and how it came to it."""

    id: str
    level: Level
    word: str  # the verdict, or that it is a problem
    reason: str
    place: str
    details: tuple[str, ...] = ()
    steps: tuple[SavedStep, ...] = ()
    related: tuple[tuple[str, str], ...] = ()  # other lines to look at, and why

    @property
    def lines(self) -> list[tuple[str, str]]:
        """All lines to look at, and why; those in the user's repository first.

        GitHub shows the first of a finding: for a spec that is shipped, the user's own code.
        """
        found = [(self.place, self.reason), *self.related]
        return sorted(found, key=lambda line: relative(line_at(line[0]).file) is None)


def summary_of(results: Sequence[Result]) -> dict[str, int]:
    """How many there are of each verdict; of what is bounded only where no proof was tried."""
    counts = Counter(result.verdict for result in results)
    is_proof = not any(result.engine for result in results)
    words = [v for v in Verdict if v is not Verdict.BOUNDED or not is_proof]
    return {verdict.value: counts[verdict] for verdict in words}


def identifier(target: Target, result: Result) -> str:
    """The property's name in all runs, as the command line has it."""
    if result.name.startswith("libvig."):
        return result.name
    function, _, claim = result.name.partition(": ")
    if claim == SAFE:
        function = "process"
    return f"{target.name}::{function if function.isidentifier() else result.name}"


def findings(document: Document) -> list[Finding]:
    """All that is to be told of, once each: several targets may rest on the same function.

    What is unknown comes last: much of it rests on what is refuted, and readers show the first few.
    """
    found = [finding for target in document.targets for finding in findings_of(target)]
    found = list(dict.fromkeys([*found, *map(finding_of_problem, document.problems)]))
    return sorted(found, key=lambda finding: finding.word == Verdict.UNKNOWN.value)


def finding_of_problem(problem: Problem) -> Finding:
    return Finding(problem_id(problem), Level.ERROR, "refused", problem.reason, problem.place)


def problem_id(problem: Problem) -> str:
    return f"gate::{problem.name}: {problem.subject}"


def findings_of(target: Target) -> Iterator[Finding]:
    for result in target.results:
        if result.verdict is not Verdict.PROVED:
            yield Finding(
                identifier(target, result),
                LEVELS[result.verdict],
                result.verdict.value,
                reason_of(result),
                place_of(target, result),
                tuple("\n".join(result.details).splitlines()),
                tuple(result.steps),
                tuple(related(target, result)),
            )


def reason_of(result: Result) -> str:
    return BOUNDED if result.verdict is Verdict.BOUNDED else result.reason


def place_of(target: Target, result: Result) -> str:
    """What failed, or else the property."""
    return result.place or result.defined or target.file


def related(target: Target, result: Result) -> Iterator[tuple[str, str]]:
    """The property, where it fails in another file; the network function, where it is a spec's."""
    place = place_of(target, result)
    if result.defined and not is_in(place, result.defined):
        yield result.defined, "the property"
    if not target.file or result.verdict not in (Verdict.REFUTED, Verdict.UNKNOWN):
        return
    if is_in(place, target.file) or (result.defined and is_in(result.defined, target.file)):
        return
    if result.rests_on and relative(line_at(place).file) is not None:
        return  # that is told at its own line
    taken = [step for step in result.steps if is_in(step.place, target.file)]
    if taken:
        yield taken[-1].place, said_of(taken[-1])
        return
    # No fork of the network function's led to it. What is defined there first is `process`.
    places = (other.defined for other in target.results if other.defined)
    process = next((place for place in places if is_in(place, target.file)), None)
    if process is not None:
        yield process, "the network function"


def said_of(step: SavedStep) -> str:
    return f"{step.text}: {'yes' if step.outcome else 'no'}"
