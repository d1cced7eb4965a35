"""Ranges of linear forms, as far as what is known settles them without any solver."""

from __future__ import annotations

from collections.abc import Hashable

from verify.integers import Atom, Int


class Impossible(Exception):
    """No number is in the range that is known of it."""


Limits = tuple[int | None, int | None]  # the lowest and the highest, where they are known
Key = Hashable  # the number of an atom, or the numbers and coefficients of a sum
UNKNOWN: Limits = (None, None)


class Ranges:
    """What is known of the numbers on a path, beside the limits that their atoms always have."""

    def __init__(self) -> None:
        self.limits: dict[Key, Limits] = {}
        self.reads: dict[Key, Limits] | None = None  # if set, what is looked up is noted there

    def limits_of(self, key: Key) -> Limits:
        """What is known of an atom, or of a sum."""
        found = self.limits.get(key, UNKNOWN)
        if self.reads is not None:
            self.reads[key] = found
        return found

    def of(self, value: Int) -> tuple[int, int]:
        """Bounds of a number, both ends included."""
        low = high = value.constant
        for atom, coefficient in value.terms:
            lowest, highest = self._of_atom(atom)
            if coefficient > 0:
                low += coefficient * lowest
                high += coefficient * highest
            else:
                low += coefficient * highest
                high += coefficient * lowest
        if not value.terms or (len(value.terms) == 1 and value.terms[0][1] == 1):
            return low, high
        known_low, known_high = self._known(value)
        if known_low is not None:
            low = max(low, known_low + value.constant)
        if known_high is not None:
            high = min(high, known_high + value.constant)
        return low, high

    def _of_atom(self, atom: Atom) -> tuple[int, int]:
        low, high = self.limits_of(atom.number)
        return (
            atom.low if low is None else max(low, atom.low),
            atom.high if high is None else min(high, atom.high),
        )

    def _known(self, value: Int) -> Limits:
        flipped, key = _canonical(value)
        low, high = self.limits_of(key)
        if flipped:
            return (None if high is None else -high), (None if low is None else -low)
        return low, high

    def learn(self, form: Int, *, is_equation: bool, truth: bool) -> None:
        """Take in that form == 0, or that form <= 0, is true or false; may raise Impossible."""
        sum_of_terms = Int(0, form.terms)
        bound = -form.constant
        if is_equation and truth:
            self._bound(sum_of_terms, bound, bound)
        elif is_equation:
            low, high = self.of(sum_of_terms)
            if low == bound:
                self._bound(sum_of_terms, bound + 1, None)
            if high == bound:
                self._bound(sum_of_terms, None, bound - 1)
        elif truth:
            self._bound(sum_of_terms, None, bound)
        else:
            self._bound(sum_of_terms, bound + 1, None)

    def _bound(self, form: Int, low: int | None, high: int | None) -> None:
        """Note low <= form <= high, and what it says of each atom."""
        self._bound_key(form, low, high)
        if len(form.terms) == 1:
            atom, c = form.terms[0]
            if c != 1:
                self._bound_atom(atom, c, low, high)
            return
        for atom, coefficient in form.terms:
            rest = self.of(form.plus(Int(0, ((atom, coefficient),)), -1))
            self._bound_atom(
                atom,
                coefficient,
                None if low is None else low - rest[1],
                None if high is None else high - rest[0],
            )

    def _bound_atom(self, atom: Atom, c: int, low: int | None, high: int | None) -> None:
        """Note low <= c * atom <= high."""
        if c < 0:
            low, high, c = (None if high is None else -high), (None if low is None else -low), -c
        self._bound_key(
            Int(0, ((atom, 1),)),
            None if low is None else -(-low // c),
            None if high is None else high // c,
        )

    def _bound_key(self, form: Int, low: int | None, high: int | None) -> None:
        flipped, key = _canonical(form)
        if flipped:
            low, high = (None if high is None else -high), (None if low is None else -low)
        old_low, old_high = self.limits.get(key, UNKNOWN)
        low = old_low if low is None else low if old_low is None else max(low, old_low)
        high = old_high if high is None else high if old_high is None else min(high, old_high)
        self.limits[key] = (low, high)
        if low is not None and high is not None and low > high:
            raise Impossible


def _canonical(value: Int) -> tuple[bool, Key]:
    """Whether the sign of the terms was turned, and the terms as a key."""
    (first, coefficient), *others = value.terms
    if not others and abs(coefficient) == 1:
        return coefficient < 0, first.number
    if coefficient > 0:
        return False, value.key
    return True, tuple([(atom.number, -c) for atom, c in value.terms])
