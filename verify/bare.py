"""A network function and its specs imported once more, to be run beside a capture.

Contracts are left out: they are proved, and would take most of the time. Instead, the NF's
integers must fit 64 bits and its indices be in range; and asserts note what they compare.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from verify.cases import Spec
from verify.network_function import find_network_function
from verify.program import Program
from verify.replay import checked_module, execute
from verify.source import Module

KEPT = ("libvig.compile", "libvig.compile_cache", "libvig.primitives", "libvig.types")
"""Modules without contracts; two of them tell Numba something, which is to be done only once."""


class Sight:
    """What the last assert compared."""

    def __init__(self) -> None:
        self.values: list[tuple[str, Any]] = []

    def begin(self) -> None:
        """Forget what earlier asserts compared."""
        self.values = []

    def note(self, text: str, value: Any) -> Any:
        """Note and return the value of an expression."""
        self.values.append((text, value))
        return value


@dataclass(frozen=True)
class Bare:
    """What is run of an NF and its specs."""

    new: Callable[[Any], Any]
    packet: Callable[[Any, int, int], Any]
    """The class Packet that the specs know."""
    assumption_false: type[Exception]
    specs: list[Spec]
    spec_module: Module
    sight: Sight


def load(program: Program, nf_name: str, spec_name: str) -> Bare:
    """Import an NF and its specs, which the program knows by these names."""
    nf, specs, sight = program.load(nf_name), program.load(spec_name), Sight()
    with afresh(program):
        contracts: Any = importlib.import_module("libvig.contracts")
        contracts.enabled = False
        real_nf = checked_module(nf)
        real_specs = witnessed_module(specs, sight)
        packet = importlib.import_module("libvig.packet.packet").Packet
        assumption_false = importlib.import_module("libvig.spec").AssumptionFalse
    return Bare(
        new=getattr(real_nf, find_network_function(nf).constructor.name),
        packet=packet,
        assumption_false=assumption_false,
        specs=[
            getattr(real_specs, f.name) for f in specs.functions.values() if f.is_marked("spec")
        ],
        spec_module=specs,
        sight=sight,
    )


@contextmanager
def afresh(program: Program) -> Iterator[None]:
    """Inside, what is imported of the product is imported anew, and given up in the end."""

    def ours() -> dict[str, ModuleType]:
        return {
            name: module
            for name, module in sys.modules.items()
            if name.partition(".")[0] in ("libvig", "nfs", "specs") or name in program.overlay
        }

    hidden, search_path = ours(), list(sys.path)
    for name in hidden:
        if name not in KEPT:
            del sys.modules[name]
    sys.path += [str(root) for root in program.roots]
    try:
        yield
    finally:
        sys.path[:] = search_path
        for name in ours():
            del sys.modules[name]
        sys.modules.update(hidden)


def witnessed_module(module: Module, sight: Sight) -> ModuleType:
    """A module of specs whose asserts note what they compare."""
    tree = ast.fix_missing_locations(Asserts().visit(ast.parse(module.text, str(module.path))))
    return execute(module, tree, __begin__=sight.begin, __note__=sight.note)


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
