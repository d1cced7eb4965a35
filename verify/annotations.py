"""Whether values are what annotations say: code is proved for such values alone."""

from __future__ import annotations

import ast

from verify.formulas import Formula
from verify.integers import Int
from verify.source import Function, Module, Site
from verify.symbolic import ARRAYS, class_of
from verify.values import Array, Object, Unsupported, Value, View


def is_of_type(value: Value, annotation: ast.expr | None, function: Function) -> bool:
    """Whether a value is what the annotation says; code is proved for that alone."""
    if annotation is None:
        cls = getattr(value, "cls", None)
        owner = function.owner
        return owner is not None and (cls is owner or (cls is not None and owner.argues_about(cls)))
    return is_value_of(value, annotation, function.module)


def is_value_of(value: Value, annotation: ast.expr, module: Module) -> bool:
    """Whether a value is what the annotation says."""
    cls = class_of(annotation, module)
    if cls is not None:
        return getattr(value, "cls", None) is cls or (cls.is_enumeration and isinstance(value, Int))
    if isinstance(annotation, ast.Subscript):  # a view or a tuple; code with these is inlined
        meant = {"dict": View, "tuple": tuple}.get(ast.unparse(annotation.value))
        return meant is not None and isinstance(value, meant)
    kind = module.alias_name(annotation)
    if kind == "int":
        return isinstance(value, Int)
    if kind == "bool":
        return isinstance(value, bool | Formula)
    if kind in ARRAYS:
        return isinstance(value, Array) and value.limits == ARRAYS[kind]
    return kind == "None" and value is None


def check_types(instance: Object, site: Site) -> None:
    """Refuse fields of another type: whoever is given the object counts on what it says."""
    for (name, annotation), value in zip(
        instance.cls.fields.items(), instance.fields.values(), strict=True
    ):
        if not is_value_of(value, annotation, instance.cls.module):
            raise Unsupported(f"{site}: `{name}` must be of type {ast.unparse(annotation)}")
