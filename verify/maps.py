"""Views as maps, and of values of every kind: comparisons, and the choice between two."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from verify.formulas import Formula
from verify.integers import Int
from verify.logic import choice, conjunction, disjunction, equivalence, implication, negation
from verify.path import Path
from verify.source import Site
from verify.values import (
    Array,
    Bool,
    NeedsFork,
    Object,
    Quantified,
    Single,
    Structure,
    Unsupported,
    Value,
    View,
)

if TYPE_CHECKING:
    from verify.machine import Machine

EMPTY = View(lambda path, index: False, lambda path, index: Int(0), lambda path: Int(0))


def opposite(value: Bool | Quantified) -> Bool | Quantified:
    """`not value`."""
    if isinstance(value, Quantified):
        return replace(value, negated=not value.negated)
    return negation(value)


def comparison(
    machine: Machine, operator: ast.cmpop, left: Value, right: Value, site: Site
) -> Bool | Quantified:
    """`left operator right`, for values of any kind."""
    if isinstance(left, View) and isinstance(right, Single):
        right = union(machine, EMPTY, right, site)
    if isinstance(left, Array | Structure):
        raise Unsupported(
            f"{site}: arrays and structures cannot be compared; compare what is in them"
        )
    match operator:
        case ast.Eq():
            return equal(machine.path, left, right, site)
        case ast.NotEq():
            return opposite(equal(machine.path, left, right, site))
        case ast.In() | ast.NotIn():
            if not isinstance(left, Int) or not isinstance(right, View):
                raise Unsupported(f"{site}: `in` asks for an integer in a view")
            machine.index_term(left)
            found = right.has(machine.path, left)
            return found if isinstance(operator, ast.In) else negation(found)
    if not isinstance(left, Int) or not isinstance(right, Int):
        raise Unsupported(f"{site}: only integers have an order")
    match operator:
        case ast.Lt():
            return machine.path.less(left, right)
        case ast.LtE():
            return machine.path.less_equal(left, right)
        case ast.Gt():
            return machine.path.less(right, left)
        case ast.GtE():
            return machine.path.less_equal(right, left)
    raise Unsupported(f"{site}: this comparison is outside the subset")


def equal(path: Path, a: Value, b: Value, site: Site) -> Bool | Quantified:
    """`a == b`; Quantified where that speaks of all keys of two views."""
    if isinstance(a, Int) and isinstance(b, Int):
        return path.equal(a, b)
    if isinstance(a, bool | Formula) and isinstance(b, bool | Formula):
        return equivalence(a, b)
    if isinstance(a, View) and isinstance(b, View):
        return same_views(a, b, site)
    if isinstance(a, Object) and isinstance(b, Object) and a.cls is b.cls:
        return _all_equal(path, [(a.fields[name], b.fields[name]) for name in a.fields], site)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return _all_equal(path, list(zip(a, b, strict=True)), site)
    if isinstance(a, Array | Structure) and a is b:
        return True
    raise Unsupported(f"{site}: these two cannot be compared")


def _all_equal(path: Path, pairs: list[tuple[Value, Value]], site: Site) -> Bool:
    parts: list[Bool] = []
    for a, b in pairs:
        part = equal(path, a, b, site)
        if isinstance(part, Quantified):
            raise Unsupported(f"{site}: compare these views apart")
        parts.append(part)
    return conjunction(parts)


def same_views(a: View, b: View, site: Site) -> Quantified:
    """The views have the same keys and the same value under each."""

    def holds(path: Path, terms: Sequence[Int]) -> Bool:
        (index,) = terms
        in_a, in_b = a.has(path, index), b.has(path, index)
        same = equivalence(in_a, in_b)
        if in_a is False or in_b is False:
            return same
        values = equal(path, a.get(path, index), b.get(path, index), site)
        assert not isinstance(values, Quantified)
        return conjunction([same, implication([in_a], values)])

    return Quantified(1, holds, holds, over_views=True)


def pick(path: Path, test: Bool, yes: Value, no: Value, site: Site) -> Value:
    """`yes if test else no`, as one value."""
    if isinstance(test, bool):
        return yes if test else no
    if isinstance(yes, Int) and isinstance(no, Int):
        return path.pick(test, yes, no)
    if isinstance(yes, bool | Formula) and isinstance(no, bool | Formula):
        return choice(test, yes, no)
    if isinstance(yes, Object) and isinstance(no, Object) and yes.cls is no.cls:
        return Object(
            yes.cls,
            {
                name: pick(path, test, part, no.fields[name], site)
                for name, part in yes.fields.items()
            },
        )
    if yes is no:
        return yes
    raise NeedsFork


def union(machine: Machine, left: View, right: Single | View, site: Site) -> View:
    """`left | right`: the right side wins."""
    if isinstance(right, Single):
        key, value = right.key, right.value
        machine.index_term(key)
        return View(
            lambda path, index: disjunction([path.equal(index, key), left.has(path, index)]),
            lambda path, index: (
                value
                if left.has(path, index) is False
                else pick(path, path.equal(index, key), value, left.get(path, index), site)
            ),
            None
            if left.size is None
            else lambda path: size_of(path, left).plus(
                path.pick(left.has(path, key), Int(0), Int(1))
            ),
        )
    return View(
        lambda path, index: disjunction([right.has(path, index), left.has(path, index)]),
        lambda path, index: pick(
            path, right.has(path, index), right.get(path, index), left.get(path, index), site
        ),
    )


def size_of(path: Path, view: View) -> Int:
    assert view.size is not None
    return view.size(path)
