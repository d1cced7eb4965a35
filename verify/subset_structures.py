"""The verified subset: structures of libvig, which are proved for every capacity.

A public method is proved from any state in which the invariants hold, and known to others by its
contract alone. So it has a contract, and inside of the class only private helpers are called,
which have none and are part of what calls them.
"""

from __future__ import annotations

import ast

from verify.source import Class
from verify.subset_statements import Statements
from verify.subset_walk import Scope, has_contract, is_marked, only_return
from verify.subset_words import ARITY, OF_TUPLES, Kind

NAMES_OF_TUPLES = OF_TUPLES | {"count", "index"}
VIEW = "entries"


class Structures(Statements):
    """Checks what a structure has beyond other classes."""

    def structure_of(self, owner: ast.ClassDef | None) -> Class | None:
        """The class, if it is a structure."""
        if owner is None or self.kind is not Kind.LIBRARY:
            return None
        cls = Class(owner, self.module)
        return cls if cls.view is not None else None

    def structure(self, node: ast.ClassDef) -> None:
        """A class with a view."""
        if not is_marked(node, "compiled_class"):
            self.note(node, f"{node.name} without `@compiled_class`", "it above the class")
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
        for second in [method for method in methods if is_marked(method, "view")][1:]:
            self.note(second, f"a second view, `{second.name}`", "one view for all there is to say")

    def method_of_structure(self, node: ast.FunctionDef) -> None:
        """What others count on of a method, and what they must not."""
        if is_marked(node, "view"):
            if node.name != VIEW:
                self.note(node, f"the view `{node.name}`", f"`{VIEW}`: contracts call it that")
            if not isinstance(only_return(node), ast.DictComp):
                self.note(node, f"`{node.name}` of other form", "`return {… for … in …}`")
        elif is_marked(node, "property"):
            value = only_return(node)
            if value is None or any(map(_is_call_by_name, ast.walk(value))):
                what = "one `return` of fields and lengths"
                self.note(node, f"property `{node.name}` of other form", what)
        elif node.name.startswith("_"):
            if has_contract(node, "require", "ensure"):
                what = "it without: a helper is part of what calls it"
                self.note(node, f"a contract of the helper `{node.name}`", what)
        elif not has_contract(node, "ensure"):
            what = "one, or a name that begins with an underscore"
            self.note(node, f"public method `{node.name}` without `@ensure`", what)

    def call(self, node: ast.Call, scope: Scope) -> None:
        if scope.structure is not None:
            self._call_inside(node, scope, scope.structure)
        super().call(node, scope)

    def _call_inside(self, node: ast.Call, scope: Scope, structure: Class) -> None:
        text = f"`{ast.unparse(node)}`"
        match node.func:
            case ast.Attribute(attr=name) if scope.is_contract and name not in ("items", "values"):
                # To read it must change nothing, and no contract says so of a method's inside.
                self.note(node, f"{text} in a view or property", "what reads fields only")
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if (
                name in structure.methods and name[0] != "_"
            ):
                what = f"a helper `_{name}` that both call: contracts are for other objects"
                self.note(node, f"{text} of its own object", what)

    def constructor(self, node: ast.FunctionDef) -> None:
        """A function that returns a new structure is known by its contract alone."""
        if not has_contract(node, "ensure"):
            self.note(node, f"`{node.name}`, which builds a structure, without `@ensure`", "one")


def _is_call_by_name(node: ast.AST) -> bool:
    """Whether a function is called that the verifier does not know by itself."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name not in ARITY
    return False
