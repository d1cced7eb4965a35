"""Copies of modules that tell when a loop comes round, and check what CPython does not.

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
from typing import Any, TypeGuard

from libvig.proof.rehearsal.arrays import SmallArrays
from libvig.proof.rehearsal.words import NAMES as CHECKS
from libvig.proof.rehearsal.words import checked, handing_on_words, with_few_values

NAME = "__rehearsal__"  # of the hooks, in a copy
NAMES = "__rehearsal_names__"  # of a class in a copy: what the names in its annotations mean
_LEFT_OUT = {"compiled", "compiled_class"}  # a copy is never compiled


class KnownKey:
    """Stands for libvig.hash_key, with one key for all: the seed alone decides what is tried."""

    @staticmethod
    def secret_word(number: int) -> int:
        """Return word 0 or 1 of that key."""
        return (0x0706050403020100, 0x0F0E0D0C0B0A0908)[number]


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
            vars(module).update(CHECKS, **{NAME: self.hooks})
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
        if name == "numpy" and not names:
            return SmallArrays()
        if name == "libvig.hash_key":
            return KnownKey()
        return __import__(name, globals, locals, names, level)

    def _copied(self, name: str) -> bool:
        used = {name, *_imported(name)}
        return not used.isdisjoint(self.wanted) or any(map(_has_arrays, used))


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
        new = {m for m in _imports(waiting.pop()) if m.partition(".")[0] == package} - found
        found |= new
        waiting += new
    return frozenset(found)


def _has_arrays(name: str) -> bool:
    """Tell whether a module has structures, which may be parts of what is tried."""
    return {"numpy", "libvig.compile"} <= _imports(name)


@functools.cache
def _imports(name: str) -> frozenset[str]:
    """Return the modules that a module imports."""
    path = source_file(name)
    if path is None or path.suffix != ".py":
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return frozenset(found)


def _with_hooks(tree: ast.Module) -> ast.Module:
    callees = {node.name for node in tree.body if _takes_words(node)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            is_compiled = _is_marked(node, "compiled")
            if not is_compiled:
                node.body = handing_on_words(node.body, callees)
            _hook(node, node.name, is_compiled=is_compiled)
        elif isinstance(node, ast.ClassDef):
            is_compiled = _is_marked(node, "compiled_class")
            node.decorator_list = _kept(node.decorator_list)
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    is_view = _is_marked(member, "view")
                    name = f"{node.name}.{member.name}"
                    _hook(member, name, is_compiled=is_compiled and not is_view)
    return ast.fix_missing_locations(with_few_values(tree))


def _takes_words(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.ClassDef]:
    """Tell whether what is defined is made of integers of 64 bits, or proved for such."""
    if isinstance(node, ast.FunctionDef):
        marks = {ast.unparse(mark).partition("(")[0] for mark in node.decorator_list}
        return not marks.isdisjoint({"compiled", "require", "ensure"})
    return isinstance(node, ast.ClassDef)


def _is_marked(node: ast.FunctionDef | ast.ClassDef, word: str) -> bool:
    return word in map(ast.unparse, node.decorator_list)


def _kept(decorators: list[ast.expr]) -> list[ast.expr]:
    return [name for name in decorators if ast.unparse(name) not in _LEFT_OUT]


def _hook(function: ast.FunctionDef, name: str, *, is_compiled: bool) -> None:
    """Tell the hooks when each loop of a function comes round."""
    function.decorator_list = _kept(function.decorator_list)
    if is_compiled:
        function.body = checked(function.body)
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
