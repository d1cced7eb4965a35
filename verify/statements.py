"""Statements: one after the other, on one path."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from verify import arithmetic, arrays, conditions, ghosts, loops
from verify.frame import Break, Continue, Frame, Return
from verify.integers import Int
from verify.source import text_of
from verify.values import Array, Unsupported, Value

if TYPE_CHECKING:
    from verify.machine import Machine


def execute(machine: Machine, node: ast.stmt, frame: Frame) -> None:
    match node:
        case ast.Pass():
            pass
        case ast.Expr(value=value):
            machine.expression(value, frame)
        case ast.Return(value=value):
            raise Return(None if value is None else machine.expression(value, frame))
        case ast.Assign(targets=[target], value=value):
            bind(machine, target, machine.expression(value, frame), frame)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            bind(machine, target, machine.expression(value, frame), frame)
        case ast.AugAssign(target=target, value=value):
            current = machine.expression(ast.copy_location(_loaded(target), node), frame)
            operand = machine.expression(value, frame)
            result = arithmetic.binary(machine, node, current, operand, frame)
            bind(machine, target, result, frame)
        case ast.If(test=test, body=body, orelse=orelse):
            machine.block(body if conditions.decide(machine, test, frame) else orelse, frame)
        case ast.Assert(test=test):
            site = frame.site(node)
            machine.asserts.add(site)
            machine.path.note_change()
            conditions.prove(machine, test, frame, f"assert {text_of(test)}", site)
        case ast.For() | ast.While():
            loops.run_loop(machine, node, frame)
        case ast.Break():
            raise Break
        case ast.Continue():
            raise Continue
        case _:
            raise Unsupported(f"{frame.site(node)}: this statement is outside the subset")


def bind(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Assign a value to a name, to several, or to an element of an array."""
    match target:
        case _ if frame.is_ghost and not isinstance(target, ast.Name):
            ghosts.assign(machine, target, value, frame)
        case ast.Name(id=name):
            frame.names[name] = value if machine.pure_depth else machine.path.named(value)
        case ast.Tuple(elts=targets) if isinstance(value, tuple) and len(value) == len(targets):
            for part, element in zip(targets, value, strict=True):
                bind(machine, part, element, frame)
        case ast.Subscript(value=owner, slice=ast.Slice()):
            arrays.assign_slice(machine, target, value, machine.expression(owner, frame), frame)
        case ast.Subscript(value=owner, slice=index):
            array = machine.expression(owner, frame)
            at = machine.number(index, frame)
            site = frame.site(target)
            if not isinstance(array, Array) or not isinstance(value, Int):
                raise Unsupported(f"{site}: only elements of arrays can be assigned to")
            machine.check_index(array, at, 1, text_of(target), site)
            low, high = array.limits
            machine.check_range(value, low, high, f"value fits the array: {text_of(target)}", site)
            arrays.write(machine, array, at, value)
        case _:
            raise Unsupported(f"{frame.site(target)}: this cannot be assigned to")


@cache
def _loaded(target: ast.expr) -> ast.expr:
    """An assignment's target as an expression to read."""
    return ast.parse(ast.unparse(target), mode="eval").body
