"""Specs that tell what they saw: what `process` returned, and what the failed assert compared."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable
from typing import Any

from verify.source import Module

MOST_CALLS = 8  # of `process`, the last ones, that are remembered


class Sight:
    """What the last assert compared, and what `process` returned before."""

    def __init__(self) -> None:
        self.values: list[tuple[str, Any]] = []
        self.verdicts: deque[Any] = deque(maxlen=MOST_CALLS)

    @property
    def names(self) -> dict[str, Callable[..., Any]]:
        """What a watched module calls."""
        return {"__begin__": self.begin, "__note__": self.note, "__returned__": self.returned}

    def forget(self) -> None:
        """Forget what earlier runs saw."""
        self.values = []
        self.verdicts.clear()

    def begin(self) -> None:
        """Forget what earlier asserts compared."""
        self.values = []

    def note(self, text: str, value: Any) -> Any:
        """Note and return the value of an expression."""
        self.values.append((text, value))
        return value

    def returned(self, verdict: Any) -> Any:
        """Note and return what `process` returned."""
        self.verdicts.append(verdict)
        return verdict


def watched(module: Module) -> ast.Module:
    """A module of specs, to be run with the names of a `Sight`."""
    tree = ast.parse(module.text, str(module.path))
    for transformer in (Asserts(), Calls()):
        transformer.visit(tree)
    return ast.fix_missing_locations(tree)


class Asserts(ast.NodeTransformer):
    """Wraps what asserts compare."""

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        begin = ast.Expr(ast.Call(ast.Name("__begin__", ast.Load()), [], []))
        node.test = Operands().visit(node.test)
        return [ast.copy_location(begin, node), node]


class Operands(ast.NodeTransformer):
    """Wraps the operands of comparisons, and truth values that are not comparisons."""

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Compare):
            node.left = noted(node.left)
            node.comparators = [noted(operand) for operand in node.comparators]
            return node
        is_inner = isinstance(node, ast.BoolOp | ast.IfExp | ast.UnaryOp)
        return (
            self.generic_visit(node) if is_inner or not isinstance(node, ast.expr) else noted(node)
        )


def noted(node: ast.expr) -> ast.expr:
    """The expression, noting its value unless its text says that."""
    if isinstance(node, ast.Constant):
        return node
    arguments: list[ast.expr] = [ast.Constant(ast.unparse(node)), node]
    return ast.copy_location(ast.Call(ast.Name("__note__", ast.Load()), arguments, []), node)


class Calls(ast.NodeTransformer):
    """Wraps the calls of `process`."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "process":
            return node
        name = ast.Name("__returned__", ast.Load())
        return ast.copy_location(ast.Call(name, [node], []), node)
