"""Formulas about integers. The same formula is made once, and told to the solver when it is asked.

Most formulas are only looked at here: whether one is known, what follows from it for a range. To
make each of them in the solver, through its bindings, would take longer than all its answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from enum import Enum, auto

import z3

from verify.integers import Atom, Int

LARGE = 2**100  # ranges as wide as this are not worth the solver's time


class Kind(Enum):
    """What a formula says."""

    EQUAL = auto()  # form == 0
    AT_MOST = auto()  # form <= 0
    NOT = auto()
    AND = auto()
    SAME = auto()  # of two formulas, both are true or both are false
    SOLVERS = auto()  # a formula of the solver's


class Formula:
    """What may be true or false; made by the functions below, and compared by identity."""

    __slots__ = ("_term", "form", "is_heavy", "kind", "number", "parts")

    def __init__(
        self, kind: Kind, parts: tuple[Formula, ...], form: Int | None, *, is_heavy: bool
    ) -> None:
        self.kind = kind
        self.parts = parts
        self.form = form
        self.is_heavy = is_heavy  # slow to solve with
        self.number = next(_numbers)
        self._term: z3.BoolRef | None = None

    def term(self) -> z3.BoolRef:
        """The solver's formula."""
        if self._term is None:
            self._term = self._translated()
        return self._term

    def _translated(self) -> z3.BoolRef:
        if self.form is not None:
            x, y = sides(self.form)
            said = x == y if self.kind is Kind.EQUAL else x <= y
            assert isinstance(said, z3.BoolRef)
            return said
        terms = [part.term() for part in self.parts]
        match self.kind:
            case Kind.NOT:
                return z3.Not(terms[0])
            case Kind.AND:
                return z3.And(terms)
        return terms[0] == terms[1]


_formulas: dict[Hashable, Formula] = {}
_numbers = itertools.count()


def sides(form: Int) -> tuple[z3.ArithRef, z3.ArithRef]:
    """Two terms of the solver's, without minus signs, of which the form is the difference."""
    left = Int(max(form.constant, 0), tuple(t for t in form.terms if t[1] > 0))
    right = Int(max(-form.constant, 0), tuple((a, -c) for a, c in form.terms if c < 0))
    return left.term(), right.term()


def comparison(form: Int, *, is_equation: bool) -> Formula:
    """form == 0, or form <= 0."""
    if is_equation and form.terms[0][1] < 0:
        form = form.times(-1)
    kind = Kind.EQUAL if is_equation else Kind.AT_MOST
    key = (kind, form.constant, form.key)
    known = _formulas.get(key)
    if known is None:
        is_heavy = any(atom.is_heavy for atom, _ in form.terms)
        known = _formulas[key] = Formula(kind, (), form, is_heavy=is_heavy)
    return known


def negated(formula: Formula) -> Formula:
    return formula.parts[0] if formula.kind is Kind.NOT else _of_parts(Kind.NOT, (formula,))


def all_of(parts: Sequence[Formula]) -> Formula:
    return parts[0] if len(parts) == 1 else _of_parts(Kind.AND, tuple(parts))


def same(a: Formula, b: Formula) -> Formula:
    return _of_parts(Kind.SAME, (a, b))


def _of_parts(kind: Kind, parts: tuple[Formula, ...]) -> Formula:
    key = (kind, *(part.number for part in parts))
    known = _formulas.get(key)
    if known is None:
        is_heavy = any(part.is_heavy for part in parts)
        known = _formulas[key] = Formula(kind, parts, None, is_heavy=is_heavy)
    return known


def of_solver(term: z3.BoolRef, *, is_heavy: bool = False) -> Formula:
    """A formula of the solver's, of which nothing else is known here."""
    key = (Kind.SOLVERS, term.get_id())  # which stays its own, as the formula keeps the term
    known = _formulas.get(key)
    if known is None:
        known = _formulas[key] = Formula(Kind.SOLVERS, (), None, is_heavy=is_heavy)
        known._term = term
    return known


def within(term: z3.ArithRef, low: int, high: int, *, is_heavy: bool = False) -> Formula:
    """low <= term <= high."""
    return of_solver(z3.And(term >= low, term <= high), is_heavy=is_heavy)


def in_range(atom: Atom) -> Formula:
    """That an atom lies in its range."""
    known = _formulas.get(atom)
    if known is None:
        is_heavy = max(-atom.low, atom.high) >= LARGE
        known = within(atom.term, atom.low, atom.high, is_heavy=is_heavy)
        _formulas[atom] = known
    return known


def truth_value(name: str) -> Formula:
    """What is true or false, and nothing else is known of."""
    return predicate(name)


def predicate(name: str, *arguments: Int) -> Formula:
    """A property of numbers, of which nothing else is known."""
    key = (name, *((argument.constant, argument.key) for argument in arguments))
    known = _formulas.get(key)
    if known is None:
        function = z3.Function(name, *[z3.IntSort()] * len(arguments), z3.BoolSort())
        term = function(*(argument.term() for argument in arguments))
        assert isinstance(term, z3.BoolRef)
        known = _formulas[key] = of_solver(term)
    return known
