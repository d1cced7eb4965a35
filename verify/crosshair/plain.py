"""Network functions, specs and structures without contracts, on arrays of plain integers.

With contracts on, CrossHair was seen to confirm an expiry that is off by one; here it sees
nothing but the code. A module is executed from its text, without the decorators of contracts and
of the compiler, and with what it imports of the program's modules loaded in the same way.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from verify.crosshair.cells import numpy
from verify.program import Program
from verify.source import Module

KEPT = {"property", "staticmethod"}
UNUSED = ("libvig.compile", "libvig.contracts", "libvig.rows")  # they are for decorators
REAL = ("libvig.types",)  # without contracts or arrays


class Plain:
    """The modules of a program, each loaded once."""

    def __init__(
        self,
        program: Program,
        stand_ins: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.program = program
        self.stand_ins = dict(stand_ins or {})  # for functions and methods, by full name
        self.modules: dict[str, ModuleType] = {}

    def load(self, name: str) -> Any:
        """Return the module of this name, plain."""
        if name not in self.modules:
            self.modules[name] = self._execute(self.program.load(name))
        return self.modules[name]

    def _execute(self, source: Module) -> ModuleType:
        tree = _Stripped().visit(ast.parse(source.text, str(source.path)))
        module = ModuleType(f"plain.{source.name}")
        module.__file__ = str(source.path)
        sys.modules[module.__name__] = module  # where NamedTuple looks for what annotations name
        vars(module).update(np=numpy, **self._imported(tree))
        exec(compile(self._without_imports(tree), str(source.path), "exec"), vars(module))
        for full, function in self.stand_ins.items():
            if full.startswith(f"{source.name}."):
                *owners, name = full.removeprefix(f"{source.name}.").split(".")
                setattr(vars(module)[owners[0]] if owners else module, name, function)
        return module

    def _imported(self, tree: ast.Module) -> dict[str, Any]:
        found = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and self._is_ours(node):
                for alias in node.names:
                    if node.module not in UNUSED:
                        found[alias.asname or alias.name] = self._member(
                            str(node.module), alias.name
                        )
        return found

    def _member(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in self.stand_ins:
            return self.stand_ins[full]
        if module in REAL:
            return getattr(importlib.import_module(module), name)
        return vars(self.load(module))[name]

    def _is_ours(self, node: ast.ImportFrom) -> bool:
        return self.program.find(str(node.module)) is not None

    def _without_imports(self, tree: ast.Module) -> ast.Module:
        def stays(node: ast.stmt) -> bool:
            if isinstance(node, ast.Import):
                return [alias.name for alias in node.names] != ["numpy"]
            return not isinstance(node, ast.ImportFrom) or not self._is_ours(node)

        tree.body = [node for node in tree.body if stays(node)]
        return ast.fix_missing_locations(tree)


class _Stripped(ast.NodeTransformer):
    """Leaves out contracts; a view becomes a property, and words that are packed are added."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = []
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        names = [d.id for d in node.decorator_list if isinstance(d, ast.Name)]
        kept = ["property" if name == "view" else name for name in names]
        node.decorator_list = [
            ast.Name(name, ast.Load(), lineno=node.lineno, col_offset=0)
            for name in kept
            if name in KEPT
        ]
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """`a << n | b` packs two words; CrossHair can follow a sum, but no `|`, in Z3."""
        self.generic_visit(node)
        if isinstance(node.op, ast.BitOr) and _is_shifted(node.left):
            node.op = ast.Add()
        return node


def _is_shifted(node: ast.expr) -> bool:
    """Whether it is `a << n`, or such words packed."""
    return isinstance(node, ast.BinOp) and (
        isinstance(node.op, ast.LShift) or (isinstance(node.op, ast.Add) and _is_shifted(node.left))
    )
