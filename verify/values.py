"""Symbolic values other than integers: arrays with their writes, views, structures, objects."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from verify.formulas import Formula
from verify.integers import Int
from verify.recording import Outcomes
from verify.source import Class

if TYPE_CHECKING:
    from verify.path import Path

Bool: TypeAlias = "bool | Formula"
Content: TypeAlias = "Callable[[Path, Int], Int]"  # the elements of an array, by their index


class Unsupported(Exception):
    """The verifier cannot follow this; the message says where, and what to write instead."""

    def parted(self, place: str) -> tuple[str, str]:
        """The place that the message begins with, or else this one; and the rest of it."""
        match = re.match(r"(.+?\.py:\d+): ", str(self))
        return (match[1], str(self)[match.end() :]) if match else (place, str(self))


class NeedsFork(Exception):
    """A pure evaluation met what only a path can do."""


@dataclass(frozen=True, eq=False)
class Quantified:
    """`all` over ``count`` integers; negated, it says that some make it false.

    ``holds`` gives the whole statement, guards included, on a path for given integers; ``opened``
    assumes the guards on the path and gives what is said under them.
    """

    count: int
    holds: Callable[[Path, Sequence[Int]], Bool]
    opened: Callable[[Path, Sequence[Int]], Bool]
    negated: bool = False
    over_views: bool = False  # it speaks of the keys of views only
    is_symmetric: bool = False  # says the same of its integers in any order
    outcomes: dict[Hashable, Outcomes[Bool]] = field(default_factory=dict)  # of ``holds``


_numbers = itertools.count()


@dataclass(frozen=True, eq=False)
class View:
    """A finite map from integers, as functions; a path remembers what they gave on it.

    The view of a structure stands for all of its state: as long as nothing writes to the
    structure, it has the same view, and none of this name had another state.
    """

    contains: Callable[[Path, Int], Bool]
    value: Callable[[Path, Int], Value]
    size: Callable[[Path], Int] | None = None  # how many keys there are, where that is known
    name: str = field(default_factory=lambda: f"!view{next(_numbers)}")

    def has(self, path: Path, index: Int) -> Bool:
        key = (id(self), True, index.constant, index.key)
        found: Bool = path.remember(key, self, self.contains, index)
        return found

    def get(self, path: Path, index: Int) -> Value:
        key = (id(self), False, index.constant, index.key)
        found: Value = path.remember(key, self, self.value, index)
        return found


@dataclass(frozen=True)
class Old:
    """`OLD` in a postcondition."""

    entries: View


@dataclass(frozen=True)
class Range:
    """The integers from `start` to before `stop`."""

    start: Int
    stop: Int


@dataclass(frozen=True, eq=False)
class Single:
    """The map of one key, on the right of `|`."""

    key: Int
    value: Value


class Array:
    """An array: its first content as a function of the index, and what was written since."""

    def __init__(
        self,
        name: str,
        length: Int,
        content: Content,
        limits: tuple[int, int],
        writes: tuple[tuple[Int, Int], ...] = (),
    ) -> None:
        self.name = name
        self.length = length
        self.content = content
        self.limits = limits
        self.writes = writes
        self.origin = name
        self.is_filled_with: Int | None = None  # what every element was at first, if it is known

    @property
    def is_ghost(self) -> bool:
        """Whether it holds integers of any size: it exists in a proof only."""
        return self.limits[1] >= 2**64

    @property
    def is_changed(self) -> bool:
        """Whether it was written to, or forgotten, since the execution started."""
        return self.writes != () or self.name != self.origin

    def copy(self) -> Array:
        """The array as it is now."""
        copy = Array(self.name, self.length, self.content, self.limits, self.writes)
        copy.is_filled_with = self.is_filled_with
        copy.origin = self.origin
        return copy

    def counted(self, path: Path, value: Int) -> Int:
        """How many elements of the first content have a value."""
        if self.is_filled_with is not None:
            return path.pick(path.equal(value, self.is_filled_with), self.length, Int(0))
        counted = path.element(f"{self.name}.count", value, 0, 2**63 - 1)
        path.state_count(self)
        return counted


class Structure:
    """A libVig structure, known by its contract only: a view, and numbers that never change."""

    def __init__(self, cls: Class, name: str, entries: View, numbers: dict[str, Int]) -> None:
        self.cls = cls
        self.name = name
        self.entries = entries
        self.numbers = numbers
        self.is_changed = False  # since the start of the execution


@dataclass(frozen=True, eq=False)
class Object:
    """An instance of a NamedTuple class; a structure, while it is itself what is proved."""

    cls: Class
    fields: Mapping[str, Value]
    ghost: dict[str, Value] = field(default_factory=dict)  # exists in the proof only


Value: TypeAlias = (
    "Int | bool | Formula | Quantified | View | Single | Range | Array | Structure | Object"
    " | Old | tuple[Value, ...] | None"
)


def mutable_parts(value: Value) -> Iterator[Structure | Array]:
    """Structures and arrays inside a value, always in the same order."""
    if isinstance(value, Structure | Array):
        yield value
    elif isinstance(value, Object):
        for part in value.fields.values():
            yield from mutable_parts(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from mutable_parts(part)


def numbers_in(value: Value) -> Iterator[Int]:
    """Numbers inside a value; arrays and structures keep their own."""
    if isinstance(value, Int):
        yield value
    elif isinstance(value, Object):
        for part in value.fields.values():
            yield from numbers_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from numbers_in(part)


def is_of_numbers(value: Value) -> bool:
    """Whether numbers are all there is in a value."""
    return isinstance(value, Int) or (
        isinstance(value, Object) and all(map(is_of_numbers, value.fields.values()))
    )


def is_immutable(value: Value) -> bool:
    """Whether nothing in a value can be written to."""
    return (
        is_of_numbers(value)
        or value is None
        or isinstance(value, bool | Formula)
        or (isinstance(value, tuple) and all(map(is_immutable, value)))
    )


def share_parts(values: Iterable[Value]) -> bool:
    """Whether an array or structure is inside of them twice."""
    parts = [id(part) for value in values for part in mutable_parts(value)]
    return len(parts) != len(set(parts))


def objects_in(value: Value) -> Iterator[Object]:
    """Objects inside a value, itself included, inner ones first; structures keep their own."""
    if isinstance(value, Object):
        for part in value.fields.values():
            yield from objects_in(part)
        yield value


def freeze(value: Value) -> Value:
    """The value as it is now: facts must not speak of a later state."""
    if isinstance(value, Array):
        return value.copy()
    if isinstance(value, Structure):
        frozen = Structure(value.cls, value.name, value.entries, value.numbers)
        frozen.is_changed = value.is_changed
        return frozen
    if isinstance(value, Object):
        return Object(
            value.cls,
            {name: freeze(part) for name, part in value.fields.items()},
            {name: freeze(part) for name, part in value.ghost.items()},
        )
    if isinstance(value, tuple):
        return tuple(freeze(part) for part in value)
    return value
