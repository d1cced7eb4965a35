"""What an evaluation looked up on a path: where that is the same, its outcome is the same.

A statement about all keys is evaluated for the same keys on every path that goes on from where it
was learned. What comes of it depends on the path only by the limits that are looked up on the way,
so it is worked out once for each set of these.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from verify.formulas import Formula
from verify.integers import Atom, Int
from verify.ranges import UNKNOWN, Key, Limits, Ranges
from verify.source import Function

T = TypeVar("T")
MOST = 8  # outcomes that are kept of one evaluation


@dataclass
class Recording:
    """What was looked up, and what else the evaluation did."""

    reads: dict[Key, Limits] = field(default_factory=dict)
    truths: dict[Formula, bool | None] = field(default_factory=dict)  # what was known of these
    atoms: dict[int, Atom] = field(default_factory=dict)  # of which the range was stated
    index_terms: list[Int] = field(default_factory=list)
    array_terms: list[Int] = field(default_factory=list)
    relied_on: set[Function] = field(default_factory=set)
    helpers: set[Function] = field(default_factory=set)  # functions of specs that were called
    obligations: int = 0  # which hold without further ado
    is_whole: bool = True  # nothing else was done

    def take(self, other: Recording) -> None:
        """The other evaluation is a part of this one."""
        for key, limits in other.reads.items():
            if self.reads.setdefault(key, limits) != limits:  # learned since the other one
                self.is_whole = False
        for fact, truth in other.truths.items():
            if self.truths.setdefault(fact, truth) != truth:
                self.is_whole = False
        self.atoms.update(other.atoms)
        self.index_terms += other.index_terms
        self.array_terms += other.array_terms
        self.relied_on |= other.relied_on
        self.helpers |= other.helpers
        self.obligations += other.obligations
        self.is_whole = self.is_whole and other.is_whole

    def is_alike(
        self, known: Mapping[Key, Limits], truth_of: Callable[[Formula], bool | None]
    ) -> bool:
        """Whether the same would be found where this is known."""
        return all(known.get(key, UNKNOWN) == limits for key, limits in self.reads.items()) and all(
            truth_of(fact) is truth for fact, truth in self.truths.items()
        )


@dataclass
class Outcomes(Generic[T]):
    """What an evaluation gave, wherever something else was known."""

    known: list[tuple[Recording, T]] = field(default_factory=list)

    def where(
        self, known: Mapping[Key, Limits], truth_of: Callable[[Formula], bool | None]
    ) -> tuple[Recording, T] | None:
        """The outcome where this is known; None where it has not been worked out."""
        for recording, outcome in self.known:
            if recording.is_alike(known, truth_of):
                return recording, outcome
        return None

    def keep(self, recording: Recording, outcome: T) -> None:
        if recording.is_whole and len(self.known) < MOST:
            self.known.append((recording, outcome))


class Recorder(ABC):
    """What a path does to know of its evaluations what they looked up."""

    def __init__(self, ranges: Ranges) -> None:
        self.ranges = ranges
        self.recording: Recording | None = None
        self.note_reliance: Callable[[Function], None] = lambda function: None

    @abstractmethod
    def truth_of(self, fact: Formula) -> bool | None:
        """What is known of the fact."""

    @abstractmethod
    def know(self, atom: Atom) -> None:
        """State the range of an atom."""

    @abstractmethod
    def index_term(self, term: Int) -> None:
        """Note an integer that views are asked about."""

    @abstractmethod
    def array_term(self, term: Int) -> None:
        """Note an index of an array."""

    def rely_on(self, function: Function) -> None:
        """What comes of the path rests on this function's contract or safety."""
        if self.recording is not None:
            self.recording.relied_on.add(function)
        self.note_reliance(function)

    def note_change(self) -> None:
        """What is being recorded does what cannot be left out another time."""
        if self.recording is not None:
            self.recording.is_whole = False

    def recall(
        self,
        outcomes: Outcomes[T],
        evaluate: Callable[[], T],
        is_kept: Callable[[T], bool] = lambda outcome: True,
        note: Callable[[Recording], None] = lambda recording: None,
    ) -> T:
        """What an evaluation gives here, which is done only where that is not known.

        Else what it did is done again; `note` is told of it, for what is no matter of the path.
        """
        known = outcomes.where(self.ranges.limits, self.truth_of)
        if known is not None:
            recording, outcome = known
            self._do_again(recording)
            note(recording)
            return outcome
        with self.recorded() as recording:
            outcome = evaluate()
        if is_kept(outcome):
            outcomes.keep(recording, outcome)
        return outcome

    @contextmanager
    def recorded(self) -> Iterator[Recording]:
        """Inside, what is looked up is noted."""
        outer, self.recording = self.recording, Recording()
        self.ranges.reads = self.recording.reads
        try:
            yield self.recording
        finally:
            if outer is not None:
                outer.take(self.recording)
            self.recording = outer
            self.ranges.reads = None if outer is None else outer.reads

    @contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Inside is what is done once on a path, whichever evaluation happens to be the first."""
        recording, reads = self.recording, self.ranges.reads
        self.recording = self.ranges.reads = None
        try:
            yield
        finally:
            self.recording, self.ranges.reads = recording, reads

    def _do_again(self, recording: Recording) -> None:
        """What an evaluation did, without the evaluation."""
        if self.recording is not None:
            self.recording.take(recording)
        for atom in recording.atoms.values():
            self.know(atom)
        for function in recording.relied_on:
            self.note_reliance(function)
        with self.unrecorded():
            for term in recording.index_terms:
                self.index_term(term)
            for term in recording.array_terms:
                self.array_term(term)
