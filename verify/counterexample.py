"""A countermodel as concrete arguments: numbers, bytes, and structures as their views."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import z3

from verify.formulas import Formula, within
from verify.integers import Int
from verify.logic import negation
from verify.path import Path, PathEnds
from verify.source import Class, Function
from verify.values import Array, Bool, Object, Structure, Value

FIRST_TIME = "the first time"  # of the first packet after start-up; no parameter has this name
SMALL = 4  # capacity of a structure that is easy to look at
LARGEST = 1100  # of what can be rebuilt, where nothing smaller will do
LARGEST_SUM = 256  # bytes
LARGEST_ARRAY = 4096  # elements; a larger one cannot be shown or replayed
COUNTERMODELS = 8  # of one failure: what a function gives that is known by contract is a guess


@dataclass(frozen=True)
class Target:
    """What was executed: a spec, `process`, the constructor, or a function."""

    kind: str
    function: Function


@dataclass(frozen=True)
class ConcreteObject:
    """An instance of a NamedTuple class."""

    cls: Class
    fields: dict[str, Concrete]


@dataclass(frozen=True)
class ConcreteArray:
    """Elements, and the range that they are of."""

    elements: tuple[int, ...]
    limits: tuple[int, int]


def dtype_of(array: ConcreteArray) -> Any:
    """The type of the elements."""
    return {(0, 255): np.uint8, (-(2**31), 2**31 - 1): np.int32}.get(array.limits, np.int64)


@dataclass(frozen=True)
class ConcreteStructure:
    """A structure: its fixed numbers, and the entries of its view that matter."""

    cls: Class
    numbers: dict[str, int]
    entries: dict[int, Concrete]


Concrete: TypeAlias = "int | bool | ConcreteObject | ConcreteArray | ConcreteStructure"


@dataclass(frozen=True)
class Counterexample:
    """Arguments for the target, by name."""

    target: Target
    arguments: dict[str, Concrete]


def concretise(path: Path, target: Target, arguments: dict[str, Value]) -> Counterexample:
    """Arguments from a model of what is known on the path, as small as a few tries make them."""
    with small_model(path, list(arguments.values())) as model:
        return Counterexample(target, Reader(path, model).read_all(arguments))


def countermodels(
    path: Path, target: Target, arguments: dict[str, Value]
) -> tuple[Counterexample, ...]:
    """The same, and others in which as many numbers as can be are others."""
    found: list[Counterexample] = []
    with small_model(path, list(arguments.values())) as first:
        model: z3.ModelRef | None = first
        while model is not None and len(found) < COUNTERMODELS:
            reader = Reader(path, model)
            found.append(Counterexample(target, reader.read_all(arguments)))
            model = another_model(path, reader)
    return tuple(found)


def another_model(path: Path, reader: Reader) -> z3.ModelRef | None:
    """A model in which all that was read is different, but for what cannot be."""
    return best_model(path, [negation(path.equal(n, Int(value))) for n, value in reader.numbers])


@contextlib.contextmanager
def small_model(path: Path, values: list[Value]) -> Iterator[z3.ModelRef]:
    """A model with small arrays and structures, in which little is left open.

    Inside, what makes it such is assumed on the path.
    """
    wished = [size for value in values for size in sizes(value)]
    with contextlib.ExitStack() as scopes:
        scopes.enter_context(path.scope())
        wishes = [within(path.term(number), low, high) for number, low, high in wished]
        model = best_model(path, wishes)
        if model is None:
            path.check()
            model = path.solver.model()
        for wish, (number, low, high) in zip(wishes, wished, strict=True):
            if low <= value_in(model, number) <= high:
                path.assume(wish)
        for detail in (all_small_indices, whole_word_sums):
            with contextlib.ExitStack() as attempt, contextlib.suppress(PathEnds):
                attempt.enter_context(path.scope())
                if detail(path, model) and path.check() == z3.sat:
                    model = path.solver.model()
                    scopes.push(attempt.pop_all())
        yield model


def best_model(path: Path, wishes: Iterable[Bool]) -> z3.ModelRef | None:
    """A model in which as many wishes come true as a few questions find; None if none is found."""
    left = [wish for wish in wishes if isinstance(wish, Formula)]
    while left:
        answer = path.check(*left)
        if answer == z3.sat:
            return path.solver.model()
        clash = {term.get_id() for term in path.solver.unsat_core()}
        kept = [wish for wish in left if wish.term().get_id() not in clash]
        if answer == z3.unknown or len(kept) == len(left):
            return None
        left = kept
    return None


def value_in(model: z3.ModelRef, number: Int) -> int:
    """What a number is in a model."""
    result = model.eval(number.term(), model_completion=True)
    assert isinstance(result, z3.IntNumRef)
    return int(result.as_long())


def all_small_indices(path: Path, model: z3.ModelRef) -> bool:
    """Say what is known of all indices of each that a small structure has; tell if that is more."""
    before = len(path.facts)
    for index in range(SMALL):
        path.index_term(Int(index))
    return len(path.facts) > before


def whole_word_sums(path: Path, model: z3.ModelRef) -> bool:
    """Say that each sum over a part of an array is that of its bytes; tell if there are any."""
    for array, start, stop, total in path.word_sums:
        first, end = value_in(model, start), value_in(model, stop)
        if not 0 <= end - first <= LARGEST_SUM:
            continue
        path.assume(path.equal(start, Int(first)))
        path.assume(path.equal(stop, Int(end)))
        expected = Int(0)
        for at in range(first, end):
            weight = 1 if (at - first) % 2 else 256
            expected = expected.plus(array.content(path, Int(at)), weight)
        path.assume(path.equal(total, expected))
    return bool(path.word_sums)


def sizes(value: Value) -> list[tuple[Int, int, int]]:
    """Numbers that had better be small, and from where to where."""
    if isinstance(value, Array):
        return [(value.length, 0, most) for most in (2, 64, LARGEST_ARRAY)]
    if isinstance(value, Structure):  # none has a capacity of 0
        return [(n, 1, most) for n in value.numbers.values() for most in (SMALL, LARGEST)]
    if isinstance(value, Object):
        inner = [size for part in value.fields.values() for size in sizes(part)]
        numbers = [(part, 0, 16) for part in value.fields.values() if isinstance(part, Int)]
        return inner + numbers
    return []


@dataclass(frozen=True)
class Reader:
    """Reads values in one model of what is known on a path, and notes the numbers in them."""

    path: Path
    model: z3.ModelRef
    numbers: list[tuple[Int, int]] = field(default_factory=list)

    def read_all(self, values: Mapping[str, Value]) -> dict[str, Concrete]:
        return {name: self.read(value) for name, value in values.items()}

    def read(self, value: Value) -> Concrete:
        if isinstance(value, Int):
            return self.number(value)
        if isinstance(value, bool | Formula):
            return self.truth(value)
        if isinstance(value, Array):
            length = min(self.number(value.length), LARGEST_ARRAY)
            low, high = value.limits
            elements = (self.number(value.content(self.path, Int(i))) for i in range(length))
            return ConcreteArray(tuple(min(max(e, low), high) for e in elements), value.limits)
        if isinstance(value, Structure):
            numbers = {name: self.number(number) for name, number in value.numbers.items()}
            return ConcreteStructure(value.cls, numbers, self.entries(value))
        if isinstance(value, Object):
            return ConcreteObject(
                value.cls, {name: self.read(part) for name, part in value.fields.items()}
            )
        raise TypeError(f"no concrete form of {value!r}")

    def entries(self, structure: Structure) -> dict[int, Concrete]:
        """The entries at the indices that the path has met, and at the lowest ones."""
        found: dict[int, Concrete] = {}
        for term in [*self.path.index_terms, *map(Int, range(SMALL))]:
            key = self.number(term)
            if key not in found and self.truth(structure.entries.has(self.path, Int(key))):
                found[key] = self.read(structure.entries.get(self.path, Int(key)))
        return dict(sorted(found.items()))

    def number(self, value: Int) -> int:
        number = value_in(self.model, value)
        if not value.is_constant:
            self.numbers.append((value, number))
        return number

    def truth(self, value: Bool) -> bool:
        if isinstance(value, bool):
            return value
        return bool(z3.is_true(self.model.eval(value.term(), model_completion=True)))
