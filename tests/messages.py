"""All messages that the sources have for users, with `…` for what differs from case to case.

They are read from the calls that make them. What a message is made of is followed as far as it is
written in the same function, or is a constant; a message that has no words of its own is left out,
as its words are those of another.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tests.edits import ROOT
from verify.subset_words import REFUSED

# What a user gets to read is made by these, from the argument of this number on.
KINDS = {
    "UsageError": 0,
    "InputError": 0,
    "FaultyNfError": 0,
    "ArgumentTypeError": 0,
    "Unsupported": 0,
    "Problem": 2,
    "note": 1,
}
SOME = "…"


class Message(NamedTuple):
    """What a line of the sources may say; `file:line: ` in front is left out."""

    file: str
    line: int
    texts: tuple[str, ...]


def all_of_them() -> list[Message]:
    """In a process of its own: to import everything has effects, CrossHair sets contracts off."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        return apart.submit(_all_of_them).result()


def _all_of_them() -> list[Message]:
    words = "verify/subset_words.py"
    found = [Message(words, 0, (refused(*parts),)) for parts in REFUSED.values()]
    for folder in ("libvig", "verify"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            found += of_file(file, ROOT)
    return found


def of_file(file: Path, root: Path) -> Iterator[Message]:
    path = file.relative_to(root)
    module = importlib.import_module(".".join(path.with_suffix("").parts))
    for function in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef):
            for call in calls(function, is_front_end=file.stem.startswith("subset")):
                texts = Reader(module, function).said(call)
                if texts:
                    yield Message(str(path), call.lineno, tuple(texts))


def calls(function: ast.FunctionDef, *, is_front_end: bool) -> Iterator[ast.Call]:
    """What makes messages in a function, without those in it."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call) and kind_of(node, is_front_end=is_front_end) in KINDS:
            yield node
        if not isinstance(node, ast.FunctionDef):
            pending += ast.iter_child_nodes(node)


def kind_of(call: ast.Call, *, is_front_end: bool = True) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name != "note":
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr="note") if is_front_end:
            return "note"
    return ""


class Reader:
    """Reads texts as a function of a module makes them."""

    def __init__(self, module: ModuleType, function: ast.FunctionDef) -> None:
        self.module = module
        self.function = function

    def said(self, call: ast.Call) -> list[str]:
        """What a call may say, as far as it says anything of its own."""
        kind = kind_of(call)
        given = call.args[KINDS[kind] :]
        if kind != "note":
            found = [without_place(text) for text in self.texts(given[0])]
        elif len(given) == 2:
            parts = product(self.texts(given[0]), self.texts(given[1]))
            found = [refused(*pair) for pair in parts]
        else:  # the words of REFUSED
            found = []
        return [re.sub(f"{SOME}+", SOME, text) for text in found if text.strip(f"{SOME}: ")]

    def texts(self, node: ast.expr) -> list[str]:
        """What an expression may be."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return self.joined(parts)
            case ast.FormattedValue(value=value):
                return self.texts(value)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self.joined([left, right])
            case ast.IfExp(body=body, orelse=other):
                return [*self.texts(body), *self.texts(other)]
            case ast.Name(id=name):
                values = list(self.assigned(name))
                if len(values) == 1:  # of several it depends on the way which one it is
                    return self.texts(values[0])
        return [self.constant(node)]

    def joined(self, parts: list[ast.expr]) -> list[str]:
        return ["".join(texts) for texts in product(*map(self.texts, parts))]

    def assigned(self, name: str) -> Iterator[ast.expr]:
        """What a name is given in the function, if it is a text."""
        for node in ast.walk(self.function):
            match node:
                case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                    if isinstance(value, ast.JoinedStr | ast.Constant | ast.IfExp):
                        yield value

    def constant(self, node: ast.expr) -> str:
        """A constant of the module, or of one that it imports; `…` for anything else."""
        value: Any = None
        match node:
            case ast.Name(id=name) if name.isupper():
                value = getattr(self.module, name, None)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name.isupper():
                value = getattr(getattr(self.module, module, None), name, None)
        is_short = isinstance(value, str) or (isinstance(value, int) and value < 2**31)
        return str(value) if is_short else SOME


def refused(found: str, write: str) -> str:
    return f"found {found}; write {write}"


def without_place(text: str) -> str:
    """The message behind `file:line: `."""
    for place in (f"{SOME}:{SOME}: ", f"{SOME}: "):
        text = text.removeprefix(place)
    return text
