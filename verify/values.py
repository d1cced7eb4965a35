"""Symbolic values: integers as sums of bit slices, arrays with their writes, views, objects.

An integer is a constant plus a sum of atoms with coefficients. An atom is a solver term with a
range, and perhaps a slice of another atom's bits. In this form `a << 8 | b`, shifts, masks and
the comparisons of packet headers fold away before a solver sees them; what is left is linear.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import z3

from verify.source import Class

if TYPE_CHECKING:
    from verify.path import Path

MIN_INT = -(2**63)
MAX_INT = 2**63 - 1


class Unsupported(Exception):
    """The verifier cannot follow this; the message says what to write instead."""


class NeedsFork(Exception):
    """A pure evaluation met what only a path can do."""


@dataclass(frozen=True, eq=False)
class Atom:
    """A solver term of sort Int, known to lie in low..high.

    Where ``base`` is set, the atom is bits ``shift`` to ``shift + width - 1`` of that atom.
    """

    term: z3.ArithRef
    low: int
    high: int
    base: Atom | None = None
    shift: int = 0
    is_heavy: bool = False  # a quotient or remainder by what is no power of two: slow to solve
    number: int = 0  # order of creation, for a canonical order of terms

    @property
    def width(self) -> int:
        return self.high.bit_length()


Terms: TypeAlias = tuple[tuple[Atom, int], ...]


@dataclass(frozen=True, eq=False)
class Int:
    """constant + sum of coefficient * atom."""

    constant: int
    terms: Terms = ()

    @property
    def is_constant(self) -> bool:
        return not self.terms

    @property
    def key(self) -> tuple[tuple[int, int], ...]:
        """The terms, comparable and hashable."""
        return tuple((atom.number, coefficient) for atom, coefficient in self.terms)

    def range(self) -> tuple[int, int]:
        """What the ranges of the atoms alone say."""
        low = high = self.constant
        for atom, coefficient in self.terms:
            ends = (coefficient * atom.low, coefficient * atom.high)
            low += min(ends)
            high += max(ends)
        return low, high

    def term(self) -> z3.ArithRef:
        """The solver's term."""
        parts = [a.term if c == 1 else a.term * c for a, c in self.terms]
        if self.constant or not parts:
            parts.append(z3.IntVal(self.constant))
        return parts[0] if len(parts) == 1 else z3.Sum(parts)

    def plus(self, other: Int, factor: int = 1) -> Int:
        return combine(
            self.constant + factor * other.constant,
            [*self.terms, *((atom, factor * c) for atom, c in other.terms)],
        )

    def times(self, factor: int) -> Int:
        return combine(self.constant * factor, [(atom, c * factor) for atom, c in self.terms])


def combine(constant: int, terms: Iterable[tuple[Atom, int]]) -> Int:
    """The canonical form of a sum: like atoms added up, neighbouring slices of one atom joined."""
    totals: dict[int, tuple[Atom, int]] = {}
    for atom, coefficient in terms:
        known = totals.get(atom.number)
        totals[atom.number] = (atom, coefficient + (known[1] if known else 0))
    kept = [(atom, c) for atom, c in totals.values() if c != 0]
    return Int(constant, tuple(sorted(_join_slices(kept), key=lambda pair: pair[0].number)))


def _join_slices(terms: list[tuple[Atom, int]]) -> list[tuple[Atom, int]]:
    by_base: dict[int, list[tuple[Atom, int]]] = {}
    for atom, coefficient in terms:
        if atom.base is not None:
            by_base.setdefault(atom.base.number, []).append((atom, coefficient))
    joined = [(atom, c) for atom, c in terms if atom.base is None]
    for slices in by_base.values():
        slices.sort(key=lambda pair: pair[0].shift)
        current, factor = slices[0]
        for atom, coefficient in slices[1:]:
            if current.base is None:  # they make up the whole atom
                joined.append((current, factor))
                current, factor = atom, coefficient
                continue
            adjacent = atom.shift == current.shift + slice_width(current)
            if adjacent and coefficient == factor << slice_width(current):
                assert atom.base is not None
                width = slice_width(current) + slice_width(atom)
                current = slice_of(atom.base, current.shift, width)
            else:
                joined.append((current, factor))
                current, factor = atom, coefficient
        joined.append((current, factor))
    return joined


_atoms: list[Atom] = []  # keeps the solver's terms alive, so that their ids stay theirs
_by_term: dict[tuple[int, int, int], Atom] = {}
_slices: dict[tuple[int, int, int], Atom] = {}
_slice_widths: dict[int, int] = {}


def atom_of(term: z3.ArithRef, low: int, high: int, *, is_heavy: bool = False) -> Atom:
    """The atom of a term; the range must hold whatever path it is used on."""
    key = (term.get_id(), low, high)
    known = _by_term.get(key)
    if known is None:
        known = Atom(term, low, high, is_heavy=is_heavy, number=len(_atoms))
        _atoms.append(known)
        _by_term[key] = known
    return known


def slice_width(atom: Atom) -> int:
    return _slice_widths[atom.number]


