"""Names in scope, and what a function body leaves with."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from verify.source import Contract, Function, Module, Site
from verify.values import Value


class Break(Exception):
    """A `break` statement."""


class Continue(Exception):
    """A `continue` statement."""


class Return(Exception):
    """A `return` statement."""

    def __init__(self, value: Value) -> None:
        self.value = value


@dataclass
class Frame:
    """Names and their values, and whose words they are."""

    module: Module
    names: dict[str, Value]
    function: Function | None = None
    is_spec: bool = False  # specs run in CPython only: their integers have no bounds
    is_ghost: bool = False  # a step of a proof: it may assign to ghost fields, and to nothing else

    def site(self, node: ast.AST) -> Site:
        return Site(self.module.path, getattr(node, "lineno", 0))

    def with_names(self, names: dict[str, Value]) -> Frame:
        """The same frame with more names; what is bound in it does not show outside."""
        return Frame(
            self.module, {**self.names, **names}, self.function, self.is_spec, self.is_ghost
        )


def named(function: Function, arguments: Sequence[Value]) -> dict[str, Value]:
    """The arguments by the names of the parameters."""
    names = [name for name, _ in function.parameters]
    return dict(zip(names, arguments, strict=True))


def body_frame(function: Function, arguments: Sequence[Value]) -> Frame:
    """The names with which the body begins."""
    names = named(function, arguments)
    return Frame(function.module, names, function, function.is_interpreted)


def contract_frame(contract: Contract, names: dict[str, Value]) -> Frame:
    """Contracts run in CPython only, like specs."""
    return Frame(contract.module, names, is_spec=True)


WRITING_CONTRACT = "a contract may not change anything; call only what reads"
