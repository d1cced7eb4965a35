"""What executions of one program have in common: it is made once, and kept by what it is made of.

What a name stands for may differ from path to path, as paths give names as they go. So views and
contents of arrays are the same only if they are the same object; those of the arguments that every
execution begins with are made once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache

from verify.formulas import Formula
from verify.frame import Frame
from verify.integers import Int
from verify.recording import Outcomes
from verify.source import Function
from verify.values import Array, Content, Object, Quantified, Structure, Value, View, freeze


@dataclass
class Shared:
    """Statements about all keys, by their words; what calls gave; parts of arguments, by name."""

    statements: dict[Hashable, Quantified] = field(default_factory=dict)
    views: dict[Hashable, View] = field(default_factory=dict)
    contents: dict[Hashable, Content] = field(default_factory=dict)
    calls: dict[Hashable, tuple[list[Value], Outcomes[Value]]] = field(default_factory=dict)

    def statement(self, node: ast.expr, frame: Frame, make: Callable[[], Quantified]) -> Quantified:
        """The statement that these words make about these values."""
        key = key_of_names(frame, node)
        if key is None:
            return make()
        known = self.statements.get((id(node), key))
        if known is None:  # which keeps the node and the values, so that their ids stay theirs
            known = self.statements[id(node), key] = make()
        return known

    def call(
        self, function: Function, arguments: list[Value], mode: Hashable
    ) -> Outcomes[Value] | None:
        """What calls with these arguments gave; None where these cannot be told from others."""
        keys = [key_of(argument) for argument in arguments]
        if None in keys:
            return None
        key = (id(function.node), mode, *keys)
        known = self.calls.get(key)
        if known is None:
            known = self.calls[key] = [freeze(argument) for argument in arguments], Outcomes()
        return known[1]


def key_of_names(frame: Frame, node: ast.AST) -> Hashable | None:
    """The key of what the names in an expression stand for; None where that has none."""
    values = [(name, key_of(frame.names[name])) for name in names_in(node) if name in frame.names]
    if any(key is None for _, key in values):
        return None
    return (id(frame.module), frame.is_spec, frame.is_ghost, *values)


def key_of(value: Value) -> Hashable | None:
    """The same for values that are the same, as long as one is kept; None of what has no key."""
    match value:
        case None | bool():
            return ("constant", value)
        case Formula():
            return ("formula", value.number)
        case View():
            return ("view", id(value))
        case Structure():
            numbers = tuple((name, n.constant, n.key) for name, n in value.numbers.items())
            changed = value.is_changed
            return ("structure", id(value.cls), value.name, changed, id(value.entries), numbers)
        case Array():
            length = value.length.constant, value.length.key
            named = value.name, value.origin, id(value.content), value.limits
            return ("array", *named, length, key_of(value.is_filled_with), id(value.writes))
        case Object():
            return _of_parts(id(value.cls), [*value.fields.items(), *value.ghost.items()])
        case tuple():
            return _of_parts(0, [("", part) for part in value])
        case Int():
            return (value.constant, value.key)
    return None


def _of_parts(kind: int, parts: list[tuple[str, Value]]) -> Hashable | None:
    keys = [(name, key_of(part)) for name, part in parts]
    return None if any(key is None for _, key in keys) else (kind, *keys)


@cache
def names_in(node: ast.AST) -> frozenset[str]:
    """Names that stand in an expression."""
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
