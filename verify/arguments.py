"""The arguments of a counterexample as plain data, which passes between processes and into reports.

`verify.counterexample` has the same with the classes as they are in the source; of these, what is
kept here is their names, and how they annotate their fields.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from verify.counterexample import (
    Concrete,
    ConcreteArray,
    ConcreteObject,
    ConcreteStructure,
    Counterexample,
)
from verify.network_function import is_looking
from verify.source import Module


@dataclass(frozen=True)
class Instance:
    """An object: its fields, and the annotation of each."""

    cls: str
    fields: dict[str, Argument]
    kinds: dict[str, str]


@dataclass(frozen=True)
class Elements:
    """An array."""

    values: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """A structure: its fixed numbers, and the entries of its view that matter."""

    cls: str
    numbers: dict[str, int]
    entries: dict[int, Argument]


ADDRESSES = {"Address", "Mac"}
Argument: TypeAlias = "int | bool | Instance | Elements | Table"


def arguments_of(case: Counterexample) -> dict[str, Argument]:
    """The arguments, by name."""
    return {name: plain(value) for name, value in case.arguments.items()}


def plain(value: Concrete, keys: str = "") -> Argument:
    """`keys` is what a key of one word stands for, where that is known."""
    if isinstance(value, ConcreteObject):
        if "process" in value.cls.methods:
            keys = kind_of_keys(value.cls.module)
        if keys and value.cls.name == "Key" and value.fields["second"] == 0:
            return Instance("Key", {"address": plain(value.fields["first"])}, {"address": keys})
        fields = {name: plain(part, keys) for name, part in value.fields.items()}
        annotations = value.cls.fields
        return Instance(
            value.cls.name, fields, {name: ast.unparse(annotations[name]) for name in fields}
        )
    if isinstance(value, ConcreteArray):
        return Elements(value.elements)
    if isinstance(value, ConcreteStructure):
        entries = {key: plain(entry, keys) for key, entry in value.entries.items()}
        return Table(value.cls.name, dict(value.numbers), entries)
    return value


def kind_of_keys(module: Module) -> str:
    """Which kind of address the keys of a network function's tables are, if they are one.

    Where it makes a key of one word, `Key(source, 0)`, the annotation of the word says so.
    """
    functions = [*module.functions.values()]
    functions += [method for cls in module.classes.values() for method in cls.methods.values()]
    kinds = set()
    for function in [f for f in functions if not is_looking(f)]:
        annotations = dict(function.parameters)
        for node in ast.walk(function.node):
            match node:
                case ast.Call(func=ast.Name(id="Key"), args=[ast.Name(id=word), ast.Constant()]):
                    kinds.add(ast.unparse(annotations.get(word) or ast.Name("int")))
                case ast.Call(func=ast.Name(id="Key")):
                    kinds.add("")
    return kinds.pop() if len(kinds) == 1 and kinds <= ADDRESSES else ""