def slice_of(atom: Atom, shift: int, width: int) -> Atom:
    """Bits shift..shift + width - 1 of an atom that is never negative."""
    assert atom.low >= 0
    if atom.base is not None:
        width = min(width, slice_width(atom) - shift)
        return slice_of(atom.base, atom.shift + shift, width)
    if shift == 0 and width >= atom.width:
        return atom
    width = min(width, atom.width - shift)
    key = (atom.number, shift, width)
    if key not in _slices:
        term = atom.term if shift == 0 else atom.term / (1 << shift)
        is_top = shift + width >= atom.width
        high = atom.high >> shift if is_top else (1 << width) - 1
        term = term if is_top else term % (1 << width)
        _slices[key] = Atom(term, 0, high, atom, shift, number=len(_atoms))
        _atoms.append(_slices[key])
        _slice_widths[_slices[key].number] = width
    return _slices[key]


@dataclass(frozen=True)
class Piece:
    """Bits position..position + width - 1 of a number: a slice of an atom, or constant bits."""

    position: int
    width: int
    atom: Atom | None
    bits: int = 0


def pieces_of(value: Int) -> list[Piece] | None:
    """The number as bits that do not overlap, lowest first; None where it is no such thing."""
    pieces = []
    for atom, coefficient in value.terms:
        if coefficient <= 0 or coefficient & (coefficient - 1) or atom.low < 0:
            return None
        pieces.append(Piece(coefficient.bit_length() - 1, atom.width, atom))
    pieces.sort(key=lambda piece: piece.position)
    for low, high in itertools.pairwise(pieces):
        if low.position + low.width > high.position:
            return None
    if value.constant < 0:
        return None
    for position, width in _runs(value.constant):
        if any(p.position < position + width and position < p.position + p.width for p in pieces):
            return None
        bits = value.constant >> position & (1 << width) - 1
        pieces.append(Piece(position, width, None, bits))
    return sorted(pieces, key=lambda piece: piece.position)


def _runs(mask: int) -> list[tuple[int, int]]:
    """Position and width of each run of ones."""
    runs, position = [], 0
    while mask >> position:
        if mask >> position & 1:
            width = 1
            while mask >> (position + width) & 1:
                width += 1
            runs.append((position, width))
            position += width
        else:
            position += 1
    return runs


def bits_of(value: Int, shift: int, width: int) -> Int | None:
    """(value >> shift) & (2**width - 1) by slicing; None where the value is not made of bits."""
    pieces = pieces_of(value)
    if pieces is None:
        return None
    constant, terms = 0, []
    for piece in pieces:
        low = max(piece.position, shift)
        high = min(piece.position + piece.width, shift + width)
        if low >= high:
            continue
        if piece.atom is None:
            constant += (piece.bits >> (low - piece.position) & (1 << (high - low)) - 1) << (
                low - shift
            )
        else:
            part = slice_of(piece.atom, low - piece.position, high - low)
            terms.append((part, 1 << (low - shift)))
    return combine(constant, terms)


def masked(value: Int, mask: int) -> Int | None:
    """value & mask by slicing, for a mask that is not negative."""
    total = Int(0)
    for position, width in _runs(mask):
        part = bits_of(value, position, width)
        if part is None:
            return None
        total = total.plus(part.times(1 << position))
    return total


def common_cuts(a: Int, b: Int) -> list[int]:
    """Bit positions at which both numbers can be cut without slicing an atom."""
    cuts = None
    for value in (a, b):
        if value.is_constant:
            continue
        pieces = pieces_of(value)
        if pieces is None:
            return []
        inside = {q for p in pieces if p.atom for q in range(p.position + 1, p.position + p.width)}
        ends = {q for p in pieces for q in (p.position, p.position + p.width)} - inside
        cuts = ends if cuts is None else cuts & ends
    top = max(_end(a), _end(b))
    return sorted((cuts or set()) | {0, top})


def _end(value: Int) -> int:
    """Position behind the highest bit of a number made of bits."""
    ends = [piece.position + piece.width for piece in pieces_of(value) or []]
    return max(ends, default=0)


# ---------------------------------------------------------------- what is not a number

Bool: TypeAlias = "bool | z3.BoolRef"


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


@dataclass(frozen=True, eq=False)
class View:
    """A finite map from integers, as functions; a path remembers what they gave on it."""

    contains: Callable[[Path, Int], Bool]
    value: Callable[[Path, Int], Value]

    def has(self, path: Path, index: Int) -> Bool:
        return path.remember(
            (id(self), True, index.constant, index.key), self, self.contains, index
        )

    def get(self, path: Path, index: Int) -> Value:
        return path.remember((id(self), False, index.constant, index.key), self, self.value, index)


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
        content: Callable[[Path, Int], Int],
        limits: tuple[int, int],
        writes: tuple[tuple[Int, Int], ...] = (),
    ) -> None:
        self.name = name
        self.length = length
        self.content = content
        self.limits = limits
        self.writes = writes

    def copy(self) -> Array:
        return Array(self.name, self.length, self.content, self.limits, self.writes)


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
    """An instance of a NamedTuple class."""

    cls: Class
    fields: Mapping[str, Value]


Value: TypeAlias = (
    "Int | bool | z3.BoolRef | Quantified | View | Single | Array | Structure | Object"
    " | tuple[Value, ...] | None"
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
        return Structure(value.cls, value.name, value.entries, value.numbers)
    if isinstance(value, Object):
        return Object(value.cls, {name: freeze(part) for name, part in value.fields.items()})
    if isinstance(value, tuple):
        return tuple(freeze(part) for part in value)
    return value
