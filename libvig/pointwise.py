"""Views whose entry at an index depends on the arrays at that index only, told by their text.

Such a view is `{i: … for i in range(len(self.array)) if …}`, where `self` occurs as in
`self.array[i]` and not otherwise; or the same with `for i, x in self.part.entries.items()`.
As in `self.array[0]`, it may occur besides, of cells that all entries depend on.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple, TypeGuard


class Pointwise(NamedTuple):
    """How to compute single entries of a view."""

    entries: Callable[..., dict[int, Any]]
    """Takes the structure, and a function from the comprehension's domain to a part of it."""

    read: list[str]
    """What is read at the index, such as "keys.entries": arrays, and views that are pointwise."""

    cells: list[str]
    """Arrays that are read elsewhere, at a constant: when one has changed, so has the view."""

    measured: str | None
    """The array whose length is the domain, where that is a range."""


def pointwise(function: Callable[..., Any]) -> Pointwise | None:
    """Return how to compute single entries of a view; None if its text does not allow it."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return None
    match tree.body:
        case [
            ast.FunctionDef(body=[*rest, ast.Return(value=ast.DictComp() as view)]) as definition
        ]:
            read, cells, measured = _reads(view)
        case _:
            return None
    if read is None or len(rest) != (ast.get_docstring(definition) is not None):
        return None
    [source] = view.generators
    source.iter = ast.Call(ast.Name("only", ast.Load()), [source.iter], [])
    definition.args.args.append(ast.arg("only"))
    definition.returns = None
    definition.decorator_list = []
    namespace: dict[str, Any] = {}
    code = compile(ast.fix_missing_locations(tree), inspect.getfile(function), "exec")
    exec(code, function.__globals__, namespace)
    return Pointwise(namespace[definition.name], read, cells, measured)


def _reads(view: ast.DictComp) -> tuple[list[str] | None, list[str], str | None]:
    """Return what a comprehension reads at its index, what at constants, and what it measures.

    The first is None if it reads anything else.
    """
    match view.key, view.generators:
        case ast.Name(index), [ast.comprehension(target, domain, conditions)]:
            nodes = [node for part in (view.value, *conditions) for node in ast.walk(part)]
        case _:
            return None, [], None
    read = [node.value for node in nodes if _is_element(node, index)]
    cells = [node.value for node in nodes if _is_cell(node)]
    selves = sum(isinstance(node, ast.Name) and node.id == "self" for node in nodes)
    if len(read) + len(cells) != selves:
        return None, [], None
    match target, domain:
        case ast.Name(key), ast.Call(ast.Name("range"), [ast.Call(ast.Name("len"), [array])]):
            measured = _path(array)
        case ast.Tuple([ast.Name(key), ast.Name()]), ast.Call(ast.Attribute(part, "items"), []):
            read.append(part)
            measured = None
        case _:
            return None, [], None
    paths, fixed = ([_path(node) for node in nodes] for nodes in (read, cells))
    if key != index or not all([*paths, *fixed]):
        return None, [], None
    return [path for path in paths if path], [path for path in fixed if path], measured


def _is_element(node: ast.AST, index: str) -> TypeGuard[ast.Subscript]:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Name)
        and node.slice.id == index
    )


def _is_cell(node: ast.AST) -> TypeGuard[ast.Subscript]:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and _path(node.value) is not None
    )


def _path(node: ast.expr) -> str | None:
    """Return the attributes that lead from `self` to what an expression names."""
    match node:
        case ast.Attribute(ast.Name("self"), name):
            return name
        case ast.Attribute(owner, name):
            before = _path(owner)
            return before and f"{before}.{name}"
    return None
