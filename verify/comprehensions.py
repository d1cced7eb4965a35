"""Comprehensions over views and ranges, `all` and `any`: written for one key, meant for all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from verify import conditions
from verify.frame import Frame
from verify.integers import Int
from verify.logic import conjunction, disjunction, implication, negation
from verify.maps import EMPTY, equal, size_of
from verify.path import Path
from verify.source import text_of
from verify.values import (
    Bool,
    NeedsFork,
    Quantified,
    Range,
    Single,
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


def dictionary(machine: Machine, node: ast.Dict | ast.DictComp, frame: Frame) -> Value:
    if isinstance(node, ast.DictComp):
        return comprehension(machine, node, frame)
    match node:
        case ast.Dict(keys=[], values=[]):
            return EMPTY
        case ast.Dict(keys=[ast.expr() as key], values=[value]):
            return Single(machine.number(key, frame), freeze(machine.expression(value, frame)))
    raise Unsupported(f"{frame.site(node)}: a dict is {{}} or has one key: {{key: value}}")


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
    raise Unsupported(f"{frame.site(node)}: `{text_of(node)}` is no view")


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
            value = conditions.truth(machine.expression(condition, frame), frame.site(condition))
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
    if machine.trusted_depth:
        return
    machine.path.note_change()  # even where the proof is left out: it was found on this path only
    if machine.path.is_replaying:
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
    if not isinstance(key, ast.Name) or text_of(node.key) != key.id:
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
                return lambda path: size_of(path, view).plus(
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
    make = partial(_quantified, machine, node, kept, universal=universal)
    return machine.shared.statement(node, kept, make)


def _quantified(
    machine: Machine, node: ast.GeneratorExp, kept: Frame, *, universal: bool
) -> Quantified:
    def body(inner: Frame) -> Bool:
        value = conditions.truth(machine.expression(node.elt, inner), kept.site(node.elt))
        if isinstance(value, Quantified):
            raise Unsupported(
                f"{kept.site(node)}: `all` inside of `all`; write one with two `for`s"
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
    return isinstance(node, ast.Call) and text_of(node.func) == "range"


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
    make = partial(_all_different, machine, generators, element, kept)
    return machine.shared.statement(node, kept, make)


def _all_different(
    machine: Machine, generators: list[ast.comprehension], element: ast.expr, kept: Frame
) -> Quantified:
    def value_at(path: Path, index: Int, note: Callable[[Bool], None]) -> Value:
        with machine.instance(path):
            inner = kept.with_names({})
            guards_of(machine, generators, [index], inner, note)
            return machine.expression(element, inner)

    def guarded_at(path: Path, index: Int) -> tuple[list[Bool], Value]:
        guards: list[Bool] = []
        return guards, value_at(path, index, guards.append)

    def differ(path: Path, terms: Sequence[Int], values: Sequence[Value]) -> Bool:
        same = equal(path, values[0], values[1], kept.site(element))
        assert not isinstance(same, Quantified)
        return disjunction([path.equal(terms[0], terms[1]), negation(same)])

    def holds(path: Path, terms: Sequence[Int]) -> Bool:
        if path.equal(terms[0], terms[1]) is True:
            return True
        keys = [(id(guarded_at), term.constant, term.key) for term in terms]
        known = [
            path.remember(key, guarded_at, guarded_at, term)
            for key, term in zip(keys, terms, strict=True)
        ]
        guards = [guard for guards, _ in known for guard in guards]
        return implication(guards, differ(path, terms, [value for _, value in known]))

    def opened(path: Path, terms: Sequence[Int]) -> Bool:
        return differ(path, terms, [value_at(path, term, path.assume) for term in terms])

    return Quantified(
        2,
        holds,
        opened,
        over_views=not is_range(generators[0].iter),
        is_symmetric=True,
    )
