"""Views as maps, comprehensions over them, `all` and `any`, and comparisons of every value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import z3

from verify.frame import Frame
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
    Range,
    Single,
    Structure,
    Unsupported,
    Value,
    View,
    freeze,
)

if TYPE_CHECKING:
    from verify.machine import Machine

ONLY_EXPRESSIONS = (
    "only expressions can stand inside `all`, `any` and comprehensions, and functions that just "
    "return one"
)
EMPTY = View(lambda path, index: False, lambda path, index: Int(0), lambda path: Int(0))

Content = Callable[[Path, Int], Int]


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
    if isinstance(a, bool | z3.BoolRef) and isinstance(b, bool | z3.BoolRef):
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
    if isinstance(yes, bool | z3.BoolRef) and isinstance(no, bool | z3.BoolRef):
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
            else lambda path: _size(path, left).plus(
                path.pick(left.has(path, key), Int(0), Int(1))
            ),
        )
    return View(
        lambda path, index: disjunction([right.has(path, index), left.has(path, index)]),
        lambda path, index: pick(
            path, right.has(path, index), right.get(path, index), left.get(path, index), site
        ),
    )


def dictionary(machine: Machine, node: ast.Dict | ast.DictComp, frame: Frame) -> Value:
    if isinstance(node, ast.DictComp):
        return comprehension(machine, node, frame)
    match node:
        case ast.Dict(keys=[], values=[]):
            return EMPTY
        case ast.Dict(keys=[ast.expr() as key], values=[value]):
            return Single(machine.number(key, frame), freeze(machine.expression(value, frame)))
    raise Unsupported(f"{frame.site(node)}: a dict is {{}} or has one key: {{key: value}}")


# ---------------------------------------------------------------- comprehensions


def frozen(frame: Frame) -> Frame:
    """The frame as it is now: a view speaks of the state in which it was written."""
    return frame.with_names({name: freeze(value) for name, value in frame.names.items()})


def bind_key(
    machine: Machine, generator: ast.comprehension, index: Int, frame: Frame
) -> list[Bool]:
    """Bind a generator's names for one key; what must hold for the key to take part."""
    site = frame.site(generator.target)
    match generator.iter, generator.target:
        case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]), ast.Name(id=name):
            bounds = [machine.number(argument, frame) for argument in arguments]
            if len(bounds) > 2:
                raise Unsupported(f"{site}: a range with a step cannot be followed here")
            start = bounds[0] if len(bounds) == 2 else Int(0)
            frame.names[name] = index
            path = machine.path
            return [path.less_equal(start, index), path.less(index, bounds[-1])]
        case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[]), ast.Tuple(
            elts=[ast.Name(id=key), ast.Name(id=value)]
        ):
            view = _view(machine, owner, frame)
            frame.names[key] = index
            frame.names[value] = view.get(machine.path, index)
        case ast.Call(func=ast.Attribute(value=owner, attr="values"), args=[]), ast.Name(id=value):
            view = _view(machine, owner, frame)
            frame.names[value] = view.get(machine.path, index)
        case owner, ast.Name(id=key):
            over = machine.expression(owner, frame)
            frame.names[key] = index
            if isinstance(over, Range):
                path = machine.path
                return [path.less_equal(over.start, index), path.less(index, over.stop)]
            view = _known_view(over, owner, frame)
        case _:
            raise Unsupported(
                f"{site}: write `for key in view`, `for value in view.values()`, "
                "`for key, value in view.items()` or `for key in range(…)`"
            )
    return [view.has(machine.path, index)]


def _view(machine: Machine, node: ast.expr, frame: Frame) -> View:
    return _known_view(machine.expression(node, frame), node, frame)


def _known_view(value: Value, node: ast.expr, frame: Frame) -> View:
    if isinstance(value, View):
        return value
    raise Unsupported(f"{frame.site(node)}: `{ast.unparse(node)}` is no view")


def guards_of(
    machine: Machine,
    generators: Sequence[ast.comprehension],
    terms: Sequence[Int],
    frame: Frame,
    note: Callable[[Bool], None],
) -> None:
    """Bind the names of all generators, and note what must hold, outermost first."""
    for generator, index in zip(generators, terms, strict=True):
        for guard in bind_key(machine, generator, index, frame):
            note(guard)
        for condition in generator.ifs:
            value = machine.truth(machine.expression(condition, frame), frame.site(condition))
            if isinstance(value, Quantified):
                raise Unsupported(f"{frame.site(condition)}: `all` inside of `all`; write one")
            note(value)


def well_defined(
    machine: Machine,
    generators: Sequence[ast.comprehension],
    bodies: Sequence[ast.expr],
    frame: Frame,
) -> None:
    """Prove that guards and bodies can be evaluated for every key."""
    if machine.trusted_depth or machine.path.is_replaying:
        return
    with machine.path.scope(), machine.pure(), machine.guarded():
        depth = len(machine.guards)
        machine.quantifier_depth += 1
        try:
            witnesses = [machine.path.fresh_key() for _ in generators]
            inner = frame.with_names({})
            guards_of(machine, generators, witnesses, inner, machine.guards.append)
            for body in bodies:
                machine.expression(body, inner)
        except NeedsFork:
            raise Unsupported(f"{frame.site(bodies[0])}: {ONLY_EXPRESSIONS}") from None
        finally:
            machine.quantifier_depth -= 1
            del machine.guards[depth:]


