"""The verified subset: what every part of the walk over a module needs."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from verify.errors import UsageError
from verify.source import Class, Function, Module, Site
from verify.subset_words import (
    HOME_OF,
    KINDS_OF,
    MAX_INT,
    MIN_INT,
    OPERATORS,
    PYTHON_NAMES,
    REFUSED,
    SOFT,
    VOCABULARY,
    Kind,
)


@dataclass(frozen=True)
class Finding:
    """A construct outside of the subset."""

    site: Site
    found: str
    write: str
    end: int | None = None  # the last line of what lacks something

    @property
    def order(self) -> tuple[int, int]:
        """A spec may lack only what is misspelt in it, which then is told first."""
        return (self.site.line, 0) if self.end is None else (self.end, 2)

    def __str__(self) -> str:
        return f"{self.site.place}: found {self.found}; write {self.write}"


Type: TypeAlias = "Class | Literal['array'] | None"
"""A class, an array of any kind, or something else."""


@dataclass
class Scope:
    """Where an expression or statement stands."""

    names: set[str]  # that have a value here, whichever way control came
    is_native: bool = False  # compiled: no views, dicts or generators
    is_contract: bool = False
    is_quantified: bool = False  # inside of `all`
    is_in_loop: bool = False
    builds: bool = False  # a function that makes the arrays of what it returns
    structure: Class | None = None  # of which this is a method
    turning: frozenset[str] = frozenset()  # variables of the loops around
    given: frozenset[str] = frozenset()  # parameters
    types: dict[str, Type] = field(default_factory=dict)  # of the names, where that is known

    def copy(self) -> Scope:
        return replace(self, names=set(self.names))


@dataclass
class Walk:
    """A module's names, and where findings go."""

    module: Module
    kind: Kind
    found: list[Finding] = field(default_factory=list)
    top: set[str] = field(default_factory=set)  # names of the module's top level

    def note(self, node: ast.AST, found: str, write: str) -> None:
        line = getattr(node, "lineno", 1)
        self.found.append(Finding(Site(self.module.path, line), found, write))

    def note_lack(self, node: ast.stmt, found: str, write: str) -> None:
        """Note what is nowhere in a whole definition."""
        site = Site(self.module.path, node.lineno)
        self.found.append(Finding(site, found, write, node.end_lineno))

    def refuse(self, node: ast.stmt | ast.expr) -> None:
        text = f"`{ast.unparse(node).splitlines()[0]}`"
        known = (text, "it with integers, truth values, `if`, `for … in range(…)` and `return`")
        self.note(node, *REFUSED.get(type(node), known))

    # ------------------------------------------------------------ what this kind of module may say

    @property
    def is_compiled(self) -> bool:
        """Whether the module has code that is compiled."""
        return self.kind in (Kind.CODE, Kind.LIBRARY)

    @property
    def is_proved_by_laws(self) -> bool:
        """Whether loops have invariants, and `all` is proved as a law of all integers."""
        return self.kind in (Kind.LIBRARY, Kind.PROOF)

    @property
    def operators(self) -> tuple[type[ast.operator], ...]:
        return (*OPERATORS, ast.BitXor) if self.is_proved_by_laws else OPERATORS

    def vocabulary(self, source: str) -> set[str]:
        """What this kind of module may import of one that the verifier knows by itself."""
        return {n for n in VOCABULARY[source] if self.kind in KINDS_OF.get(n, tuple(Kind))}

    # ------------------------------------------------------------ names and types

    def check_size(self, node: ast.expr, value: int, *, is_bounded: bool) -> None:
        if is_bounded and not MIN_INT <= value <= MAX_INT:
            self.note(node, f"`{ast.unparse(node)}`", "a number that fits signed 64 bits")

    def check_name(self, node: ast.AST, name: str, *, genuine: bool = False) -> None:
        is_known = name in PYTHON_NAMES or (
            name in HOME_OF.keys() - SOFT and HOME_OF[name] != self.module.name
        )
        if (is_known and not genuine) or name == "OLD":
            home = HOME_OF.get(name, "Python")
            self.note(node, f"`{name}` as a name", f"another: `{name}` is that of {home}")
        elif name.startswith("__"):
            self.note(node, f"`{name}` as a name", "one that does not begin with two underscores")

    def is_genuine(self, name: str) -> bool:
        return name in PYTHON_NAMES or self.module.imports.get(name) == (HOME_OF.get(name), name)

    def meaning(self, name: str) -> Class | Function | int | None:
        try:
            return self.module.lookup(name)
        except UsageError:
            return None

    def annotation(self, node: ast.expr | None, owner: ast.AST | None = None) -> None:
        match node:
            case None:
                assert owner is not None
                name = getattr(owner, "arg", None) or getattr(owner, "name", "")
                self.note(owner, f"`{name}` without an annotation", "its type")
                return
            case ast.Name(id=name):
                is_here = name in self.top or name in PYTHON_NAMES
                known = is_here and (self.module.alias_name(node) or self.module.lookup_type(name))
            case ast.Subscript(value=ast.Name(id="dict" | "tuple"), slice=ast.Tuple(elts=parts)):
                for part in parts:
                    self.annotation(part)
                return
            case _:
                known = None
        if not known:
            alternatives = "int, bool, a type of libvig.types, or a class by its name"
            self.note(node, f"the annotation `{ast.unparse(node)}`", alternatives)


def is_small(node: ast.expr) -> bool:
    """Whether this is a number that may be an exponent or a shift."""
    return isinstance(node, ast.Constant) and type(node.value) is int and 0 <= node.value < 64


def is_marked(node: ast.FunctionDef | ast.ClassDef, decorator: str) -> bool:
    return any(isinstance(d, ast.Name) and d.id == decorator for d in node.decorator_list)


def has_contract(node: ast.FunctionDef, *words: str) -> bool:
    """Whether a contract of one of these kinds stands above it."""
    return any(
        isinstance(d, ast.Call) and isinstance(d.func, ast.Name) and d.func.id in words
        for d in node.decorator_list
    )


def only_return(node: ast.FunctionDef) -> ast.expr | None:
    """What the function returns, if that is all it does."""
    match node.body[1:] if ast.get_docstring(node) is not None else node.body:
        case [ast.Return(value=ast.expr() as value)]:
            return value
    return None
