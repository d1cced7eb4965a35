"""Structures without contracts, on arrays of plain integers.

With contracts on, CrossHair was seen to confirm an expiry that is off by one; here it sees
nothing but the code. A module is executed from its text, without the decorators of contracts and
of the compiler, and with what it imports of libvig loaded in the same way.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.crosshair.cells import numpy

ROOT = Path(__file__).parents[2]
KEPT = {"property", "staticmethod"}
NOT_BARE = ("libvig.compile", "libvig.contracts", "libvig.types")


class Bare:
    """The modules of libvig, each loaded once; `texts` replaces the text of some."""

    def __init__(
        self,
        texts: Mapping[str, str] | None = None,
        stand_ins: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.texts = dict(texts or {})
        self.stand_ins = dict(stand_ins or {})  # for functions, by full name
        self.modules: dict[str, ModuleType] = {}

    def load(self, name: str) -> Any:
        """Return the module of this name, bare."""
        if name not in self.modules:
            self.modules[name] = self._execute(name)
        return self.modules[name]

    def _execute(self, name: str) -> ModuleType:
        path = ROOT / Path(*name.split(".")).with_suffix(".py")
        tree = _Stripped().visit(ast.parse(self.texts.get(name) or path.read_text("utf-8")))
        module = ModuleType(f"bare.{name}")
        module.__file__ = str(path)
        sys.modules[module.__name__] = module  # where NamedTuple looks for what annotations name
        vars(module).update(np=numpy, **self._imported(tree))
        exec(compile(_without_imports(tree), str(path), "exec"), vars(module))
        return module

    def _imported(self, tree: ast.Module) -> dict[str, Any]:
        found = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and _is_ours(node) and node.module not in NOT_BARE:
                for alias in node.names:
                    found[alias.asname or alias.name] = self._member(str(node.module), alias.name)
        return found

    def _member(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        return self.stand_ins[full] if full in self.stand_ins else vars(self.load(module))[name]


class _Stripped(ast.NodeTransformer):
    """Leaves out contracts; a view becomes a property."""

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
        return node


def _is_ours(node: ast.ImportFrom) -> bool:
    return str(node.module).partition(".")[0] == "libvig"


def _without_imports(tree: ast.Module) -> ast.Module:
    def stays(node: ast.stmt) -> bool:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names] != ["numpy"]
        return not isinstance(node, ast.ImportFrom) or not _is_ours(node)

    tree.body = [node for node in tree.body if stays(node)]
    return ast.fix_missing_locations(tree)
