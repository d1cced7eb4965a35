"""What kind of value an expression stands for, as far as its text tells."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from verify.source import Class, Module

ARRAYS = {"Bytes": "bytes", "I32": "32-bit integers", "I64": "64-bit integers"}


@dataclass(frozen=True)
class ViewOf:
    """A view, and what its values are."""

    value: ValueKind


ValueKind: TypeAlias = "Class | ViewOf | tuple[ValueKind, ...] | str | None"
"""A class, a view, a tuple; `int`, `bool`, `None`, `range`, a kind of array; None if unknown."""


def kind_named(annotation: ast.expr | None, module: Module) -> ValueKind:
    """What an annotation says."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, value])):
            return ViewOf(kind_named(value, module))
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=parts)):
            return tuple(kind_named(part, module) for part in parts)
        case ast.Name(id=name):
            cls = module.lookup_type(name)
            if cls is not None:
                return "int" if cls.is_enumeration else cls
    return module.alias_name(annotation)


def are_alike(a: ValueKind, b: ValueKind) -> bool:
    """Whether two values may be of the same kind."""
    if a is None or b is None:
        return True
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(are_alike, a, b))
    if isinstance(a, ViewOf) and isinstance(b, ViewOf):
        return are_alike(a.value, b.value)
    if isinstance(a, Class) or isinstance(b, Class):
        return a is b
    return a == b


def either(a: ValueKind, b: ValueKind) -> ValueKind:
    """What is known of a value that is one or the other."""
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(map(either, a, b))
    return a if a is not None and b is not None and are_alike(a, b) else None


def in_words(kind: ValueKind) -> str:
    """The kind as a noun."""
    match kind:
        case Class(name=name):
            return f"{'an' if name[0] in 'AEIO' else 'a'} {name}"
        case ViewOf():
            return "a view"
        case tuple():
            return f"a tuple of {len(kind)}"
        case str() if kind in ARRAYS:
            return f"an array of {ARRAYS[kind]}"
    words = {"int": "an integer", "bool": "a truth value", "range": "a range", "None": "nothing"}
    return words.get(str(kind), "something else")
