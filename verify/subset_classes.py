"""The verified subset: classes, their fields and the members of enumerations."""

from __future__ import annotations

import ast

from verify.errors import UsageError
from verify.subset_proofs import ProofFiles
from verify.subset_structures import NAMES_OF_TUPLES, VIEW
from verify.subset_walk import is_marked, is_small
from verify.subset_words import REFUSED, Kind


class Classes(ProofFiles):
    """Checks what stands in a class."""

    def class_body(self, node: ast.ClassDef) -> None:
        if self.kind is Kind.PROOF:
            self.proof_class(node)
            return
        match node.bases, node.keywords:
            case [ast.Name(id="NamedTuple")], []:
                self.decorators(node, {"compiled_class"}, {"invariant": ["self"]})
                if self.structure_of(node) is not None:
                    self.structure(node)
            case [ast.Name(id="IntEnum")], []:
                self.decorators(node, set(), {})
            case _:
                self.note(node, f"class {node.name} of other bases", "`NamedTuple` or `IntEnum`")
                return
        is_enumeration = isinstance(node.bases[0], ast.Name) and node.bases[0].id == "IntEnum"
        names: set[str] = set()
        for item in node.body:
            for name in defined_names(item):
                self.check_name(item, name)
                if name in names or (is_enumeration and name in self.top):
                    self.note(item, f"`{name}` a second time", "a name of its own")
                names.add(name)
            if is_enumeration:
                self.member(item)
            else:
                self.field_or_method(item, node)
        if is_enumeration:
            self.different_members(node)
        elif "process" in names and not is_marked(node, "compiled_class"):
            self.note(node, f"{node.name} without `@compiled_class`", "it above the class")

    def constant(self, node: ast.expr) -> None:
        for part in ast.walk(node):
            match part:
                case ast.Constant(value=value) if type(value) is not int:
                    self.note(node, f"`{ast.unparse(node)}` as a module's value", "an integer")
                    return
                case ast.BinOp(op=ast.Pow() | ast.LShift(), right=right) if not is_small(right):
                    self.note(node, f"`{ast.unparse(part)}`", "an exponent or shift of 0 to 63")
                    return
        try:
            value = self.module.constant(node)
        except UsageError:
            self.note(node, f"`{ast.unparse(node)}` as a module's value", "a constant integer")
        else:
            self.check_size(node, value, is_bounded=self.is_compiled)

    def member(self, item: ast.stmt) -> None:
        match item:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name[0] != "_":
                self.constant(value)
            case _:
                text = ast.unparse(item).splitlines()[0]
                self.note(item, f"`{text}` in an enumeration", "`NAME = number`")

    def different_members(self, node: ast.ClassDef) -> None:
        values: set[int] = set()
        for item in node.body:
            match item:
                case ast.Assign(value=ast.expr() as value):
                    try:
                        number = self.module.constant(value)
                    except UsageError:
                        continue
                    if number in values:
                        self.note(item, f"{number} a second time", "a number for each member")
                    values.add(number)

    def field_or_method(self, item: ast.stmt, owner: ast.ClassDef) -> None:
        match item:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                self.annotation(annotation)
                if name == VIEW:
                    self.note(item, f"a field `{VIEW}`", "another name: views are called that")
                if value is not None and is_marked(owner, "compiled_class"):
                    self.note(item, "a default in a compiled class", "the field without it")
                elif value is not None:
                    self.constant(value)
            case ast.FunctionDef(name=name):
                if self.kind is Kind.LIBRARY and name in NAMES_OF_TUPLES:
                    self.note(item, f"`{name}` as a method", "another name: tuples have it")
                self.function(item, owner)
            case _ if type(item) in REFUSED:
                self.refuse(item)
            case _:
                self.note(item, f"`{ast.unparse(item)}` in a class", "`name: type`, or a method")


def defined_names(item: ast.stmt) -> list[str]:
    """Names that a definition, import or assignment binds."""
    match item:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ImportFrom(names=names) | ast.Import(names=names):
            return [alias.asname or alias.name for alias in names]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []
