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


Argument: TypeAlias = "int | bool | Instance | Elements | Table"


def arguments_of(case: Counterexample) -> dict[str, Argument]:
    """The arguments, by name."""
    return {name: plain(value) for name, value in case.arguments.items()}


def plain(value: Concrete) -> Argument:
    if isinstance(value, ConcreteObject):
        fields = {name: plain(part) for name, part in value.fields.items()}
        annotations = value.cls.fields
        return Instance(
            value.cls.name, fields, {name: ast.unparse(annotations[name]) for name in fields}
        )
    if isinstance(value, ConcreteArray):
        return Elements(value.elements)
    if isinstance(value, ConcreteStructure):
        entries = {key: plain(entry) for key, entry in value.entries.items()}
        return Table(value.cls.name, dict(value.numbers), entries)
    return value
