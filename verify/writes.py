"""What statements may change, told by their text: arrays, parts, and ghost fields.

A loop asks, to know what to forget, and the caller of a function that is known by its contract, to
refuse one that writes. Both are checked where the text is executed: nothing else may have changed
there. So a write that is overlooked here costs a proof, never soundness.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from verify.frame import Frame
from verify.source import Class, Function, Module
from verify.subset_words import LOADS_AND_STORES, NATIVE
from verify.symbolic import class_of
from verify.values import Array, Object, Structure, Value, mutable_parts

if TYPE_CHECKING:
    from verify.machine import Machine

Part: TypeAlias = "Array | Structure | Object"


def written(machine: Machine, statements: Iterable[ast.stmt], frame: Frame) -> list[Part]:
    """Everything that these statements may change of what the frame knows."""
    writes = Writes(machine)
    writes.collect(statements, frame.module, frame.names)
    return writes.found


@dataclass
class Writes:
    """What was found so far, and inside of which functions."""

    machine: Machine
    found: list[Part] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)

    def collect(
        self, statements: Iterable[ast.stmt], module: Module, names: dict[str, Value]
    ) -> None:
        for statement in statements:
            for node in ast.walk(statement):
                match node:
                    case ast.Subscript(value=owner, ctx=ast.Store()):
                        self._note(_resolved(owner, names))
                    case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store()):
                        self._note(names.get("self"))  # a ghost field
                    case ast.Call():
                        self._called(node, module, names)

    def _note(self, part: Value) -> None:
        if isinstance(part, Array | Structure | Object):
            self.found.append(part)

    def _called(self, node: ast.Call, module: Module, names: dict[str, Value]) -> None:
        arguments = [_resolved(argument, names) for argument in node.args]
        match node.func:
            case ast.Name(id=name) if name in LOADS_AND_STORES:
                if name.startswith("store"):
                    self._note(arguments[0])
            case ast.Name(id=name):
                function = module.lookup(name)
                if isinstance(function, Function) and function.module.name not in NATIVE:
                    self._entered(function, arguments)
            case ast.Attribute(value=owner_node, attr=name):
                owner = _resolved(owner_node, names)
                if isinstance(owner, Structure | Object) and name in owner.cls.methods:
                    method = owner.cls.methods[name]
                    if isinstance(owner, Object):
                        self._entered(method, [owner, *arguments])
                    elif any("OLD" in ensure.names for ensure in method.ensures):
                        self._note(owner)

    def _entered(self, function: Function, arguments: list[Value]) -> None:
        """Look into a function that is executed, and at the ghost steps that hang on it."""
        if function.qualified_name in self.inside:
            return
        self.inside.append(function.qualified_name)
        names = dict(zip([name for name, _ in function.parameters], arguments, strict=False))
        self.collect(function.body, function.module, names)
        hooks = self.machine.hooks
        if hooks.proofs is not None and hooks.subject is not None:
            proof = hooks.proofs.of_class(hooks.subject)
            for step in proof.steps("after", function) if proof is not None else ():
                self.collect(step.body, step.module, names)
        self.inside.pop()


# What a function may call and still write to nothing; other names are of functions or classes.
HARMLESS = (
    {"int", "bool", "len", "min", "max", "abs", "range"}
    | {*("select", "expected", "multiply_fold", "prefetch", "keyed_hash", "secret_word")}
    | {name for name in LOADS_AND_STORES if name.startswith("load")}
)


@functools.cache
def only_looks(function: Function) -> bool:
    """Whether nothing is written to when it runs, as its text tells beyond doubt."""
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    if any(
        isinstance(getattr(node, "ctx", None), ast.Store) and not isinstance(node, ast.Name)
        for node in nodes
    ):
        return False
    return all(_only_looks(node, function) for node in nodes if isinstance(node, ast.Call))


@functools.cache
def guesses(function: Function) -> bool:
    """Whether `expected` is asked when it runs."""
    for node in [node for statement in function.body for node in ast.walk(statement)]:
        called: Class | Function | int | None = None
        match node:
            case ast.Call(func=ast.Name(id="expected")):
                return True
            case ast.Call(func=ast.Name(id=name)):
                called = function.module.lookup(name)
            case ast.Call(func=ast.Attribute(value=owner, attr=name)):
                called = _method_of(owner, name, function)
        if isinstance(called, Function) and called.module.name not in NATIVE and guesses(called):
            return True
    return False


def _only_looks(call: ast.Call, function: Function) -> bool:
    match call.func:
        case ast.Name(id=name):
            found = function.module.lookup(name)
            if isinstance(found, Function) and found.module.name not in NATIVE:
                return only_looks(found)
            return isinstance(found, Class) or name in HARMLESS
        case ast.Attribute(value=owner, attr=name):
            method = _method_of(owner, name, function)
            return method is not None and only_looks(method)
    return False


def _method_of(owner: ast.expr, name: str, function: Function) -> Function | None:
    cls = _class_of_owner(owner, function)
    return cls.methods.get(name) if cls is not None else None


def _class_of_owner(node: ast.expr, function: Function) -> Class | None:
    """The class of an expression that a method is called of, if that is plain to see."""
    match node:
        case ast.Name(id="self"):
            return function.owner
        case ast.Name(id=name) if name not in _assigned(function):
            return class_of(dict(function.parameters).get(name), function.module)
        case ast.Attribute(value=inner, attr=name):
            cls = _class_of_owner(inner, function)
            return class_of(cls.fields.get(name), cls.module) if cls is not None else None
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            method = _method_of(inner, name, function)
            return class_of(method.node.returns, method.module) if method is not None else None
    return None


@functools.cache
def _assigned(function: Function) -> frozenset[str]:
    """Names that mean something else than before, somewhere in a function."""
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    return frozenset(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def changeable_parts(values: Iterable[Value]) -> list[Array | Structure | Object]:
    """Arrays, structures, and objects with ghost fields."""
    found: list[Array | Structure | Object] = []
    for value in values:
        found += mutable_parts(value)
        if isinstance(value, Object) and value.ghost:
            found.append(value)
            found += [g for g in value.ghost.values() if isinstance(g, Array)]
    return list({id(part): part for part in found}.values())


def content(part: Array | Structure | Object) -> object:
    """What is in it, to tell whether it has changed."""
    if isinstance(part, Array):
        return (part.name, part.content, part.writes)
    if isinstance(part, Structure):
        return part.entries
    return [part.ghost[n] for n in part.ghost if not isinstance(part.ghost[n], Array)]


def contents_of(values: Iterable[Value]) -> list[object]:
    """What is in the arrays, parts and ghost fields of some values."""
    return [content(part) for part in changeable_parts(values)]


@dataclass
class Contents:
    """What is in the arrays, parts and ghost fields of some values at some time."""

    kept: list[tuple[Array | Structure | Object, dict[str, Any]]]

    @classmethod
    def of(cls, values: Iterable[Value]) -> Contents:
        return cls([(part, _attributes(part)) for part in changeable_parts(values)])

    def restore(self) -> None:
        """Make it so again."""
        for part, attributes in self.kept:
            if isinstance(part, Object):
                part.ghost.clear()
                part.ghost.update(attributes)
            else:
                part.__dict__.update(attributes)


def _attributes(part: Array | Structure | Object) -> dict[str, Any]:
    return dict(part.ghost) if isinstance(part, Object) else dict(part.__dict__)


def _resolved(node: ast.expr, names: dict[str, Value]) -> Value:
    """The array or object that an expression names, if it does so plainly."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=owner_node, attr=name):
            owner = _resolved(owner_node, names)
            if isinstance(owner, Object):
                return owner.fields.get(name, owner.ghost.get(name))
    return None
