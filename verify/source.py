"""Sources as the verifier reads them: modules, classes, functions, contracts, as syntax trees.

Nothing is imported or run here.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from verify.errors import UsageError

if TYPE_CHECKING:
    from verify.program import Program

PLAIN_TYPES = ("int", "bool", "Bytes", "I32", "I64")


class Site(NamedTuple):
    """A place in a source file."""

    path: Path
    line: int

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """file:line, relative to where the user is."""
        relative = os.path.relpath(self.path)
        return f"{self.path if relative.startswith('..') else relative}:{self.line}"


def with_packages(name: str) -> list[str]:
    """A module's name, after those of the packages that it is in."""
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


@cache
def text_of(node: ast.AST) -> str:
    """What is written there, in Python's usual form."""
    return ast.unparse(node)


@dataclass(frozen=True)
class Contract:
    """One condition of a contract: the body of its lambda, and where it stands."""

    condition: ast.Lambda
    module: Module
    lines: range  # of the decorator

    @property
    def text(self) -> str:
        return text_of(self.condition.body)

    @property
    def names(self) -> set[str]:
        """What the condition speaks of: its parameters."""
        return {argument.arg for argument in self.condition.args.args}

    @property
    def site(self) -> Site:
        return Site(self.module.path, self.condition.lineno)


@dataclass(frozen=True)
class Function:
    """A function or method."""

    node: ast.FunctionDef
    module: Module
    owner: Class | None = None

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def qualified_name(self) -> str:
        return f"{self.owner.name}.{self.name}" if self.owner else self.name

    @property
    def site(self) -> Site:
        return Site(self.module.path, self.node.lineno)

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""

    @cached_property
    def parameters(self) -> list[tuple[str, ast.expr | None]]:
        return [(argument.arg, argument.annotation) for argument in self.node.args.args]

    @cached_property
    def body(self) -> list[ast.stmt]:
        """Statements, the docstring left out."""
        first = self.node.body[0]
        is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return self.node.body[1:] if is_docstring else self.node.body

    @cached_property
    def requires(self) -> list[Contract]:
        return contracts_of(self.node, "require", self.module)

    @cached_property
    def ensures(self) -> list[Contract]:
        return contracts_of(self.node, "ensure", self.module)

    def mentions(self, fields: Collection[str]) -> bool:
        """Whether the body looks at one of these fields of `self`."""
        return any(
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
            and node.attr in fields
            for node in ast.walk(self.node)
        )

    def is_marked(self, decorator: str) -> bool:
        return any(isinstance(d, ast.Name) and d.id == decorator for d in self.node.decorator_list)

    @property
    def is_interpreted(self) -> bool:
        """Whether it runs in CPython only, where integers have no bounds."""
        is_plain = self.owner is None and not self.is_marked("compiled")
        return self.module.is_spec or (self.module.is_library and is_plain)


@dataclass(frozen=True)
class Class:
    """A NamedTuple class, or an enumeration of integers."""

    node: ast.ClassDef
    module: Module

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def site(self) -> Site:
        return Site(self.module.path, self.node.lineno)

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""

    @cached_property
    def fields(self) -> dict[str, ast.expr]:
        """Annotation of each field."""
        return {
            item.target.id: item.annotation
            for item in self.node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }

    @cached_property
    def methods(self) -> dict[str, Function]:
        """Methods, properties and views by name."""
        return {
            item.name: Function(item, self.module, self)
            for item in self.node.body
            if isinstance(item, ast.FunctionDef)
        }

    @cached_property
    def invariants(self) -> list[Contract]:
        return contracts_of(self.node, "invariant", self.module)

    @cached_property
    def view(self) -> Function | None:
        """The abstract state, for the structures that have one."""
        return next((m for m in self.methods.values() if m.is_marked("view")), None)

    @cached_property
    def numbers(self) -> list[str]:
        """Of a structure: the integers that its contracts may speak of, fixed when it is built.

        They are integer fields, and properties that look at fields; a property that looks only at
        these and the view is an abbreviation.
        """
        fields = [f for f, kind in self.fields.items() if self.module.alias_name(kind) == "int"]
        properties = [
            method.name
            for method in self.methods.values()
            if method.is_marked("property") and method.mentions(self.fields)
        ]
        return fields + properties

    @cached_property
    def argued_about(self) -> Class | None:
        """The structure, if this is a class of a proof file about one."""
        bases = [ast.unparse(base) for base in self.node.bases]
        if not self.module.is_proof or len(bases) != 1:
            return None
        return self.module.lookup_type(bases[0])

    def argues_about(self, other: Class) -> bool:
        """Whether this is a class of a proof file about the other."""
        return self.argued_about is other

    @cached_property
    def members(self) -> dict[str, int]:
        """Members of an enumeration."""
        return {
            item.targets[0].id: self.module.constant(item.value)
            for item in self.node.body
            if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
        }

    @cached_property
    def is_enumeration(self) -> bool:
        return any(isinstance(b, ast.Name) and b.id == "IntEnum" for b in self.node.bases)


