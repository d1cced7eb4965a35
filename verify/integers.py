"""Symbolic integers: a constant plus a sum of atoms with coefficients.

An atom is a solver term with a range, and perhaps a slice of another atom's bits. In this form
`a << 8 | b`, shifts, masks and the comparisons of packet headers fold away before a solver sees
them; what is left is linear.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import z3


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
    dividend: Int | None = None  # of what it is the remainder,
    divisor: int = 0  # divided by this constant

    @property
    def width(self) -> int:
        return self.high.bit_length()


Terms: TypeAlias = tuple[tuple[Atom, int], ...]


class Int:
    """constant + sum of coefficient * atom; it never changes."""

    __slots__ = ("_key", "constant", "terms")

    def __init__(self, constant: int, terms: Terms = ()) -> None:
        self.constant = constant
        self.terms = terms
        self._key: tuple[tuple[int, int], ...] | None = None if terms else ()

    @property
    def is_constant(self) -> bool:
        return not self.terms

    @property
    def key(self) -> tuple[tuple[int, int], ...]:
        """The terms, comparable and hashable."""
        if self._key is None:
            self._key = tuple([(atom.number, coefficient) for atom, coefficient in self.terms])
        return self._key

    def range(self) -> tuple[int, int]:
        """What the ranges of the atoms alone say."""
        low = high = self.constant
        for atom, coefficient in self.terms:
            if coefficient > 0:
                low += coefficient * atom.low
                high += coefficient * atom.high
            else:
                low += coefficient * atom.high
                high += coefficient * atom.low
        return low, high

    def term(self) -> z3.ArithRef:
        """The solver's term."""
        parts = [a.term if c == 1 else a.term * c for a, c in self.terms]
        if self.constant or not parts:
            parts.append(z3.IntVal(self.constant))
        return parts[0] if len(parts) == 1 else z3.Sum(parts)

    def plus(self, other: Int, factor: int = 1) -> Int:
        """self + factor * other."""
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
    if len(kept) > 1:
        kept = sorted(_join_slices(kept), key=_number_of_atom)
    return Int(constant, tuple(kept))


def _number_of_atom(term: tuple[Atom, int]) -> int:
    return term[0].number


def _join_slices(terms: list[tuple[Atom, int]]) -> list[tuple[Atom, int]]:
    if sum(atom.base is not None for atom, _ in terms) < 2:
        return terms
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
_applications: dict[Hashable, Atom] = {}
_remainders: dict[Hashable, Atom] = {}
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


def remainder(value: Int, divisor: int, *, is_heavy: bool) -> Atom:
    """The atom of value % divisor, for a divisor above 0."""
    key = (value.constant, value.key, divisor)
    known = _remainders.get(key)
    if known is None:
        term = value.term() % divisor
        known = Atom(term, 0, divisor - 1, None, 0, is_heavy, len(_atoms), value, divisor)
        _atoms.append(known)
        _remainders[key] = known
    return known


def application(name: str, arguments: Sequence[Int], low: int, high: int) -> Atom:
    """The atom of a function of the solver's; the range must hold of all that it gives."""
    key = (name, low, high, *((argument.constant, argument.key) for argument in arguments))
    known = _applications.get(key)
    if known is None:
        function = z3.Function(name, *[z3.IntSort()] * len(arguments), z3.IntSort())
        term = function(*(argument.term() for argument in arguments))
        assert isinstance(term, z3.ArithRef)
        known = _applications[key] = atom_of(term, low, high)
    return known


def slice_width(atom: Atom) -> int:
    """How many bits a slice was asked to have."""
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
