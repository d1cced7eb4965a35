"""Names, attributes and subscripts: what they stand for."""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING

from verify import arrays, calls
from verify.frame import Frame
from verify.integers import Int
from verify.source import Class, Site, text_of
from verify.values import Array, Object, Old, Structure, Unsupported, Value, View

if TYPE_CHECKING:
    from verify.machine import Machine


def variable(machine: Machine, node: ast.Name, frame: Frame) -> Value:
    if node.id in frame.names:
        return frame.names[node.id]
    found = frame.module.lookup(node.id)
    if isinstance(found, int):
        return Int(found)
    raise Unsupported(f"{frame.site(node)}: `{node.id}` has no value that can be followed here")


def attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Value:
    if isinstance(node.value, ast.Name) and node.value.id not in frame.names:
        found = frame.module.lookup(node.value.id)
        if isinstance(found, Class) and node.attr in found.members:
            return Int(found.members[node.attr])
    owner = machine.expression(node.value, frame)
    if isinstance(owner, Old) and node.attr == "entries":
        return owner.entries
    if frame.module.is_proof and isinstance(owner, Object) and node.attr in owner.ghost:
        return owner.ghost[node.attr]
    return attribute_of(machine, owner, node.attr, frame.site(node))


def attribute_of(machine: Machine, owner: Value, name: str, site: Site) -> Value:
    if isinstance(owner, Structure):
        assert owner.cls.view is not None
        if name == owner.cls.view.name:
            return owner.entries
        if name in owner.numbers:
            return owner.numbers[name]
    if isinstance(owner, Object) and name in owner.fields:
        return owner.fields[name]
    if isinstance(owner, Structure | Object):
        method = owner.cls.methods.get(name)
        if method is not None and method.is_marked("property"):
            with machine.read_only(f"{method.site}: a property may not change anything"):
                return calls.inline(machine, method, [owner])
        if method is not None and method.is_marked("view") and isinstance(owner, Object):
            with machine.pure():
                return calls.inline(machine, method, [owner])
        known = {*owner.cls.fields, *owner.cls.methods}
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            guess = f"; did you mean {near[0]}?" if near else ""
            raise Unsupported(f"{site}: {owner.cls.name} has no `{name}`{guess}")
        raise Unsupported(
            f"{site}: `{name}` of {owner.cls.name} is not for use outside of it; "
            "use its view or its methods"
        )
    raise Unsupported(f"{site}: no attribute `{name}` here")


def subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Value:
    owner = machine.expression(node.value, frame)
    if isinstance(owner, tuple):
        index = machine.number(node.slice, frame)
        if index.is_constant and 0 <= index.constant < len(owner):
            return owner[index.constant]
    key = machine.number(node.slice, frame)
    text, site = text_of(node), frame.site(node)
    if isinstance(owner, View):
        machine.index_term(key)
        machine.oblige(f"key present: {text}", site, owner.has(machine.path, key))
        return owner.get(machine.path, key)
    if isinstance(owner, Array):
        if not machine.quantifier_depth:
            machine.path.array_term(key)
        machine.check_index(owner, key, 1, text, site)
        return arrays.read(machine.path, owner, key)
    raise Unsupported(f"{site}: `{text}` cannot be indexed")
