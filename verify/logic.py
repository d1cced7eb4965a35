"""Truth values: Python's where they are known, formulas where they are not."""

from __future__ import annotations

from collections.abc import Iterable

from verify.formulas import Formula, all_of, negated, same
from verify.values import Bool


def conjunction(parts: Iterable[Bool]) -> Bool:
    kept: list[Formula] = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            assert isinstance(part, Formula)
            kept.append(part)
    return all_of(kept) if kept else True


def disjunction(parts: Iterable[Bool]) -> Bool:
    return negation(conjunction(negation(part) for part in parts))


def negation(value: Bool) -> Bool:
    return not value if isinstance(value, bool) else negated(value)


def implication(guards: Iterable[Bool], value: Bool) -> Bool:
    return disjunction([*(negation(guard) for guard in guards), value])


def equivalence(a: Bool, b: Bool) -> Bool:
    if isinstance(a, bool):
        return b if a else negation(b)
    if isinstance(b, bool):
        return a if b else negation(a)
    return True if a is b else same(a, b)


def choice(condition: Bool, yes: Bool, no: Bool) -> Bool:
    """`yes if condition else no`."""
    if isinstance(condition, bool):
        return yes if condition else no
    if isinstance(yes, bool):
        return disjunction([condition, no]) if yes else conjunction([negation(condition), no])
    if isinstance(no, bool):
        return disjunction([negation(condition), yes]) if no else conjunction([condition, yes])
    return conjunction([disjunction([negation(condition), yes]), disjunction([condition, no])])
