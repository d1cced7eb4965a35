"""The verified subset: arrays are made by NumPy where a structure is built, and have one name.

A constructor is no compiled code, so there NumPy may fill the arrays of what it returns. Anywhere
else arrays are read and written element by element, each under the one name that it has: that of
a field or a parameter. A second name would hide what a statement changes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from verify.source import Class, Function, Module
from verify.subset_expressions import Expressions
from verify.subset_walk import Scope, Type
from verify.subset_words import Kind

MAKERS = {("full", 2), ("zeros", 1), ("arange", 1), ("arange", 2)}
"""Functions of NumPy, each with how many numbers it takes beside the type."""
TYPES = ("uint8", "int32", "int64")
EXAMPLES = (
    "`np.full(n, value, np.int32)`, `np.zeros(n, np.int64)` or `np.arange(n, dtype=np.int32)`"
)
ARRAY_KINDS = ("Bytes", "I32", "I64", "list[int]")


class Arrays(Expressions):
    """Checks how arrays are made and named."""

    # ------------------------------------------------------------ made

    def imports_numpy(self, item: ast.stmt) -> bool:
        match item:
            case ast.Import(names=[ast.alias(name="numpy", asname="np")]):
                return self.kind is Kind.LIBRARY
        return False

    def call(self, node: ast.Call, scope: Scope) -> None:
        if self._is_maker(node):
            self._maker(node, scope)
        else:
            super().call(node, scope)

    def _is_maker(self, node: ast.expr) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"))):
                return any(self.imports_numpy(item) for item in self.module.tree.body)
        return False

    def _maker(self, node: ast.Call, scope: Scope) -> None:
        if not scope.builds:
            where = "it in a plain function that returns the structure"
            self.note(node, f"`{ast.unparse(node)}` outside of what builds a structure", where)
            return
        assert isinstance(node.func, ast.Attribute)
        maker, numbers = node.func.attr, list(node.args)
        by_name = {keyword.arg: keyword.value for keyword in node.keywords}
        kind = by_name.pop("dtype", None)
        if kind is None and maker != "arange" and numbers:
            kind = numbers.pop()
        if (maker, len(numbers)) not in MAKERS or by_name or not _is_type(kind):
            self.note(node, f"`{ast.unparse(node)}`", EXAMPLES)
        self.each(numbers, scope)

    def fills_part(self, node: ast.stmt, scope: Scope) -> bool:
        """Whether this is `array[:n] = np.…` where an array is made; checks it if so."""
        match node:
            case ast.Assign(
                targets=[
                    ast.Subscript(
                        value=ast.Name(id=name),
                        slice=ast.Slice(lower=None, upper=ast.expr() as stop, step=None),
                    )
                ],
                value=ast.Call() as made,
            ) if scope.builds and scope.types.get(name) == "array" and self._is_maker(made):
                self.expression(stop, scope)
                self._maker(made, scope)
                return True
        return False

    # ------------------------------------------------------------ named

    def note_name(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        """Note what a name stands for if it holds arrays; refuse what has a name already."""
        if not self.is_proved_by_laws:
            return
        shared = next(self._shared(value, scope), None)
        if shared is not None:
            text = ast.unparse(shared)
            self.note(target, f"a second name for `{text}`, which holds an array", f"`{text}`")
        match target:
            case ast.Name(id=name):
                scope.types[name] = self.type_of(value, scope)

    def check_result(self, value: ast.expr, scope: Scope) -> None:
        """What is returned has no name yet, or that of what was built here."""
        for shared in self._shared(value, scope) if self.kind is Kind.LIBRARY else ():
            root = next(part for part in ast.walk(shared) if isinstance(part, ast.Name))
            if root.id in scope.given:
                text = ast.unparse(shared)
                self.note(value, f"`{text}`, which holds an array, as a result", "what is in it")

    def _shared(self, node: ast.expr, scope: Scope) -> Iterator[ast.expr]:
        """What this may stand for that holds arrays and has a name already."""
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._shared(body, scope)
                yield from self._shared(orelse, scope)
            case ast.Tuple(elts=parts):
                for part in parts:
                    yield from self._shared(part, scope)
            case ast.Name() | ast.Attribute() if holds_array(self.type_of(node, scope)):
                yield node

    def type_of(self, node: ast.expr, scope: Scope) -> Type:
        """The class of what an expression stands for, or `array`; None for the rest."""
        match node:
            case ast.Name(id=name):
                return scope.types.get(name)
            case (
                ast.Attribute(value=value, attr=name)
                | ast.Call(func=ast.Attribute(value=value, attr=name))
            ) if not self._is_maker(node):
                return _member(self.type_of(value, scope), name)
            case ast.Call(func=ast.Name(id=name)):
                found = self.meaning(name)
                if isinstance(found, Function):
                    return type_named(found.node.returns, found.module)
                return found if isinstance(found, Class) else None
            case ast.Call() | ast.ListComp():
                return "array"
        return None


def _is_type(node: ast.expr | None) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="np"), attr=name):
            return name in TYPES
    return False


def _member(owner: Type, name: str) -> Type:
    if not isinstance(owner, Class):
        return None
    if name in owner.fields:
        return type_named(owner.fields[name], owner.module)
    if name in owner.methods:
        return type_named(owner.methods[name].node.returns, owner.module)
    for base in owner.node.bases:  # what a proof class argues about
        return _member(owner.module.lookup_type(ast.unparse(base)), name)
    return None


def type_named(annotation: ast.expr | None, module: Module) -> Type:
    """The class that an annotation names, or `array`; None for the rest."""
    if annotation is None:
        return None
    if ast.unparse(annotation) in ARRAY_KINDS or module.alias_name(annotation) in ARRAY_KINDS:
        return "array"
    return module.lookup_type(annotation.id) if isinstance(annotation, ast.Name) else None


def holds_array(kind: Type, seen: tuple[str, ...] = ()) -> bool:
    """Whether a value of this type is an array, a structure, or has one in it."""
    if not isinstance(kind, Class):
        return kind is not None
    if kind.view is not None or kind.name in seen:
        return kind.view is not None
    return any(
        holds_array(type_named(annotation, kind.module), (*seen, kind.name))
        for annotation in kind.fields.values()
    )