def comprehension(machine: Machine, node: ast.DictComp, frame: Frame) -> View:
    """`{key: value for … if …}` over a view or a range, the keys kept."""
    if len(node.generators) != 1:
        raise Unsupported(f"{frame.site(node)}: one `for` in a dict comprehension")
    (generator,) = node.generators
    target = generator.target
    key = target.elts[0] if isinstance(target, ast.Tuple) else target
    if not isinstance(key, ast.Name) or ast.unparse(node.key) != key.id:
        raise Unsupported(f"{frame.site(node)}: a dict comprehension keeps the keys it goes over")
    kept = frozen(frame)
    well_defined(machine, node.generators, [node.value], kept)

    def has(path: Path, index: Int) -> Bool:
        guards: list[Bool] = []
        with machine.instance(path):
            guards_of(machine, node.generators, [index], kept.with_names({}), guards.append)
        return conjunction(guards)

    def get(path: Path, index: Int) -> Value:
        with machine.instance(path):
            inner = kept.with_names({})
            bind_key(machine, generator, index, inner)
            return machine.expression(node.value, inner)

    return View(has, get, _size_without(machine, generator, kept))


def _size(path: Path, view: View) -> Int:
    assert view.size is not None
    return view.size(path)


def _size_without(
    machine: Machine, generator: ast.comprehension, frame: Frame
) -> Callable[[Path], Int] | None:
    """The size of a comprehension over a view that leaves out one key, or none."""
    match generator:
        case ast.comprehension(
            target=ast.Tuple(elts=[ast.Name(id=key), ast.Name(id=value_name)]),
            iter=ast.Call(func=ast.Attribute(value=owner, attr="items")),
            ifs=[*conditions],
        ):
            pass
        case _:
            return None
    bound = {key, value_name}
    with machine.trusted():
        view = _view(machine, owner, frame)
        match conditions:
            case [] if view.size is not None:
                return view.size
            case [ast.Compare(left=ast.Name(id=name), ops=[ast.NotEq()], comparators=[other])] if (
                view.size is not None and name == key and not _names_in(other) & bound
            ):
                without = machine.number(other, frame)
                return lambda path: _size(path, view).plus(
                    path.pick(view.has(path, without), Int(-1), Int(0))
                )
    return None


def _names_in(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def quantified(
    machine: Machine, node: ast.GeneratorExp, frame: Frame, *, universal: bool
) -> Quantified:
    """`all(body for … if …)`, or `any`."""
    kept = frozen(frame)
    well_defined(machine, node.generators, [node.elt], kept)

    def body(inner: Frame) -> Bool:
        value = machine.truth(machine.expression(node.elt, inner), frame.site(node.elt))
        if isinstance(value, Quantified):
            raise Unsupported(
                f"{frame.site(node)}: `all` inside of `all`; write one with two `for`s"
            )
        return value if universal else negation(value)

    def holds(path: Path, terms: Sequence[Int]) -> Bool:
        guards: list[Bool] = []
        with machine.instance(path):
            inner = kept.with_names({})
            guards_of(machine, node.generators, terms, inner, guards.append)
            if any(guard is False for guard in guards):
                return True
            return implication(guards, body(inner))

    def opened(path: Path, terms: Sequence[Int]) -> Bool:
        with machine.instance(path):
            inner = kept.with_names({})
            guards_of(machine, node.generators, terms, inner, path.assume)
            return body(inner)

    over_views = not any(is_range(generator.iter) for generator in node.generators)
    return Quantified(len(node.generators), holds, opened, not universal, over_views)


def is_range(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "range"


def all_different(machine: Machine, node: ast.expr, frame: Frame) -> Quantified:
    """`all_different(value for … )`, or of a view's values: no value under two keys."""
    if isinstance(node, ast.GeneratorExp):
        generators, element = node.generators, node.elt
    else:
        name = ast.Name("value", ast.Store())
        generators = [ast.comprehension(name, node, [], 0)]
        element = ast.Name("value", ast.Load())
        for made in (name, element):
            ast.copy_location(made, node)
    if len(generators) != 1:
        raise Unsupported(f"{frame.site(node)}: one `for` in all_different")
    kept = frozen(frame)
    well_defined(machine, generators, [element], kept)

    def differ(path: Path, terms: Sequence[Int], note: Callable[[Bool], None]) -> Bool:
        values = []
        with machine.instance(path):
            for index in terms:
                inner = kept.with_names({})
                guards_of(machine, generators, [index], inner, note)
                values.append(machine.expression(element, inner))
            same = equal(path, values[0], values[1], frame.site(node))
            assert not isinstance(same, Quantified)
            return disjunction([path.equal(terms[0], terms[1]), negation(same)])

    def holds(path: Path, terms: Sequence[Int]) -> Bool:
        if path.equal(terms[0], terms[1]) is True:
            return True
        guards: list[Bool] = []
        different = differ(path, terms, guards.append)
        return implication(guards, different)

    return Quantified(
        2,
        holds,
        lambda path, terms: differ(path, terms, path.assume),
        over_views=not is_range(generators[0].iter),
        is_symmetric=True,
    )
