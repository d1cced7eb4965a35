"""Symbolic values of a type, as its annotation and the invariants of its class say."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from verify.formulas import truth_value
from verify.integers import Int
from verify.path import Path
from verify.sharing import Shared
from verify.source import Class, Contract, Function, Module, text_of
from verify.subset_words import MAX_INT, MIN_INT
from verify.values import Array, Object, Structure, Unsupported, Value, View

ARRAYS = {"Bytes": (0, 255), "I32": (-(2**31), 2**31 - 1), "I64": (MIN_INT, MAX_INT)}

Leaf = Callable[[str, int, int], Int]


def class_of(annotation: ast.expr | None, module: Module) -> Class | None:
    """The class that an annotation names, if it names one."""
    if isinstance(annotation, ast.Name):
        return module.lookup_type(annotation.id)
    return None


def array_kind(annotation: ast.expr | None, module: Module) -> str | None:
    """`Bytes`, `I32` or `I64` behind an annotation, aliases resolved."""
    name = module.alias_name(annotation)
    return name if name in ARRAYS else None


def field_limits(cls: Class) -> dict[str, tuple[int, int]]:
    """What invariants of the form `a <= self.field < b` or `self.field >= a` say of the fields."""
    stated = stated_limits(cls.invariants, cls.module).items()
    limits = {name.removeprefix("self."): ends for name, ends in stated if name.startswith("self.")}
    for lowest, highest in limits.values():
        if lowest > highest:
            raise Unsupported(f"{cls.site}: no {cls.name} satisfies its invariants")
    return limits


def stated_limits(contracts: Iterable[Contract], module: Module) -> dict[str, tuple[int, int]]:
    """What conditions of the form `a <= name < b` or `name >= a` say, by what is written there."""
    limits: dict[str, tuple[int, int]] = {}
    for contract in contracts:
        body = contract.condition.body
        parts = (
            body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
        )
        for part in parts:
            match part:
                case ast.Compare(
                    left=low,
                    ops=[ast.LtE(), (ast.Lt() | ast.LtE()) as op],
                    comparators=[ast.Attribute() | ast.Name() as name, high],
                ) if _is_constant(low) and _is_constant(high):
                    top = module.constant(high) - (1 if isinstance(op, ast.Lt) else 0)
                    limits[text_of(name)] = (module.constant(low), top)
                case ast.Compare(
                    left=ast.Attribute() | ast.Name() as name,
                    ops=[ast.GtE()],
                    comparators=[low],
                ) if _is_constant(low):
                    limits[text_of(name)] = (module.constant(low), MAX_INT)
    return limits


def _is_constant(node: ast.expr) -> bool:
    return all(
        isinstance(part, ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop)
        for part in ast.walk(node)
    )


def value_of_type(annotation: ast.expr | None, module: Module, name: str, leaf: Leaf) -> Value:
    """An arbitrary value without arrays: numbers, truth values, and objects made of them."""
    cls = class_of(annotation, module)
    if cls is not None and cls.view is None and not cls.is_enumeration:
        limits = field_limits(cls)
        fields: dict[str, Value] = {}
        for part, inner in cls.fields.items():
            if class_of(inner, cls.module) is None and part in limits:
                fields[part] = leaf(f"{name}.{part}", *limits[part])
            else:
                fields[part] = value_of_type(inner, cls.module, f"{name}.{part}", leaf)
        return Object(cls, fields)
    if module.alias_name(annotation) == "int":
        return leaf(name, MIN_INT, MAX_INT)
    text = ast.unparse(annotation) if annotation else "no annotation"
    raise Unsupported(f"a value of type `{text}` cannot be arbitrary here; write int or a class")


def symbolic_view(cls: Class, name: str) -> View:
    """An arbitrary map of the type that the class's view returns."""
    assert cls.view is not None
    match cls.view.node.returns:
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, value])) if (
            ast.unparse(key) == "int"
        ):
            pass
        case _:
            raise Unsupported(f"{cls.view.site}: a view returns dict[int, …]")
    has = f"{name}.has"

    def get(path: Path, index: Int) -> Value:
        return value_of_type(
            value, cls.module, name, lambda part, low, high: path.element(part, index, low, high)
        )

    def size(path: Path) -> Int:
        return path.fresh_named(f"len({name})", 0, MAX_INT)

    return View(lambda path, index: path.predicate(has, index), get, size, name)


def symbolic_structure(path: Path, cls: Class, name: str, view: View) -> Structure:
    """An arbitrary structure: its view, and the numbers that were fixed when it was built."""
    numbers = {
        number: path.fresh_named(f"{name}.{number}", MIN_INT, MAX_INT) for number in cls.numbers
    }
    return Structure(cls, name, view, numbers)


@dataclass
class Arbitrary:
    """Arbitrary arguments; the objects and structures among them are kept, inner ones first.

    The subject is a structure of which the fields are wanted, and not just the view.
    """

    path: Path
    shared: Shared
    subject: Class | None = None
    made: list[Object | Structure] = field(default_factory=list)

    def value(self, annotation: ast.expr | None, module: Module, name: str) -> Value:
        """An arbitrary value of the type that an annotation names."""
        kind = array_kind(annotation, module)
        if kind is not None:
            return self.array(kind, name)
        if module.alias_name(annotation) == "bool":
            return truth_value(name)
        cls = class_of(annotation, module)
        if cls is None or cls.is_enumeration:
            return value_of_type(annotation, module, name, self.path.fresh_named)
        if cls.argued_about is not None:  # a lemma speaks of the fields
            made: Object | Structure = self.object(cls.argued_about, name)
        elif cls.view is not None and cls is not self.subject:
            made = symbolic_structure(self.path, cls, name, self.view(cls, f"{name}.entries"))
        else:
            made = self.object(cls, name)
        self.made.append(made)
        return made

    def array(self, kind: str, name: str) -> Array:
        """An arbitrary array of a kind in ARRAYS."""
        low, high = ARRAYS[kind]
        contents = self.shared.contents
        if (kind, name) not in contents:
            contents[kind, name] = lambda path, at: path.element(name, at, low, high)
        length = self.path.fresh_named(f"len({name})", 0, MAX_INT)
        return Array(name, length, contents[kind, name], (low, high))

    def view(self, cls: Class, name: str) -> View:
        """An arbitrary view of a structure of this class."""
        views = self.shared.views
        if (cls, name) not in views:
            views[cls, name] = symbolic_view(cls, name)
        return views[cls, name]

    def object(self, cls: Class, name: str) -> Object:
        """An object of which the fields are arbitrary."""
        limits = field_limits(cls)
        fields: dict[str, Value] = {}
        for part, annotation in cls.fields.items():
            if part in limits:
                fields[part] = self.path.fresh_named(f"{name}.{part}", *limits[part])
            else:
                fields[part] = self.value(annotation, cls.module, f"{name}.{part}")
        return Object(cls, fields)


def structure_of(function: Function) -> Class | None:
    """The structure of which it is a method, or which it builds."""
    if function.owner is not None:
        return function.owner if function.owner.view is not None else None
    built = class_of(function.node.returns, function.module)
    if built is None or built.view is None or built.module is not function.module:
        return None
    return built if function.ensures else None


def is_structure_function(function: Function) -> bool:
    """A method of a structure, or a function that builds one: known by its contract alone."""
    return structure_of(function) is not None
