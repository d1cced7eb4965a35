"""Why a network function drops packets: the members of its Drop, and the paths that give them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from verify.html.sources import comment_at
from verify.html.tree import Leaf
from verify.network_function import NetworkFunction
from verify.program import Program
from verify.source import Class, Function, Module
from verify.summary import in_words

CALL = re.compile(r"([\w.]+)\(…\)$")
"""How `verdicts.in_words` tells that a path returns what a function gave."""


@dataclass(frozen=True)
class Reason:
    """A member of Drop."""

    name: str
    value: int
    words: str
    why: str  # its comment
    given: tuple[Leaf, ...]  # by these paths
    passed_on: dict[str, list[Leaf]]  # by function: these return what that gave, which names it


def reasons_of(nf: NetworkFunction, leaves: list[Leaf]) -> list[Reason]:
    drop = nf.module.classes.get("Drop")
    return [] if drop is None else [_reason(nf, drop, item, leaves) for item in _members(drop)]


def _members(drop: Class) -> Iterator[ast.Assign]:
    for item in drop.node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            yield item


def _reason(nf: NetworkFunction, drop: Class, item: ast.Assign, leaves: list[Leaf]) -> Reason:
    assert isinstance(item.targets[0], ast.Name)
    name = item.targets[0].id
    why, words = comment_at(drop.module, item), name
    names = {f"Drop.{name}"}
    match item.value:
        case ast.Attribute(value=ast.Name(id=other), attr=member):
            names.add(f"{other}.{member}")
            if not why:
                why, words = _comment_of_member(drop.module.lookup(other), member), member
    given = [leaf for leaf in leaves if leaf.end.returned == f"Drop.{name}"]
    passed_on: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        function = _function_behind(leaf)
        if function and names & _named_in(nf, function):
            passed_on.setdefault(function, []).append(leaf)
    return Reason(name, drop.members[name], in_words(words), why, tuple(given), passed_on)


def _comment_of_member(owner: Class | Function | int | None, member: str) -> str:
    if not isinstance(owner, Class):
        return ""
    found = (item for item in _members(owner) if ast.unparse(item.targets[0]) == member)
    return next((comment_at(owner.module, item) for item in found), "")


def _function_behind(leaf: Leaf) -> str:
    """The name of the function whose result a path returns, if it returns one's."""
    found = CALL.fullmatch(leaf.end.returned)
    return found.group(1) if found is not None else ""


def _named_in(nf: NetworkFunction, name: str) -> set[str]:
    """Members of enumerations that are named in a function of this name."""
    functions = functions_of(nf.module.program)
    wanted = [f for f in functions if name in (f.name, f.qualified_name)]
    return {member for function in wanted for member in names_in(function, set())}


def functions_of(program: Program) -> Iterator[Function]:
    for module in program.modules.values():
        yield from module.functions.values()
        for cls in module.classes.values():
            yield from cls.methods.values()


def names_in(function: Function, seen: set[tuple[str, str]]) -> set[str]:
    """What a function, and those that it calls, name as `Class.MEMBER`."""
    module: Module = function.module
    if (module.name, function.qualified_name) in seen:
        return set()
    seen.add((module.name, function.qualified_name))
    found = set()
    for node in ast.walk(ast.Module(function.body, [])):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=member):
                found.add(f"{owner}.{member}")
            case ast.Call(func=ast.Name(id=name)):
                called = module.lookup(name)
                if isinstance(called, Function):
                    found |= names_in(called, seen)
    return found
