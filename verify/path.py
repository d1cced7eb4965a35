"""One path of a symbolic execution: what is known on it, which way it went, what it owes.

Facts are quantifier-free; `all` over integers is kept aside and instantiated at the index terms
that the path has met. Beside the solver the path keeps ranges of linear forms, which settle most
comparisons of packet headers at once. Everything here only ever adds true facts: a missing
instance or range can cost a proof, never soundness.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import z3

from verify import congruences, formulas, second_solver
from verify.division import QUOTIENT, REMAINDER, division_law
from verify.formulas import Formula, Kind, of_solver
from verify.integers import Atom, Int, application, atom_of, bits_of, common_cuts, remainder
from verify.logic import conjunction, negation
from verify.ranges import Impossible, Ranges
from verify.recording import Outcomes, Recorder, Recording
from verify.solver_options import SolverOptions
from verify.source import Contract, Site
from verify.values import Array, Bool, Quantified, Value

RESOURCE_LIMIT = SolverOptions().budget


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


@dataclass(frozen=True)
class Failure:
    """An obligation that could not be proved."""

    label: str
    site: Site
    status: Status
    steps: tuple[Step, ...]
    countermodels: tuple[object, ...]  # inputs that break it, by what the solver knows
    contract: Contract | None = None  # the condition that is violated, if it is one of a contract


class Path(Recorder):
    """See the module's docstring. `prefix` is the choices that lead to where the path begins."""

    def __init__(self, prefix: Sequence[int] = ()) -> None:
        super().__init__(Ranges())
        self.prefix = list(prefix)
        self.taken: list[int] = []
        self.alternatives: list[list[int]] = []  # prefixes of the paths not taken
        self.steps: list[Step] = []
        self.solver = z3.Solver()
        self.solver.set("rlimit", RESOURCE_LIMIT)
        self.solver.set("ctrl_c", False)  # an interrupt ends the program, not just one query
        self.solver_calls = 0
        self.told = 0  # of the facts, how many the solver knows
        self.scopes: list[int] = []  # how many facts there were where each begins
        self.pushed = 0  # of the scopes, how many the solver knows
        self.facts: list[Formula] = []
        self.heavy_facts: list[Formula] = []  # of these, those the solver sees only in need
        self.quantified: list[Quantified] = []
        self.index_terms: list[Int] = []
        self.array_terms: list[Int] = []
        self.truths: dict[int, bool] = {}
        self.ranged: set[int] = set()
        self.word_sums: list[tuple[Array, Int, Int, Int]] = []  # array, start, stop, sum
        self.remembered: dict[Hashable, tuple[object, Any, Recording]] = {}
        self.base_depth = 0  # of the scopes, those that the path itself is in
        self.fresh_count = 0
        self.name_prefix = ""

    splits_goals = False  # a conjunction is proved part by part
    merges_choices = False  # `a if c else b` is one value, and no fork
    recalls_calls = True  # what a call gave is known where it would see the same

    # ------------------------------------------------------------ numbers

    def fresh(self, name: str, low: int, high: int) -> Int:
        """A number of which nothing but the range is known."""
        return self.number(z3.Int(self.fresh_name(name)), low, high)

    def fresh_named(self, name: str, low: int, high: int) -> Int:
        """The number of this name: the same one wherever the path asks for it."""
        return self.number(z3.Int(name), low, high)

    def state_count(self, array: Array) -> None:
        """Make known what it means that elements of an array are counted."""

    def bits(self, function: z3.FuncDeclRef, a: Int, b: Int, limits: tuple[int, int]) -> Int:
        """The value of a function of bits."""
        return self.number(function(self.term(a), self.term(b)), *limits)

    def division(self, a: Int, b: Int) -> tuple[Int, Int]:
        """Quotient and remainder, for a positive divisor that is no constant."""
        (low, high), largest = a.range(), max(b.range()[1], 1)
        terms = self.term(a), self.term(b)
        quotient = self.number(QUOTIENT(*terms), min(low, 0), max(high, 0))
        remainder = self.number(REMAINDER(*terms), 0, largest - 1)
        self._state_division(terms[0], terms[1])
        return quotient, remainder

    def _state_division(self, a: z3.ArithRef, b: z3.ArithRef) -> None:
        self.note_change()
        self._add(of_solver(division_law(a, b)))

    def named(self, value: Value) -> Value:
        """The value, in a form that is good to go on with."""
        return value

    def fresh_key(self) -> Int:
        """Any integer that `all`, `any` or a comprehension may speak of."""
        return self.fresh("k", -(2**200), 2**200)

    def fresh_name(self, name: str) -> str:
        """A name that nothing else on this path has."""
        self.note_change()
        self.fresh_count += 1
        return f"{self.name_prefix}{name}!{self.fresh_count}"

    def element(self, name: str, index: Int, low: int, high: int) -> Int:
        """The element at an index of what has this name, with a range that all elements have."""
        return self.apply(name, (index,), low, high)

    def apply(self, name: str, arguments: Sequence[Int], low: int, high: int) -> Int:
        """The value of an uninterpreted function, of which the range is known."""
        self._know_all(arguments)
        return self._number(application(name, arguments, low, high))

    def predicate(self, name: str, *arguments: Int) -> Formula:
        """Whether something holds of numbers, of which nothing else is known."""
        self._know_all(arguments)
        return formulas.predicate(name, *arguments)

    def number(self, term: z3.ArithRef, low: int, high: int, *, is_heavy: bool = False) -> Int:
        """The number that the solver's term stands for, known to lie in low..high."""
        return self._number(atom_of(term, low, high, is_heavy=is_heavy))

    def remainder(self, value: Int, divisor: int, *, is_heavy: bool) -> Int:
        """value % divisor, for a divisor that is a constant above 0."""
        self._know_all((value,))
        return self._number(remainder(value, divisor, is_heavy=is_heavy))

    def _number(self, atom: Atom) -> Int:
        self.know(atom)
        return Int(0, ((atom, 1),))

    def _know_all(self, numbers: Iterable[Int]) -> None:
        for number in numbers:
            for atom, _ in number.terms:
                self.know(atom)

    def know(self, atom: Atom) -> None:
        """State the range of an atom once on this path."""
        if self.recording is not None:
            self.recording.atoms[atom.number] = atom
        if atom.number in self.ranged:
            return
        self.ranged.add(atom.number)
        if atom.base is not None:
            self.know(atom.base)
        elif self._states_range(atom.low, atom.high):
            self._add(formulas.in_range(atom))

    def _states_range(self, low: int, high: int) -> bool:
        """Whether the solver is told of such a range."""
        return True

    def term(self, value: Int) -> z3.ArithRef:
        """The solver's term of a number, the ranges of its atoms stated."""
        self._know_all((value,))
        return value.term()

    def range(self, value: Int) -> tuple[int, int]:
        """Bounds of a number, as far as this path knows them."""
        return self.ranges.of(value)

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

    # ------------------------------------------------------------ comparisons

    def less_equal(self, a: Int, b: Int) -> Bool:
        form = a.plus(b, -1)
        low, high = self.range(form)
        if high <= 0:
            return True
        if low > 0:
            return False
        return self._comparison(form, is_equation=False)

    def less(self, a: Int, b: Int) -> Bool:
        return self.less_equal(a.plus(Int(1)), b)

    def equal(self, a: Int, b: Int) -> Bool:
        form = a.plus(b, -1)
        low, high = self.range(form)
        if low == high == 0:
            return True
        if low > 0 or high < 0:
            return False
        if self.range(a)[0] >= 0 and self.range(b)[0] >= 0:
            cuts = common_cuts(a, b)
            if len(cuts) > 2:
                return self._equal_pieces(a, b, cuts)
        return self._comparison(form, is_equation=True)

    def _equal_pieces(self, a: Int, b: Int, cuts: list[int]) -> Bool:
        parts = []
        for low, high in itertools.pairwise(cuts):
            x, y = bits_of(a, low, high - low), bits_of(b, low, high - low)
            assert x is not None and y is not None
            form = x.plus(y, -1)
            ends = self.range(form)
            if ends[0] > 0 or ends[1] < 0:
                return False
            if ends != (0, 0):
                parts.append(self._comparison(form, is_equation=True))
        return conjunction(parts)

    def _comparison(self, form: Int, *, is_equation: bool) -> Formula:
        self._know_all((form,))
        return formulas.comparison(form, is_equation=is_equation)

    def pick(self, condition: Bool, yes: Int, no: Int) -> Int:
        """`yes if condition else no`."""
        if isinstance(condition, bool):
            return yes if condition else no
        if yes.constant == no.constant and yes.key == no.key:
            return yes
        (a, b), (c, d) = yes.range(), no.range()
        term = z3.If(condition.term(), self.term(yes), self.term(no))
        return self.number(term, min(a, c), max(b, d))

    def note_word_sum(self, asked: tuple[Array, Int, Int, Int]) -> None:
        """Note which sum was asked for, so that a countermodel gives its bytes."""
        self.note_change()
        self.word_sums.append(asked)

    # ------------------------------------------------------------ facts

    def _add(self, fact: Formula) -> None:
        self.facts.append(fact)
        if fact.is_heavy:
            self.heavy_facts.append(fact)

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
        return self.recall(outcomes, lambda: fact.holds(self, terms))[1]

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
        terms = [assumption.term() for assumption in assumptions]
        answer = self.ask(self.solver, *terms)
        if answer == z3.unsat:
            second_solver.ask_dead_end(self, terms)
        return bool(answer != z3.unsat)

    def check(self, *assumptions: Formula) -> z3.CheckSatResult:
        """Whether these can be true with all that is known here."""
        terms = [assumption.term() for assumption in assumptions]
        answer = self.ask(self.solver, *terms)
        if answer == z3.unsat or not self.heavy_facts:
            return answer
        if self._is_congruence_settled():
            return z3.unsat
        return self.ask(self.solver, *terms, *(fact.term() for fact in self.heavy_facts))

    def ask(self, solver: z3.Solver, *assumptions: z3.BoolRef) -> z3.CheckSatResult:
        """What a solver says; the calls are counted."""
        self.note_change()
        self.solver_calls += 1
        if solver is self.solver:
            self._catch_up()
        return solver.check(*assumptions)

    def _catch_up(self) -> None:
        """Tell the solver what it has not been told: of many scopes it is never asked anything."""
        for begin in self.scopes[self.pushed :]:
            self._tell_until(begin)
            self.solver.push()
        self.pushed = len(self.scopes)
        self._tell_until(len(self.facts))

    def _tell_until(self, end: int) -> None:
        for fact in self.facts[self.told : end]:
            if not fact.is_heavy:
                tell(self.solver, fact.term())
        self.told = max(self.told, end)

    def _is_congruence_settled(self) -> bool:
        """Whether the last thing assumed denies a congruence that follows from a few facts."""
        denied = self.heavy_facts[-1]
        if denied.kind is not Kind.NOT:
            return False
        facts = congruences.enough(denied.parts[0], self.facts)
        if facts is None:
            return False
        solver = z3.Solver()
        solver.set("rlimit", RESOURCE_LIMIT // 30)
        solver.set("ctrl_c", False)
        for fact in (*facts, denied):
            tell(solver, fact.term())
        return bool(self.ask(solver) == z3.unsat)

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
            self.steps.append(Step(site, text, truth))
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
        self.steps.append(Step(site, text, truth))
        self.assume(condition if truth else negation(condition))
        return truth

    @property
    def is_in_scope(self) -> bool:
        """Whether what is learned now will be forgotten, and the path goes on."""
        return len(self.scopes) > self.base_depth

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
        self.scopes.append(len(self.facts))
        lists: list[list[Any]] = [self.quantified, self.index_terms, self.array_terms]
        lists.append(self.heavy_facts)
        lengths = [len(kept) for kept in lists]
        limits = dict(self.ranges.limits)
        caches = (dict(self.truths), set(self.ranged), dict(self.remembered))
        try:
            yield
        finally:
            begin = self.scopes.pop()
            if self.pushed > len(self.scopes):
                self.solver.pop()
                self.pushed -= 1
                self.told = begin
            del self.facts[begin:]
            for kept, length in zip(lists, lengths, strict=True):
                del kept[length:]
            self.ranges.limits = limits
            self.truths, self.ranged, self.remembered = caches


def tell(solver: z3.Solver, fact: z3.BoolRef) -> None:
    """What `solver.add` does, without its conversions: these take longer than all the rest."""
    z3.Z3_solver_assert(solver.ctx.ref(), solver.solver, fact.as_ast())


def _is_among(term: Int, terms: Sequence[Int]) -> bool:
    return any(t.constant == term.constant and t.key == term.key for t in terms)
