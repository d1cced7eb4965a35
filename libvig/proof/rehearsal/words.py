"""Code with the checks that CPython leaves out: every value in 64 bits, every divisor positive.

Native code wraps around where Python's integers grow, and does not look for a zero.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

_LARGEST_RANGE = 100_000  # that a condition goes through; what needs more takes too long to try

Node = TypeVar("Node", bound=ast.AST)


class TooLong(Exception):
    """What goes through so many values that it would not be seen to end."""


def fits(value: Any) -> Any:
    """Return the value; raise OverflowError where compiled code would wrap around."""
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise OverflowError(f"{value} does not fit 64 bits")
    return value


def divisor(value: Any) -> Any:
    """Return the value; raise ZeroDivisionError where it is no divisor, which is positive."""
    if not value > 0:
        raise ZeroDivisionError(f"{value} is no positive divisor")
    return value


def distance(value: Any) -> Any:
    """Return the value; raise ValueError where a word cannot be shifted by it."""
    if not 0 <= value < 64:
        raise ValueError(f"{value} is no shift by 0 to 63")
    return value


def few(values: Sequence[Any]) -> Sequence[Any]:
    """Return the values; raise TooLong where there are too many to go through."""
    if isinstance(values, range) and len(values) > _LARGEST_RANGE:
        raise TooLong(f"{len(values)} values to go through")
    return values


NAMES = {"__fits__": fits, "__divisor__": divisor, "__distance__": distance, "__few__": few}
"""What checked code calls, for the module that it is in."""

_OPERANDS = {
    ast.FloorDiv: "__divisor__",
    ast.Mod: "__divisor__",
    ast.LShift: "__distance__",
    ast.RShift: "__distance__",
}


def checked(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Return the body of a function that is compiled, with its checks."""
    return [Words().visit(statement) for statement in statements]


def handing_on_words(statements: list[ast.stmt], callees: set[str]) -> list[ast.stmt]:
    """Return the body of a function that is not compiled, where it calls what is.

    Its own integers have no bounds, but what it hands on has 64 bits.
    """
    return [_HandedOn(callees).visit(statement) for statement in statements]


def with_few_values(tree: Node) -> Node:
    """Return code in which no comprehension goes through more values than can be tried."""
    for generator in _generators(tree):
        generator.iter = _call("__few__", generator.iter)
    return tree


def _generators(tree: ast.AST) -> Iterator[ast.comprehension]:
    return (node for node in list(ast.walk(tree)) if isinstance(node, ast.comprehension))


def _call(name: str, value: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [value], []), value)


class Words(ast.NodeTransformer):
    """Wraps every operation in the functions that check it."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if type(node.op) in _OPERANDS and not _is_number(node.right):
            node.right = _call(_OPERANDS[type(node.op)], node.right)
        return _call("__fits__", node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if _is_number(node):
            return node
        self.generic_visit(node)
        return _call("__fits__", node) if isinstance(node.op, ast.USub) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """`a += b` as `a = a + b`: what is looked up twice has no effects."""
        before = ast.parse(ast.unparse(node.target), mode="eval").body
        value = ast.copy_location(ast.BinOp(before, node.op, node.value), node)
        assigned = ast.Assign([node.target], value)
        return self.visit(ast.fix_missing_locations(ast.copy_location(assigned, node)))


class _HandedOn(ast.NodeTransformer):
    """Wraps the arguments of some functions."""

    def __init__(self, callees: set[str]) -> None:
        self.callees = callees

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node.func:
            case ast.Name(id=name) if name in self.callees:
                node.args = [_call("__fits__", argument) for argument in node.args]
        return node


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant)
