"""Numbers on a path: named, described to the solver, and compared.

Beside the solver the path keeps ranges of linear forms, which settle most comparisons of packet
headers at once. Of what a number is made of, the range is stated once on a path.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Iterable, Sequence

import z3

from verify import formulas
from verify.division import QUOTIENT, REMAINDER, division_law
from verify.formulas import Formula, of_solver
from verify.integers import Atom, Int, application, atom_of, bits_of, common_cuts, remainder
from verify.logic import conjunction
from verify.ranges import Ranges
from verify.recording import Recorder
from verify.values import Array, Bool, Value


class Numbers(Recorder):
    """What a path does with numbers."""

    def __init__(self) -> None:
        super().__init__(Ranges())
        self.ranged: set[int] = set()  # atoms of which the range is stated
        self.fresh_count = 0
        self.name_prefix = ""

    @abstractmethod
    def _add(self, fact: Formula) -> None:
        """Take in a fact."""

    # ------------------------------------------------------------ made

    def fresh(self, name: str, low: int, high: int) -> Int:
        """A number of which nothing but the range is known."""
        return self.number(z3.Int(self.fresh_name(name)), low, high)

    def fresh_named(self, name: str, low: int, high: int) -> Int:
        """The number of this name: the same one wherever the path asks for it."""
        return self.number(z3.Int(name), low, high)

    def state_count(self, array: Array) -> None:
        """Make known what it means that elements of an array are counted."""

    def bits(
        self, function: z3.FuncDeclRef, arguments: Sequence[Int], limits: tuple[int, int]
    ) -> Int:
        """The value of a function of bits."""
        return self.number(function(*map(self.term, arguments)), *limits)

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

    # ------------------------------------------------------------ compared

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
