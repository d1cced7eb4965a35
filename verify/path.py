"""One path of a symbolic execution: what is known on it, which way it went, what it owes.

Facts are quantifier-free; `all` over integers is kept aside and instantiated at the index terms
that the path has met. Everything here only ever adds true facts: a missing instance or range can
cost a proof, never soundness.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import z3

from verify import formulas, second_solver
from verify.formulas import Formula, Kind
from verify.integers import Int
from verify.logic import negation
from verify.path_numbers import Numbers
from verify.ranges import Impossible
from verify.recording import Outcomes, Recording
from verify.solver import Solver
from verify.source import Contract, Site
from verify.values import Array, Bool, Quantified


class PathEnds(Exception):
    """Nothing more can happen on this path."""


class Status(Enum):
    """How an obligation failed: with a counterexample, or because the solver gave up."""

    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Step:
    """A fork that the path went through."""

    site: Site
    text: str
    outcome: bool
    call: int = 0  # of `process`, by a spec: from 1 on


@dataclass(frozen=True)
class Failure:
    """An obligation that could not be proved."""

    label: str
    site: Site
    status: Status
    steps: tuple[Step, ...]
    countermodels: tuple[object, ...]  # inputs that break it, by what the solver knows
    contract: Contract | None = None  # the condition that is violated, if it is one of a contract


class Path(Numbers):
    """See the module's docstring. `prefix` is the choices that lead to where the path begins."""

    splits_goals = False  # a conjunction is proved part by part
    merges_choices = False  # `a if c else b` is one value, and no fork
    recalls_calls = True  # what a call gave is known where it would see the same

    def __init__(self, prefix: Sequence[int] = ()) -> None:
        super().__init__()
        self.prefix = list(prefix)
        self.taken: list[int] = []
        self.alternatives: list[list[int]] = []  # prefixes of the paths not taken
        self.steps: list[Step] = []
        self.call = 0  # of `process` that a spec makes now
        self.solver = Solver()
        self.quantified: list[Quantified] = []
        self.index_terms: list[Int] = []
        self.array_terms: list[Int] = []
        self.truths: dict[int, bool] = {}
        self.word_sums: list[tuple[Array, Int, Int, Int]] = []  # array, start, stop, sum
        self.remembered: dict[Hashable, tuple[object, Any, Recording]] = {}
        self.base_depth = 0  # of the scopes, those that the path itself is in

    # ------------------------------------------------------------ facts

    @property
    def facts(self) -> list[Formula]:
        """What was assumed or stated, and is not settled without the solver."""
        return self.solver.facts

    def _add(self, fact: Formula) -> None:
        self.solver.add(fact)

    def assume(self, fact: Bool | Quantified) -> None:
        """Add a fact; `PathEnds` where it plainly contradicts what is known."""
        if fact is True:
            return
        self.note_change()
        if isinstance(fact, Quantified):
            self._assume_quantified(fact)
        elif fact is False:
            raise PathEnds
        elif isinstance(fact, Formula):
            known = self.known_truth(fact)
            if known is False:
                raise PathEnds
            if known is None:
                self._add(fact)
                self._learn(fact, truth=True)

    def _learn(self, fact: Formula, *, truth: bool) -> None:
        self.truths[fact.number] = truth
        if fact.kind is Kind.NOT:
            self._learn(fact.parts[0], truth=not truth)
        elif fact.kind is Kind.AND and truth:
            for part in fact.parts:
                self._learn(part, truth=truth)
        elif fact.form is not None:
            try:
                self.ranges.learn(fact.form, is_equation=fact.kind is Kind.EQUAL, truth=truth)
            except Impossible:
                raise PathEnds from None

    def known_truth(self, fact: Formula) -> bool | None:
        """What follows for the fact without asking the solver; None if nothing does."""
        known = self.truth_of(fact)
        if self.recording is not None:
            self.recording.truths[fact] = known
        return known

    def truth_of(self, fact: Formula) -> bool | None:
        """The same, and nobody takes note."""
        known = self.truths.get(fact.number)
        if known is None and fact.kind is Kind.NOT:
            inner = self.truths.get(fact.parts[0].number)
            return None if inner is None else not inner
        return known

    def note_word_sum(self, asked: tuple[Array, Int, Int, Int]) -> None:
        """Note which sum was asked for, so that a countermodel gives its bytes."""
        self.note_change()
        self.word_sums.append(asked)

    def remember(
        self, key: Hashable, owner: object, function: Callable[[Path, Int], Any], argument: Int
    ) -> Any:
        """What a function gave for an argument; `owner` is kept, as the key holds its id."""
        known = self.remembered.get(key)
        if known is None:
            with self.recorded() as recording:
                known = (owner, function(self, argument), recording)
            self.remembered[key] = known
        elif self.recording is not None:
            self.recording.take(known[2])
        return known[1]

    # ------------------------------------------------------------ quantified facts

    def index_term(self, term: Int) -> None:
        """Note an integer that views are asked about, and instantiate what is known of all."""
        if self.recording is not None:
            self.recording.index_terms.append(term)
        if not _is_among(term, self.index_terms):
            self.index_terms.append(term)
            with self.unrecorded():
                for fact in list(self.quantified):
                    self._instantiate(fact, newest=term)

    def array_term(self, term: Int) -> None:
        """Note an index of an array; what speaks of views alone has nothing to say of it."""
        if self.recording is not None:
            self.recording.array_terms.append(term)
        if not _is_among(term, self.array_terms) and not _is_among(term, self.index_terms):
            self.array_terms.append(term)
            with self.unrecorded():
                for fact in list(self.quantified):
                    if not fact.over_views:
                        self._instantiate(fact, newest=term)

    def _instantiate(self, fact: Quantified, newest: Int | None = None) -> None:
        known = [*self.index_terms, *([] if fact.over_views else self.array_terms)]
        tuples = (
            itertools.combinations(known, fact.count)
            if fact.is_symmetric
            else itertools.product(known, repeat=fact.count)
        )
        for terms in tuples:
            if newest is None or any(term is newest for term in terms):
                self.assume(self.instance(fact, terms))

    def instance(self, fact: Quantified, terms: Sequence[Int]) -> Bool:
        """What a fact says of these integers."""
        key = tuple([(term.constant, term.key) for term in terms])
        outcomes = fact.outcomes.get(key)
        if outcomes is None:
            outcomes = fact.outcomes[key] = Outcomes()
        return self.recall(outcomes, lambda: fact.holds(self, terms))

    def _assume_quantified(self, fact: Quantified) -> None:
        if fact.negated:
            self.assume(negation(self.open(fact)))
        else:
            self.quantified.append(fact)
            self._instantiate(fact)

    def open(self, fact: Quantified) -> Bool:
        """The body for fresh integers, of which the guards are assumed."""
        witnesses = [self.fresh_key() for _ in range(fact.count)]
        for witness in witnesses:
            self.index_term(witness)
        return fact.opened(self, witnesses)

    # ------------------------------------------------------------ choices

    def everything(self) -> list[z3.BoolRef]:
        """All that is known here, as the solver's formulas."""
        return [fact.term() for fact in self.facts]

    def is_possible(self) -> bool:
        """Whether some input gets here, as far as the solver can tell."""
        return bool(self.check() == z3.sat)

    def may_hold(self, *assumptions: Formula) -> bool:
        """Whether these can be true here; where that would be slow to find out, yes."""
        self.note_change()
        terms = [assumption.term() for assumption in assumptions]
        answer = self.solver.check_light(*terms)
        if answer == z3.unsat:
            second_solver.ask_dead_end(self, terms)
        return bool(answer != z3.unsat)

    def check(self, *assumptions: Formula) -> z3.CheckSatResult:
        """Whether these can be true with all that is known here."""
        self.note_change()
        return self.solver.check(*(assumption.term() for assumption in assumptions))

    @property
    def is_replaying(self) -> bool:
        """The path is still on the prefix, which another path has been through."""
        return len(self.taken) < len(self.prefix)

    def choose(self, options: Sequence[int] = (0, 1)) -> int:
        """Fork: take the first option; the paths that take the others come later."""
        self.note_change()
        if self.is_in_scope:
            raise AssertionError("a path must not fork inside a scope: its forks would be lost")
        at = len(self.taken)
        if at < len(self.prefix):
            option = self.prefix[at]
        else:
            option = options[0]
            self.alternatives += [[*self.taken, other] for other in reversed(options[1:])]
        self.taken.append(option)
        return option

    def branch(self, condition: Bool | Quantified, site: Site, text: str) -> bool:
        """Take the condition as true or false, and fork where it may be either."""
        if isinstance(condition, bool):
            return condition
        if isinstance(condition, Quantified):
            truth = self.choose() == 0
            other = replace(condition, negated=not condition.negated)
            self.steps.append(Step(site, text, truth, self.call))
            self.assume(condition if truth else other)
            if not self.is_replaying and not self.may_hold():
                raise PathEnds
            return truth
        known = self.known_truth(condition)
        if known is not None:
            return known
        if self.is_replaying:
            truth = self.choose() == 0
        else:
            may_hold = self.may_hold(condition)
            may_fail = not may_hold or self.may_hold(formulas.negated(condition))
            if may_hold and may_fail:
                truth = self.choose() == 0
            else:  # one way only: no fork, but a choice, so that replays agree
                truth = self.choose([0 if may_hold else 1]) == 0
        self.steps.append(Step(site, text, truth, self.call))
        self.assume(condition if truth else negation(condition))
        return truth

    @property
    def is_in_scope(self) -> bool:
        """Whether what is learned now will be forgotten, and the path goes on."""
        return self.solver.depth > self.base_depth

    @contextmanager
    def branch_off(self, prefix: Sequence[int]) -> Iterator[None]:
        """Inside is a path that begins here, with these choices; all of it is forgotten."""
        outer = self.prefix, self.taken, self.alternatives, self.steps, self.word_sums
        name_prefix, fresh_count = self.name_prefix, self.fresh_count
        self.prefix, self.taken, self.alternatives = list(prefix), [], []
        self.steps, self.word_sums = list(self.steps), list(self.word_sums)
        with self.scope():
            self.base_depth += 1
            try:
                yield
            finally:
                self.base_depth -= 1
                self.prefix, self.taken, self.alternatives, self.steps, self.word_sums = outer
                self.name_prefix, self.fresh_count = name_prefix, fresh_count

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is learned inside is forgotten at the end."""
        lists: list[list[Any]] = [self.quantified, self.index_terms, self.array_terms]
        lengths = [len(kept) for kept in lists]
        limits = dict(self.ranges.limits)
        caches = (dict(self.truths), set(self.ranged), dict(self.remembered))
        try:
            with self.solver.scope():
                yield
        finally:
            for kept, length in zip(lists, lengths, strict=True):
                del kept[length:]
            self.ranges.limits = limits
            self.truths, self.ranged, self.remembered = caches


def _is_among(term: Int, terms: Sequence[Int]) -> bool:
    return any(t.constant == term.constant and t.key == term.key for t in terms)
