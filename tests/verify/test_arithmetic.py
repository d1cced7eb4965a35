"""Symbolic integers against Python's: values, ranges and comparisons, on random expressions.

A path is told, step by step, what is true of some concrete numbers. Whatever it computes or
concludes by itself, slices of bits and ranges of sums included, must be true of them too.
"""

from __future__ import annotations

import ast
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as File

import pytest
import z3

from verify.arithmetic import Words, _apply, low_bits
from verify.calls import Hooks
from verify.formulas import Formula
from verify.integers import Int
from verify.logic import negation
from verify.machine import Machine
from verify.path import Path
from verify.source import Site
from verify.values import Bool, Unsupported

WORDS = Words(Site(File("none"), 1), "")
BYTE, WORD, ADDRESS = (0, 2**8 - 1), (0, 2**16 - 1), (0, 2**32 - 1)
RANGES = [
    BYTE,
    BYTE,
    WORD,
    ADDRESS,
    (0, 5),
    (0, 1),
    (-8, 7),
    (3, 200),
    (1, 1000),
    (-(2**63), 2**63),
]
LARGEST = 2**200

OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
CONSTANTS = {
    ast.LShift: [0, 1, 4, 8, 16, 24, 32],
    ast.RShift: [0, 1, 4, 8, 12, 16],
    ast.BitAnd: [1, 0xF, 0xF0, 0xFF, 0xFF00, 0xFFFF, 0xA5A5, 0xFFFFFF00],
    ast.FloorDiv: [1, 2, 3, 7, 8, 16, 256, 65535],
    ast.Mod: [1, 2, 3, 7, 8, 16, 256, 65535],
}


@dataclass
class Number:
    """What the path holds, and what it stands for."""

    symbolic: Int
    concrete: int


class Trial:
    """A path on which all that is assumed is true of some concrete numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.path = Path()
        hooks = Hooks(lambda function: None, lambda path: ())
        self.machine = Machine(self.path, hooks, trusted_depth=1)
        self.meaning: list[tuple[z3.ArithRef, z3.ArithRef]] = []
        self.numbers = [self.variable(f"v{seed}.{k}") for k in range(self.random.randint(1, 4))]

    def variable(self, name: str) -> Number:
        low, high = self.random.choice(RANGES)
        near = min(max(1 << self.random.randrange(33), low), high)
        concrete = self.random.choice([low, high, near, self.random.randint(low, high)])
        self.meaning.append((z3.Int(name), z3.IntVal(concrete)))
        return Number(self.path.fresh_named(name, low, high), concrete)

    def number(self) -> Number:
        return self.random.choice(self.numbers)

    def real(self, term: z3.ExprRef) -> z3.ExprRef:
        return z3.simplify(z3.substitute(term, *self.meaning))

    def compute(self) -> None:
        kind = self.random.choice(list(OPERATORS))
        a, b = self.number(), self.number()
        if kind in CONSTANTS or self.random.random() < 0.3:
            value = self.random.choice(CONSTANTS.get(kind, [-1, 0, 1, 2, 3, 256]))
            b = Number(Int(value), value)
        try:
            symbolic = _apply(self.machine, kind(), a.symbolic, b.symbolic, WORDS)
        except Unsupported:
            return
        concrete = OPERATORS[kind](a.concrete, b.concrete)
        if abs(concrete) < LARGEST:
            self.numbers.append(Number(symbolic, concrete))
            byte = Number(low_bits(self.machine, symbolic, 8), concrete >> 8 & 0xFF)
            for number in (self.numbers[-1], byte):
                self.check(number)

    def compare(self) -> None:
        a, b = self.number(), self.number()
        if self.random.random() < 0.5:
            value = a.concrete + self.random.randint(-1, 1)
            b = Number(Int(value), value)
        compared: Bool
        match self.random.randrange(4):
            case 0:
                compared = self.path.less(a.symbolic, b.symbolic)
                truth = a.concrete < b.concrete
            case 1:
                compared = self.path.less_equal(a.symbolic, b.symbolic)
                truth = a.concrete <= b.concrete
            case _:
                compared = self.path.equal(a.symbolic, b.symbolic)
                truth = a.concrete == b.concrete
        if isinstance(compared, bool):
            assert compared == truth
            return
        assert z3.is_true(self.real(compared.term())) == truth
        assert self.path.known_truth(compared) in (None, truth)
        if self.random.random() < 0.7:
            self.path.assume(compared if truth else negation(compared))
        for number in self.numbers:
            self.check(number)

    def check(self, number: Number) -> None:
        term = self.real(number.symbolic.term())
        assert isinstance(term, z3.IntNumRef) and term.as_long() == number.concrete
        for low, high in (number.symbolic.range(), self.path.range(number.symbolic)):
            assert low <= number.concrete <= high


@pytest.mark.parametrize("part", range(4))
def test_what_a_path_concludes_is_true(part: int) -> None:
    for seed in range(part, 400, 4):
        trial = Trial(seed)
        for _ in range(trial.random.randint(3, 25)):
            if trial.random.random() < 0.7:
                trial.compute()
            else:
                trial.compare()
        assert all(z3.is_true(trial.real(fact.term())) for fact in trial.path.facts)


def test_wide_numbers_are_compared_to_the_last_bit() -> None:
    """Specs may compare eight bytes with four: bit 63 counts."""
    path = Path()
    high, low = (path.fresh_named(name, *ADDRESS) for name in ("wide.high", "wide.low"))
    equal = path.equal(high.times(2**32).plus(low), low)
    assert isinstance(equal, Formula)
    solver = z3.Solver()
    solver.add(equal.term(), high.term() == 2**31, low.term() >= 0, low.term() <= ADDRESS[1])
    assert solver.check() == z3.unsat


def test_a_slice_beside_slices_that_make_up_the_whole() -> None:
    path = Path()
    machine = Machine(path, Hooks(lambda function: None, lambda path: ()), trusted_depth=1)
    byte = path.fresh_named("whole.byte", *BYTE)

    def part(kind: ast.operator, left: Int, right: int) -> Int:
        return _apply(machine, kind, left, Int(right), WORDS)

    low, top = part(ast.BitAnd(), byte, 15), part(ast.RShift(), byte, 5)
    middle = part(ast.LShift(), part(ast.RShift(), byte, 4), 4)
    total = low.plus(top).plus(middle)
    for value in (0, 31, 32, 200, 255):
        term = z3.simplify(z3.substitute(total.term(), (z3.Int("whole.byte"), z3.IntVal(value))))
        assert isinstance(term, z3.IntNumRef) and term.as_long() == value + (value >> 5)
