"""What statements may change, told by their text: arrays, parts, and ghost fields.

Only a loop asks, to know what to forget. It checks afterwards that nothing else has changed, so a
write that is overlooked here costs a proof, never soundness.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from verify.frame import Frame
from verify.source import Function, Module
from verify.subset_words import LOADS_AND_STORES
from verify.values import Array, Object, Structure, Value

if TYPE_CHECKING:
    from verify.machine import Machine

Part: TypeAlias = "Array | Structure | Object"


def written(machine: Machine, statements: Sequence[ast.stmt], frame: Frame) -> list[Part]:
    """Everything that these statements may change of what the frame knows."""
    found: list[Part] = []
    _collect(machine, statements, frame.module, dict(frame.names), found, set())
    return found


def _collect(
    machine: Machine,
    statements: Iterable[ast.stmt],
    module: Module,
    names: dict[str, Value],
    found: list[Part],
    seen: set[str],
) -> None:
    for statement in statements:
        for node in ast.walk(statement):
            match node:
                case ast.Subscript(value=owner, ctx=ast.Store()):
                    _note(_resolved(owner, names), found)
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    subject = names.get("self")
                    _note(subject, found)
                    if isinstance(subject, Object):
                        _note(subject.ghost.get(name), found)
                case ast.Call():
                    _called(machine, node, module, names, found, seen)


def _note(part: Value, found: list[Part]) -> None:
    if isinstance(part, Array | Structure | Object):
        found.append(part)


def _called(
    machine: Machine,
    node: ast.Call,
    module: Module,
    names: dict[str, Value],
    found: list[Part],
    seen: set[str],
) -> None:
    arguments = [_resolved(argument, names) for argument in node.args]
    match node.func:
        case ast.Name(id=name) if name in LOADS_AND_STORES:
            if name.startswith("store"):
                _note(arguments[0], found)
            return
        case ast.Name(id=name):
            function = module.lookup(name)
        case ast.Attribute(value=owner_node, attr=name):
            owner = _resolved(owner_node, names)
            function = (
                owner.cls.methods.get(name) if isinstance(owner, Object | Structure) else None
            )
            if isinstance(owner, Structure):
                if function is not None and any("OLD" in e.names for e in function.ensures):
                    found.append(owner)
                return
            arguments = [owner, *arguments]
        case _:
            return
    if isinstance(function, Function) and function.qualified_name not in seen:
        inner = dict(zip([name for name, _ in function.parameters], arguments, strict=False))
        inside = seen | {function.qualified_name}
        _collect(machine, function.body, function.module, inner, found, inside)
        proofs, subject = machine.hooks.proofs, machine.hooks.subject
        proof = proofs.of_class(subject) if proofs is not None and subject is not None else None
        for step in proof.steps("after", function) if proof is not None else ():
            _collect(machine, step.body, step.module, inner, found, inside)
            ghosts = arguments[0].ghost if isinstance(arguments[0], Object) else {}
            for part in ast.walk(step.node):
                match part:
                    case ast.Subscript(
                        value=ast.Attribute(value=ast.Name(id="self"), attr=name), ctx=ast.Store()
                    ):
                        _note(ghosts.get(name), found)


def _resolved(node: ast.expr, names: dict[str, Value]) -> Value:
    """The array or object that an expression names, if it does so plainly."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=owner_node, attr=name):
            owner = _resolved(owner_node, names)
            if isinstance(owner, Object):
                return owner.fields.get(name)
    return None
