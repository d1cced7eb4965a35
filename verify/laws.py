"""Paths on which what holds of all integers is a law of the solver's, applied where it matches.

The invariants of structures speak of all cells, and of cells that other cells name: which
instances a proof needs is not known beforehand. So `all` becomes a quantified formula with
patterns, and Z3 instantiates it wherever a term of the patterns' form comes up. It never answers
that there is a countermodel then, only that it found no proof.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import overload

import z3

from verify import bits
from verify.division import QUOTIENT, REMAINDER, division_law
from verify.formulas import Formula
from verify.integers import Int, atom_of
from verify.path import Path
from verify.ranges import Ranges
from verify.values import Array, Bool, Quantified, Unsupported, Value

RESOURCE_LIMIT = 10_000_000  # Z3's units for an obligation; what is proved takes far less
OPTIONS = {
    "auto_config": False,
    "mbqi": False,
    "smt.qi.eager_threshold": 1.0,  # laws are seldom applied to what came of laws: it is few steps
}

LARGEST = 2**300
UNBOUNDED = 2**1000
"""Beyond every integer of a proof; those of compiled code are bounded by 64 bits."""


class ProofRanges(Ranges):
    """What has no bounds is taken to lie within UNBOUNDED, so nothing else may come near that."""

    def of(self, value: Int) -> tuple[int, int]:
        if abs(value.constant) > LARGEST or any(abs(c) > LARGEST for _, c in value.terms):
            raise Unsupported(f"a number beyond {LARGEST} cannot be followed in a proof")
        return super().of(value)


class LawfulPath(Path):
    """A path with quantified laws. Each obligation is decided afresh, ground facts first."""

    def __init__(self, prefix: Sequence[int] = ()) -> None:
        super().__init__(prefix)
        self.ranges = ProofRanges()
        self.laws: list[z3.BoolRef] = []
        self.axioms: dict[object, z3.BoolRef] = {}  # hold of a function whatever the path
        self.is_in_law = False  # terms may have bound variables, of which no fact speaks

    splits_goals = True
    merges_choices = True
    recalls_calls = False

    # ------------------------------------------------------------ facts

    @overload
    def named(self, value: Int) -> Int: ...
    @overload
    def named(self, value: Value) -> Value: ...
    def named(self, value: Value) -> Value:
        """A choice between values gets a name: it is not repeated wherever it is used."""
        if not isinstance(value, Int) or not any(
            z3.is_app_of(a.term, z3.Z3_OP_ITE) for a, _ in value.terms
        ):
            return value
        name = self.fresh("value", *self.range(value))
        self._add(self._comparison(name.plus(value, -1), is_equation=True))
        return name

    def _add(self, fact: Formula) -> None:
        # The ranges of a law's terms would make every instance of it call for further ones.
        if not self.is_in_law:
            super()._add(fact)

    def element(self, name: str, index: Int, low: int, high: int) -> Int:
        if high < UNBOUNDED and (name, low, high) not in self.axioms:
            function = z3.Function(name, z3.IntSort(), z3.IntSort())
            any_index = z3.Int("index")
            value = function(any_index)
            limits = z3.And(value >= low, value <= high)
            self.axioms[name, low, high] = z3.ForAll([any_index], limits, patterns=[value])
        return super().element(name, index, low, high)

    def _states_range(self, low: int, high: int) -> bool:
        return low > -UNBOUNDED and high < UNBOUNDED

    def index_term(self, term: Int) -> None:
        """Nothing to do: the solver finds the terms by itself."""

    def array_term(self, term: Int) -> None:
        """Nothing to do."""

    def _assume_quantified(self, fact: Quantified) -> None:
        if fact.negated:
            super()._assume_quantified(fact)
        else:
            self.laws.append(self.law(fact.count, lambda keys: fact.holds(self, keys)))

    def _state_division(self, a: z3.ArithRef, b: z3.ArithRef) -> None:
        if "division" not in self.axioms:
            x, y = z3.Ints("x y")
            patterns = [QUOTIENT(x, y), REMAINDER(x, y)]
            self.axioms["division"] = z3.ForAll([x, y], division_law(x, y), patterns=patterns)

    def state_count(self, array: Array) -> None:
        """What is counted occurs: a witness of each value stands for one occurrence.

        This is stated for what is to be proved only, and forgotten with it: a witness of every
        value would lead on to instances of all other laws.
        """
        if not self.is_in_scope or self.is_in_law:
            return
        number = z3.Function(f"{array.name}.count", z3.IntSort(), z3.IntSort())
        witness = z3.Function(f"{array.name}.witness", z3.IntSort(), z3.IntSort())
        value = z3.Int("value")
        with self.template():
            at = self.number(witness(value), -UNBOUNDED, UNBOUNDED)
            element = self.term(array.content(self, at))
            in_range = z3.And(witness(value) >= 0, witness(value) < self.term(array.length))
            law = z3.Implies(number(value) > 0, z3.And(in_range, element == value))
        self.laws.append(z3.ForAll([value], law, patterns=[number(value)]))

    def bits(
        self, function: z3.FuncDeclRef, arguments: Sequence[Int], limits: tuple[int, int]
    ) -> Int:
        self.state_bits()
        return super().bits(function, arguments, limits)

    def state_bits(self) -> None:
        """Make the laws of bits known."""
        if "bits" not in self.axioms:
            self.axioms["bits"] = z3.And(*bits.laws())

    def number(self, term: z3.ArithRef, low: int, high: int, *, is_heavy: bool = False) -> Int:
        if low < -LARGEST or high > LARGEST:  # of what comes of the unbounded, no bound is known
            low, high = -UNBOUNDED, UNBOUNDED
        return super().number(term, low, high, is_heavy=is_heavy)

    def fresh_key(self) -> Int:
        return self.fresh("k", -UNBOUNDED, UNBOUNDED)

    def law(self, count: int, says: Callable[[Sequence[Int]], Bool]) -> z3.BoolRef:
        """`says`, for all integers."""
        terms = [z3.Int(self.fresh_name("any")) for _ in range(count)]
        with self.template():
            keys = []
            for term in terms:
                atom = atom_of(term, -UNBOUNDED, UNBOUNDED)
                self.ranged.add(atom.number)
                keys.append(Int(0, ((atom, 1),)))
            body = says(keys)
        return for_all(terms, z3.BoolVal(body) if isinstance(body, bool) else body.term())

    @contextmanager
    def template(self) -> Iterator[None]:
        """Inside, a law is written: nothing is stated of the terms that come up."""
        outer, self.is_in_law = self.is_in_law, True
        ranged = set(self.ranged)
        try:
            yield
        finally:
            self.is_in_law = outer
            self.ranged = ranged

    @contextmanager
    def branch_off(self, prefix: Sequence[int]) -> Iterator[None]:
        axioms = dict(self.axioms)  # of functions that get their names on this path, too
        with super().branch_off(prefix):
            try:
                yield
            finally:
                self.axioms = axioms

    @contextmanager
    def scope(self) -> Iterator[None]:
        kept = len(self.laws)
        with super().scope():
            try:
                yield
            finally:
                del self.laws[kept:]

    # ------------------------------------------------------------ answers

    def everything(self) -> list[z3.BoolRef]:
        return [*self.axioms.values(), *self.laws, *super().everything()]

    def is_possible(self) -> bool:
        return bool(self._check(RESOURCE_LIMIT // 60) != z3.unsat)

    def check(self, *assumptions: Formula) -> z3.CheckSatResult:
        return self._check(RESOURCE_LIMIT, *assumptions)

    def _check(self, limit: int, *assumptions: Formula) -> z3.CheckSatResult:
        if not (self.laws or self.axioms):
            return super().check(*assumptions)
        self.note_change()
        terms = [assumption.term() for assumption in assumptions]
        answer = self.solver.check_light(*terms)
        if answer == z3.unsat:
            return answer
        return self.solver.check_apart([*self.everything(), *terms], limit, OPTIONS)


# ---------------------------------------------------------------- patterns


def for_all(terms: Sequence[z3.ArithRef], body: z3.BoolRef) -> z3.BoolRef:
    """The law, with patterns that cover its variables; Z3 chooses where none is plain to see."""
    choices = [_triggers(term, body, terms) for term in terms]
    if not all(choices):
        return z3.ForAll(terms, body)
    if len(terms) == 1:
        return z3.ForAll(terms, body, patterns=choices[0])
    patterns = [z3.MultiPattern(*some) for some in itertools.product(*(c[:2] for c in choices))]
    return z3.ForAll(terms, body, patterns=patterns)


def _triggers(
    term: z3.ArithRef, body: z3.BoolRef, terms: Sequence[z3.ArithRef]
) -> list[z3.ExprRef]:
    """Applications of a function to this variable itself, and to no other variable.

    A function that is also applied to terms made of the variable would match its own instances
    for ever; it is taken only where there is no other.
    """
    bound = {t.get_id() for t in terms}
    has_bound: dict[int, bool] = {}
    direct: dict[str, z3.ExprRef] = {}
    nested: set[str] = set()

    def visit(node: z3.ExprRef) -> bool:
        known = has_bound.get(node.get_id())
        if known is not None:
            return known
        inside = node.get_id() in bound
        for child in node.children():
            inside = visit(child) or inside
        has_bound[node.get_id()] = inside
        if inside and node.num_args() and node.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            arguments = [child for child in node.children() if has_bound[child.get_id()]]
            name = node.decl().name()
            if not all(child.get_id() in bound for child in arguments):
                nested.add(name)
            elif all(child.get_id() == term.get_id() for child in arguments):
                direct.setdefault(name, node)
        return inside

    visit(body)
    calm = [node for name, node in direct.items() if name not in nested]
    return calm or list(direct.values())
