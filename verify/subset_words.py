"""What the verified subset is made of, and what to write instead of what lies outside of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from enum import Enum

from verify.errors import UsageError
from verify.source import Class, Function, Module, Site

MIN_INT, MAX_INT = -(2**63), 2**63 - 1  # the integers of compiled code

LOADS_AND_STORES = {f"{kind}{bits}" for kind in ("load", "store") for bits in (8, 16, 32)}
VOCABULARY = {
    "__future__": {"annotations"},
    "typing": {"NamedTuple"},
    "enum": {"IntEnum"},
    "libvig.compile": {"compiled", "compiled_class"},
    "libvig.contracts": {"require", "ensure", "invariant", "all_different"},
    "libvig.primitives": LOADS_AND_STORES | {"multiply_fold"},
    "libvig.spec": {"spec", "assume", "snapshot", "word_sum"},
    "libvig.proof.notation": {
        *("about", "always", "after", "initially", "loop", "decreases", "is_power_of_two")
    },
}
"""Modules of which the verifier knows some names by themselves; it does not read their text."""

HOME_OF = {
    **{name: module for module, names in VOCABULARY.items() for name in names},
    **dict.fromkeys(("Bytes", "I32", "I64", "Time"), "libvig.types"),
    "Packet": "libvig.packet.packet",
}
PYTHON_NAMES = {"all", "any", "bool", "dict", "int", "len", "max", "min", "property", "range"}
PYTHON_NAMES |= {"tuple"}
ARITY = {
    **dict.fromkeys(("len", "int", "snapshot", "all", "any", "all_different"), 1),
    **dict.fromkeys(("min", "max"), 2),
    **{name: 2 if name.startswith("load") else 3 for name in LOADS_AND_STORES},
    "word_sum": 3,
}
OF_TUPLES = {"_asdict", "_field_defaults", "_fields", "_make", "_replace"}
QUANTIFIERS = {"all", "any", "all_different"}
OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod),
    *(ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr),
)
ORDERS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)

REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.While: ("a `while` loop", "`for name in range(…)`"),
    ast.Break: ("`break`", "the loop's condition as an `if`, or return"),
    ast.Continue: ("`continue`", "the rest of the loop's body under an `if`"),
    ast.With: ("`with`", "the statements alone"),
    ast.Try: ("`try`", "an `if` that asks before: nothing raises in proved code"),
    ast.TryStar: ("`try`", "an `if` that asks before: nothing raises in proved code"),
    ast.Raise: ("`raise`", "a `@require`, or return a reason to drop"),
    ast.Delete: ("`del`", "the function without it"),
    ast.Match: ("`match`", "`if` and `else`"),
    ast.Global: ("`global`", "a field that is an array or a structure"),
    ast.Nonlocal: ("`nonlocal`", "a field that is an array or a structure"),
    ast.FunctionDef: ("a function inside of another", "it at the module's top level"),
    ast.AsyncFunctionDef: ("an `async` function", "`def`"),
    ast.ClassDef: ("a class inside of another or of a function", "it at the module's top level"),
    ast.Import: ("`import`", "`from module import name`, at the top of the module"),
    ast.ImportFrom: ("an import inside of a block", "it at the top of the module"),
    ast.If: ("`if` outside of a function", "plain definitions"),
    ast.Lambda: ("a lambda outside of a contract", "a function at the module's top level"),
    ast.NamedExpr: ("`:=`", "an assignment of its own"),
    ast.JoinedStr: ("an f-string", "numbers only; strings are for docstrings"),
    ast.List: ("a list", "a tuple, or an array field"),
    ast.Set: ("a set", "comparisons joined by `or`"),
    ast.ListComp: ("a list comprehension", "a loop, or in contracts and specs `all(… for …)`"),
    ast.SetComp: ("a set comprehension", "a loop, or in contracts and specs `all(… for …)`"),
    ast.GeneratorExp: ("a generator", "a loop, or in contracts and specs `all(… for …)`"),
    ast.Dict: ("a dict in compiled code", "an array or a structure of libvig"),
    ast.DictComp: ("a dict comprehension in compiled code", "a structure of libvig"),
    ast.Slice: ("a slice", "offsets into the whole array"),
    ast.Starred: ("`*` before a value", "the values one by one"),
}


class Kind(Enum):
    """What a module is, which decides what it may say."""

    CODE = "network function or library"
    SPEC = "spec"
    PROOF = "proof"


@dataclass(frozen=True)
class Finding:
    """A construct outside of the subset."""

    site: Site
    found: str
    write: str

    def __str__(self) -> str:
        return f"{self.site}: found {self.found}; write {self.write}"


@dataclass
class Scope:
    """Where an expression or statement stands."""

    names: set[str]  # that have a value here, whichever way control came
    is_native: bool = False  # compiled: no views, dicts or generators
    is_contract: bool = False
    turning: frozenset[str] = frozenset()  # variables of the loops around

    def copy(self) -> Scope:
        return replace(self, names=set(self.names))


@dataclass
class Walk:
    """What every part of the walk over a module needs: its names, and where findings go."""

    module: Module
    kind: Kind
    found: list[Finding] = field(default_factory=list)
    top: set[str] = field(default_factory=set)  # names of the module's top level

    def note(self, node: ast.AST, found: str, write: str) -> None:
        line = getattr(node, "lineno", 1)
        self.found.append(Finding(Site(self.module.path, line), found, write))

    def refuse(self, node: ast.stmt | ast.expr) -> None:
        text = f"`{ast.unparse(node).splitlines()[0]}`"
        known = (text, "it with integers, truth values, `if`, `for … in range(…)` and `return`")
        self.note(node, *REFUSED.get(type(node), known))

    def check_size(self, node: ast.expr, value: int, *, is_bounded: bool) -> None:
        if is_bounded and not MIN_INT <= value <= MAX_INT:
            self.note(node, f"`{ast.unparse(node)}`", "a number that fits signed 64 bits")

    def check_name(self, node: ast.AST, name: str, *, genuine: bool = False) -> None:
        is_known = name in PYTHON_NAMES or (name in HOME_OF and HOME_OF[name] != self.module.name)
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
