"""Where things change: numbers that arguments are compared with, in contracts and in code.

An argument that lies beside such a bound shows what one of the usual size does not.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import linecache
from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from types import CodeType
from typing import Any, NamedTuple

Function = Callable[..., Any]

_MOST = 3  # arguments that are moved to a bound at once
_WORD = range(-(2**63), 2**63)


class Bound(NamedTuple):
    """A number that a name is compared with."""

    name: str  # of a parameter, or of a field of `self`
    code: CodeType  # the other side
    names: Mapping[str, Any]  # what is global to it


def at_bounds(
    random: Random, given: Mapping[str, Any], bounds: list[Bound], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is given, with some numbers moved to their bounds or next to them.

    `known` are further names that the bounds are told by.
    """
    moved = dict(given)
    bounds = [bound for bound in bounds if type(moved.get(bound.name)) is int]
    for bound in random.choices(bounds, k=random.randint(1, _MOST)) if bounds else []:
        try:
            value = eval(bound.code, dict(bound.names), {**known, **moved}) + random.randint(-1, 1)
        except Exception:  # another condition is what makes sense of this one
            continue
        if isinstance(value, int) and value in _WORD:
            moved[bound.name] = int(value)
    return moved


def bounds_of(function: Function) -> list[Bound]:
    """Return what the parameters of a function or method are compared with."""
    plain: Any = inspect.unwrap(function)
    conditions = [
        contract.condition
        for group in getattr(function, "__preconditions__", [])
        for contract in group
    ]
    found = [bound for condition in conditions for bound in _in_lambda(condition, "")]
    return found + list(_bounds(_definition(plain.__code__), "", plain.__globals__))


def bounds_of_fields(cls: type) -> list[Bound]:
    """Return what the fields of a record are compared with in its invariants."""
    held = getattr(cls, "__invariants__", [])
    return [bound for one in held for bound in _in_lambda(one.condition, "self.")]


def _in_lambda(condition: Function, owner: str) -> Iterator[Bound]:
    plain: Any = inspect.unwrap(condition)
    yield from _bounds(_definition(plain.__code__), owner, plain.__globals__)


def _bounds(tree: ast.AST | None, owner: str, names: Mapping[str, Any]) -> Iterator[Bound]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Compare):
            for one, other in itertools.pairwise([node.left, *node.comparators]):
                for subject, side in ((one, other), (other, one)):
                    text = ast.unparse(subject)
                    name = text.removeprefix(owner)
                    if text.startswith(owner) and name.isidentifier():
                        code = compile(ast.Expression(side), "<bound>", "eval")
                        yield Bound(name, code, names)


def _definition(code: CodeType) -> ast.AST | None:
    """Return the function or lambda that was compiled to this code."""
    linecache.checkcache(code.co_filename)
    nodes = _definitions("".join(linecache.getlines(code.co_filename)))
    return next((node for node in nodes if _is_of(node, code)), None)


@functools.lru_cache(maxsize=16)
def _definitions(text: str) -> list[ast.FunctionDef | ast.Lambda]:
    tree = ast.parse(text)
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]


def _is_of(node: ast.FunctionDef | ast.Lambda, code: CodeType) -> bool:
    if isinstance(node, ast.Lambda):
        names = _names(node.args.args)
        return (
            code.co_name == "<lambda>"
            and node.lineno == code.co_firstlineno
            and names == code.co_varnames[: code.co_argcount]
        )
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return node.name == code.co_name and first <= code.co_firstlineno <= node.lineno


def _names(arguments: Iterable[ast.arg]) -> tuple[str, ...]:
    return tuple(argument.arg for argument in arguments)
