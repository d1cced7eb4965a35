"""What a verification says, in a form that passes between processes and into reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from libvig.proof.rehearsal import Failure
    from verify.arguments import Argument
    from verify.path_tree import End  # which is made of paths, and these import this module


class Verdict(Enum):
    """The only words for a result. Without the last, there are those of the prover."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    ASSUMED = "assumed"
    BOUNDED = "bounded"  # nothing was found within a budget, which proves nothing


@dataclass(frozen=True)
class SavedPacket:
    """A packet of a counterexample."""

    time: int
    device: int
    data: bytes
    wire_length: int


@dataclass(frozen=True)
class SavedStep:
    """A fork on the path to what failed."""

    place: str  # file:line
    text: str  # the condition
    outcome: bool


@dataclass
class Tally:
    """How often a second solver agrees; the names of what it does not agree with."""

    asked: int = 0
    disagree: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)

    @property
    def agree(self) -> int:
        return self.asked - len(self.disagree) - len(self.undecided)


@dataclass
class SecondOpinion:
    """What a second solver says of what Z3 proved."""

    obligations: Tally = field(default_factory=Tally)
    dead_ends: Tally = field(default_factory=Tally)  # branches that no input takes
    unasked: int = 0  # obligations that needed no solver

    @property
    def tallies(self) -> tuple[Tally, Tally]:
        return self.obligations, self.dead_ends


@dataclass
class Result:
    """One property, with all that a report may show of it."""

    name: str
    verdict: Verdict
    place: str = ""  # file:line of the property, or of what failed
    paths: int = 0
    obligations: int = 0
    solver_calls: int = 0
    seconds: float = 0.0
    defined: str = ""  # file:line of the property
    about: str = ""  # its docstring
    reason: str = ""  # one line: what failed, why unknown, why assumed
    details: list[str] = field(default_factory=list)  # the counterexample, line by line
    steps: list[SavedStep] = field(default_factory=list)  # the forks that led to what failed
    packets: list[SavedPacket] = field(default_factory=list)
    test: str = ""  # a pytest file that shows the failure
    relied: list[str] = field(default_factory=list)
    rests_on: str = ""  # what is not proved, and this with it
    second_opinion: SecondOpinion | None = None
    reused: bool = False  # was proved before, of the very same sources
    seen: Failure | None = None  # of another function, while this was tried in CPython
    ends: list[End] = field(default_factory=list)  # of its paths, if that was asked for
    engine: str = ""  # that looked for counterexamples only, and does not prove
    dismissed: int = 0  # findings of that engine's that did not show on the real code
    arguments: dict[str, Argument] = field(default_factory=dict)  # of the counterexample, by name


def reachable(name: str, uses: Mapping[str, Sequence[str]]) -> set[str]:
    """All that a function relies on, directly or not."""
    found: set[str] = set()
    pending = [name]
    while pending:
        for used in uses.get(pending.pop(), []):
            if used not in found:
                found.add(used)
                pending.append(used)
    return found
