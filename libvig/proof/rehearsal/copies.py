"""Copies of modules that tell when a loop comes round.

The real modules stay as they are. A copy may also be made of an edited source, in place of the
module's own: every module that imports it is then copied as well, and uses the copy.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.util
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

NAME = "__rehearsal__"  # of the hooks, in a copy
NAMES = "__rehearsal_names__"  # of a class in a copy: what the names in its annotations mean
_LEFT_OUT = {"compiled", "compiled_class"}  # a copy is never compiled


class Copies:
    """Modules copied for one rehearsal, by name."""

    def __init__(self, names: Sequence[str], sources: Mapping[str, Path], hooks: object) -> None:
        self.wanted = {*names, *sources}
        self.sources = sources
        self.hooks = hooks
        self.loaded: dict[str, ModuleType] = {}

    def load(self, name: str) -> ModuleType:
        """Return the copy of a module."""
        if name not in self.loaded:
            path = self.sources.get(name) or source_file(name)
            assert path is not None, f"{name} has no source"
            tree = ast.parse(path.read_text(), str(path))
            module = self.loaded[name] = ModuleType(name)
            module.__file__ = str(path)
            module.__package__ = name.rpartition(".")[0]
            vars(module)["__builtins__"] = vars(builtins) | {"__import__": self._import}
            vars(module)[NAME] = self.hooks
            exec(compile(_with_hooks(tree), str(path), "exec"), vars(module))
            for member in list(vars(module).values()):
                if inspect.isclass(member) and member.__module__ == name:
                    setattr(member, NAMES, vars(module))
        return self.loaded[name]

    def _import(
        self, name: str, globals: Any = None, locals: Any = None, names: Any = (), level: int = 0
    ) -> Any:
        if level == 0 and names and self._copied(name):
            return self.load(name)
        return __import__(name, globals, locals, names, level)

    def _copied(self, name: str) -> bool:
        return name in self.wanted or not _imported(name).isdisjoint(self.wanted)


def source_file(name: str) -> Path | None:
    """Return where a module's source is; None if there is no such module."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(found.origin) if found and found.has_location and found.origin else None


@functools.cache
def _imported(name: str) -> frozenset[str]:
    """Return the modules of the same package that a module imports, directly or not."""
    package = name.partition(".")[0]
    found: set[str] = set()
    waiting = [name]
    while waiting:
        path = source_file(waiting.pop())
        if path is None or path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module not in found:
                if node.module.partition(".")[0] == package:
                    found.add(node.module)
                    waiting.append(node.module)
    return frozenset(found)


def _with_hooks(tree: ast.Module) -> ast.Module:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            _hook(node, node.name)
        elif isinstance(node, ast.ClassDef):
            node.decorator_list = _kept(node.decorator_list)
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    _hook(member, f"{node.name}.{member.name}")
    return ast.fix_missing_locations(tree)


def _kept(decorators: list[ast.expr]) -> list[ast.expr]:
    return [name for name in decorators if ast.unparse(name) not in _LEFT_OUT]


def _hook(function: ast.FunctionDef, name: str) -> None:
    """Tell the hooks when each loop of a function comes round."""
    function.decorator_list = _kept(function.decorator_list)
    _Loops(name).visit(function)


class _Loops(ast.NodeTransformer):
    """Puts hooks on the loops of a function, numbered as they stand in its text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.loops = 0

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        turns, before = self._begun()
        head = ast.parse(f"{turns}.head(locals())", mode="eval").body
        node.test = ast.BoolOp(ast.And(), [head, node.test])
        self.generic_visit(node)
        node.body[:0] = ast.parse(f"{turns}.body(locals())").body
        return [*before, node]

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        turns, before = self._begun()
        self.generic_visit(node)
        values = f"values_{turns}"
        assigned = ast.Assign([ast.Name(values, ast.Store())], node.iter)
        node.iter = ast.Name(values, ast.Load())
        name = ast.unparse(node.target)
        edge = f"{turns}.edge(locals(), {name!r}, {values}, is_over="
        node.body[:0] = ast.parse(f"{turns}.head(locals())").body
        node.orelse[:0] = ast.parse(f"{edge}True)").body
        return [*before, assigned, *ast.parse(f"{edge}False)").body, node]

    def _begun(self) -> tuple[str, list[ast.stmt]]:
        nth = self.loops
        self.loops += 1
        turns = f"turns_of_{nth}"
        return turns, ast.parse(f"{turns} = {NAME}.turns({self.name!r}, {nth})").body