@dataclass(frozen=True, eq=False)
class Module:
    """A source file, parsed."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    program: Program

    @property
    def is_library(self) -> bool:
        """Whether it is of libvig."""
        return self.name.partition(".")[0] == "libvig"

    @property
    def is_spec(self) -> bool:
        """Whether it holds specs, or what they are written in: it runs in CPython only."""
        return self.name.partition(".")[0] == "specs" or self.name == "libvig.spec" or self.is_proof

    @property
    def is_proof(self) -> bool:
        """Whether it argues about a module of libvig."""
        return self.name.startswith("libvig.proof.")

    @property
    def is_package(self) -> bool:
        """Whether it runs before any module of its folder does."""
        return self.path.name == "__init__.py"

    def source_of(self, item: ast.ImportFrom) -> str:
        """The module or package that an import takes names from."""
        if not item.level:
            return item.module or ""
        above = self.name.split(".")[: len(self.name.split(".")) - item.level + self.is_package]
        return ".".join([*above, *([item.module] if item.module else [])])

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Module and name behind each imported name."""
        return {
            alias.asname or alias.name: (self.source_of(item), alias.name)
            for item in ast.walk(self.tree)
            if isinstance(item, ast.ImportFrom)
            for alias in item.names
        }

    @cached_property
    def classes(self) -> dict[str, Class]:
        return {n.name: Class(n, self) for n in self.tree.body if isinstance(n, ast.ClassDef)}

    @cached_property
    def functions(self) -> dict[str, Function]:
        return {n.name: Function(n, self) for n in self.tree.body if isinstance(n, ast.FunctionDef)}

    @cached_property
    def assignments(self) -> dict[str, ast.expr]:
        """Expression behind each module-level name."""
        found: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                found[node.target.id] = node.value
        return found

    def lookup(self, name: str) -> Class | Function | int | None:
        """What a global name of this module stands for; None where that is not known."""
        if name in self.classes:
            return self.classes[name]
        if name in self.functions:
            return self.functions[name]
        if name in self.assignments:
            return self.constant(self.assignments[name])
        if name in self.imports:
            module, original = self.imports[name]
            if self.program.find(module) is not None:
                return self.program.load(module).lookup(original)
        return None

    def lookup_type(self, name: str) -> Class | None:
        """The class of this name."""
        if name in self.classes:
            return self.classes[name]
        if name in self.imports:
            module, original = self.imports[name]
            if self.program.find(module) is not None:
                return self.program.load(module).lookup_type(original)
        return None

    def resolve_alias(self, annotation: ast.expr | None) -> tuple[ast.expr | None, Module]:
        """What a type alias stands for, and the module in whose words that is written."""
        if isinstance(annotation, ast.Name):
            if annotation.id in self.assignments:
                return self.assignments[annotation.id], self
            if annotation.id in self.imports:
                module, original = self.imports[annotation.id]
                if self.program.find(module) is not None:
                    target = self.program.load(module)
                    name = ast.Name(original, ast.Load(), lineno=annotation.lineno)
                    return target.resolve_alias(name)
        return annotation, self

    def alias_name(self, annotation: ast.expr | None) -> str | None:
        """`int`, `bool`, `None`, or the kind of array (`Bytes`, `I32`, `I64`) that is meant."""
        if isinstance(annotation, ast.Constant) and annotation.value is None:
            return "None"
        if isinstance(annotation, ast.Name) and annotation.id in PLAIN_TYPES:
            return annotation.id
        meant, module = self.resolve_alias(annotation)
        if isinstance(meant, ast.Subscript) and ast.unparse(meant.value) == "Annotated":
            assert isinstance(meant.slice, ast.Tuple)
            return module.alias_name(meant.slice.elts[0])
        return None

    def quantity(self, annotation: ast.expr | None) -> tuple[int, int] | None:
        """The range that an alias such as `Time` states, both ends included."""
        meant, module = self.resolve_alias(annotation)
        match meant:
            case ast.Subscript(slice=ast.Tuple(elts=[_, ast.Call(args=[_, low, high])])):
                return module.constant(low), module.constant(high)
        return None

    def constant(self, node: ast.expr) -> int:
        """Value of a constant integer expression."""
        match node:
            case ast.Constant(value=int(value)):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.constant(operand)
            case ast.Name(id=name):
                found = self.lookup(name)
                if isinstance(found, int):
                    return found
            case ast.Attribute(value=ast.Name(id=name), attr=member):
                found = self.lookup(name)
                if isinstance(found, Class) and member in found.members:
                    return found.members[member]
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.constant(left), self.constant(right)
                match op:
                    case ast.Add():
                        return a + b
                    case ast.Sub():
                        return a - b
                    case ast.Mult():
                        return a * b
                    case ast.Pow():
                        return int(a**b)
                    case ast.LShift():
                        return a << b
        raise UsageError(
            f"{Site(self.path, node.lineno)}: `{ast.unparse(node)}` is no constant integer; "
            "write a number or a constant expression of numbers"
        )


def contracts_of(node: ast.FunctionDef | ast.ClassDef, kind: str, module: Module) -> list[Contract]:
    """Conditions of one kind, in the order in which icontract evaluates them: bottom up."""
    found = []
    for decorator in reversed(node.decorator_list):
        called = decorator.func if isinstance(decorator, ast.Call) else None
        if not isinstance(called, ast.Name) or called.id != kind:
            continue
        condition = (
            decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
        )
        if not isinstance(condition, ast.Lambda):
            raise UsageError(
                f"{Site(module.path, decorator.lineno)}: the condition of `{kind}` is no lambda; "
                f"write `@{kind}(lambda …: …)`"
            )
        lines = range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1)
        found.append(Contract(condition, module, lines))
    return found
