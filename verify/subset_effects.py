"""The verified subset: what predicates call must change nothing, as they say only what is so."""

from __future__ import annotations

import ast

from verify.errors import UsageError
from verify.source import Class, Function
from verify.subset_arrays import type_named
from verify.subset_walk import Type
from verify.subset_words import LOADS_AND_STORES, NATIVE


def method_of(owner: Type, name: str) -> Function | None:
    """The method of a class; that of what it argues about, if it is one of a proof."""
    if not isinstance(owner, Class):
        return None
    if name in owner.methods:
        return owner.methods[name]
    bases = [owner.module.lookup_type(ast.unparse(base)) for base in owner.node.bases]
    return next((found for base in bases if (found := method_of(base, name))), None)


def changes(function: Function, seen: tuple[str, ...] = ()) -> bool:
    """Whether it writes to an array, changes a structure, or calls what does."""
    name = f"{function.module.name}.{function.qualified_name}"
    if name in seen:
        return False
    if any("OLD" in contract.names for contract in function.ensures):
        return True
    for node in ast.walk(function.node):
        match node:
            case ast.Subscript(ctx=ast.Store()):
                return True
            case ast.Call(func=ast.Name(id=called)) if called in LOADS_AND_STORES:
                if called.startswith("store"):
                    return True
            case ast.Call(func=func):
                found = _called(func, function)
                if found is None or found.module.name in NATIVE:
                    continue
                if changes(found, (*seen, name)):
                    return True
    return False


def _called(node: ast.expr, function: Function) -> Function | None:
    match node:
        case ast.Name(id=name):
            try:
                found = function.module.lookup(name)
            except UsageError:
                return None
            return found if isinstance(found, Function) else None
        case ast.Attribute(value=value, attr=name):
            return method_of(_owner(value, function), name)
    return None


def _owner(node: ast.expr, function: Function) -> Type:
    """The class of a parameter, or of a field of one."""
    match node:
        case ast.Name(id="self") if function.owner is not None:
            return function.owner
        case ast.Name(id=name):
            kinds = dict(function.parameters)
            return type_named(kinds.get(name), function.module)
        case ast.Attribute(value=value, attr=name):
            owner = _owner(value, function)
            if isinstance(owner, Class) and name in owner.fields:
                return type_named(owner.fields[name], owner.module)
    return None
