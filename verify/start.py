"""Where executions start: arbitrary arguments of which the invariants and preconditions hold."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from verify.conditions import assume_contract, assume_invariants
from verify.frame import named
from verify.machine import Machine
from verify.source import Function
from verify.symbolic import Arbitrary
from verify.values import Value, freeze


@dataclass
class Start:
    """The arguments of what is executed: those that it writes to, and as they were at first."""

    arguments: dict[str, Value]
    pristine: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pristine = {name: freeze(value) for name, value in self.arguments.items()}


def begin(
    machine: Machine, function: Function, roles: dict[str, str], *, is_spec: bool = False
) -> Start:
    """Arbitrary arguments that satisfy their invariants; `roles` renames parameters.

    A spec's own parameters take the values that their aliases speak of, such as `Time`.
    """
    arbitrary = Arbitrary(machine.path, machine.shared, machine.hooks.subject)
    arguments: dict[str, Value] = {}
    for name, written in sorted(function.parameters, key=lambda p: p[0] not in roles):
        role = roles.get(name, f"argument.{name}")
        annotation = written
        if written is None and function.owner is not None:
            annotation = ast.Name(function.owner.name, ast.Load())
        limits = function.module.quantity(annotation) if is_spec and name not in roles else None
        if limits is not None and function.module.alias_name(annotation) == "int":
            arguments[name] = machine.path.fresh_named(role, *limits)
        else:
            arguments[name] = arbitrary.value(annotation, function.module, role)
    start = Start(arguments)
    for instance in arbitrary.made:
        assume_invariants(machine, instance)
    return start


def assume_requirements(machine: Machine, function: Function, arguments: list[Value]) -> None:
    """Assume the preconditions of a function that is executed from here."""
    names = named(function, arguments)
    for contract in function.requires:
        assume_contract(machine, contract, names)
