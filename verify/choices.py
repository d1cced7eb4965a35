"""Expressions of which a part is evaluated only where another lets it: `a < b < c`, `and`, `if`.

Code forks the path there, unless the whole can be one value. In pure evaluation it always is, or
NeedsFork is raised; what stands behind a condition is guarded by it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from verify import conditions, maps
from verify.frame import Frame
from verify.logic import conjunction, disjunction, negation
from verify.source import Site, text_of
from verify.values import Bool, NeedsFork, Quantified, Unsupported, Value

if TYPE_CHECKING:
    from verify.machine import Machine


def compare(machine: Machine, node: ast.Compare, frame: Frame) -> Value:
    """`a < b < c` asks for c only where a < b holds."""
    if len(node.ops) == 1:
        left, right = (machine.expression(n, frame) for n in (node.left, node.comparators[0]))
        return maps.comparison(machine, node.ops[0], left, right, frame.site(node))
    if not machine.pure_depth:
        merged = conditions.merged(machine, node, frame)
        return merged if merged is not None else _step_by_step(machine, node, frame)
    left = machine.expression(node.left, frame)
    parts: list[Bool] = []
    with machine.guarded():
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            right = machine.expression(right_node, frame)
            part = maps.comparison(machine, operator, left, right, frame.site(node))
            if isinstance(part, Quantified):
                raise Unsupported(f"{frame.site(node)}: write this comparison apart")
            parts.append(part)
            machine.guards.append(part)
            left = right
    return conjunction(parts)


def _step_by_step(machine: Machine, node: ast.Compare, frame: Frame) -> bool:
    site, text = frame.site(node), text_of(node)
    left = machine.expression(node.left, frame)
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = machine.expression(right_node, frame)
        part = maps.comparison(machine, operator, left, right, site)
        if not machine.path.branch(part, site, text):
            return False
        left = right
    return True


def bool_op(machine: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    is_and = isinstance(node.op, ast.And)
    if not machine.pure_depth:
        merged = conditions.merged(machine, node, frame)
        if merged is not None:
            return merged
        for value in node.values[:-1]:
            if conditions.decide(machine, value, frame) != is_and:
                return not is_and
        return machine.expression(node.values[-1], frame)
    parts: list[Bool] = []
    with machine.guarded():
        for value_node in node.values:
            part = conditions.truth(machine.expression(value_node, frame), frame.site(value_node))
            if isinstance(part, Quantified):
                raise NeedsFork
            parts.append(part)
            if part is (not is_and):
                break
            machine.guards.append(part if is_and else negation(part))
    return conjunction(parts) if is_and else disjunction(parts)


def if_expression(machine: Machine, node: ast.IfExp, frame: Frame) -> Value:
    if not machine.pure_depth:
        if machine.path.merges_choices:
            with suppress(NeedsFork), machine.pure():
                return machine.path.named(if_expression(machine, node, frame))
        return machine.expression(
            node.body if conditions.decide(machine, node.test, frame) else node.orelse, frame
        )
    test = conditions.truth(machine.expression(node.test, frame), frame.site(node))
    if isinstance(test, Quantified):
        raise NeedsFork
    return merge(
        machine,
        test,
        lambda: machine.expression(node.body, frame),
        lambda: machine.expression(node.orelse, frame),
        frame.site(node),
    )


def merge(
    machine: Machine, test: Bool, yes: Callable[[], Value], no: Callable[[], Value], site: Site
) -> Value:
    """`yes` or `no` as one value, each evaluated behind the test; or NeedsFork."""
    if isinstance(test, bool):
        return yes() if test else no()
    with machine.guarded(test):
        a = yes()
    with machine.guarded(negation(test)):
        b = no()
    return maps.pick(machine.path, test, a, b, site)
