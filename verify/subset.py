"""The verified subset: whatever is not known to mean the same to all readers is refused here.

CPython, Numba and the symbolic execution read the same text. This is a whitelist by syntax, so
that none of them meets what another reads differently, or does not see at all: a decorator that
replaces a function, a name that hides a primitive, an element of an array that is no Python
integer. What needs values to be decided, such as a shift by a variable, the execution refuses.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from verify.errors import UsageError
from verify.source import Class, Function, Module
from verify.subset_functions import Functions
from verify.subset_words import (
    HOME_OF,
    REFUSED,
    VOCABULARY,
    Finding,
    Kind,
    is_marked,
    is_small,
)


def check_network_function(module: Module) -> None:
    """Refuse a network function that leaves the subset, or imports code that does."""
    _check(module, Kind.CODE)


def check_library(module: Module) -> None:
    """As for a network function: the code of both is read, compiled and run alike."""
    _check(module, Kind.CODE)


def check_spec(module: Module) -> None:
    """Refuse a module of specs that leaves the subset, or imports code that does."""
    _check(module, Kind.SPEC)


def check_proof(module: Module) -> None:
    """Refuse a proof file that says more than loop invariants."""
    _check(module, Kind.PROOF)


def findings(module: Module, kind: Kind) -> list[Finding]:
    """Everything in this module that is outside of the subset, in the order of its lines."""
    walk = Definitions(module, kind)
    walk.module_body()
    return sorted(walk.found, key=lambda finding: finding.site.line)


def _check(module: Module, kind: Kind) -> None:
    for part, part_kind in _with_imports(module, kind):
        found = findings(part, part_kind)
        if found:
            raise UsageError(str(found[0]))


def _with_imports(module: Module, kind: Kind) -> Iterator[tuple[Module, Kind]]:
    """The module, and those whose code it may call. Structures are known by their contracts."""
    pending, seen = [(module, kind)], {module.name}
    while pending:
        part, part_kind = pending.pop(0)
        if part is module or not _is_structure_module(part):
            yield part, part_kind
        for name, _ in part.imports.values():
            known = name in seen or name in VOCABULARY or name == "libvig.types"
            if not known and part.program.find(name) is not None:
                is_spec = name.split(".")[0] == "specs"
                pending.append((part.program.load(name), Kind.SPEC if is_spec else Kind.CODE))
                seen.add(name)


def _readers(source: str) -> Collection[Kind]:
    """Who may import from a module."""
    if source == "libvig.spec" or source.split(".", maxsplit=1)[0] == "specs":
        return (Kind.SPEC,)
    if source.startswith("libvig.proof"):
        return (Kind.PROOF,)
    return tuple(Kind)


def _is_structure_module(module: Module) -> bool:
    return module.is_library and any(cls.view is not None for cls in module.classes.values())


class Definitions(Functions):
    """Checks what stands at the top level of a module and of a class."""

    # ------------------------------------------------------------ modules

    def module_body(self) -> None:
        body = self.module.tree.body
        for item in body:
            for name in _defined_names(item):
                self.check_name(item, name, genuine=_origin(item, name) == HOME_OF.get(name, ""))
                if name in self.top:
                    self.note(item, f"a second definition of `{name}`", "each name once")
                self.top.add(name)
        for item in body:
            self.top_level(item)

    def top_level(self, item: ast.stmt) -> None:
        match item:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.ImportFrom():
                self.import_from(item)
            case ast.Assign(targets=[ast.Name()], value=value):
                self.constant(value)
            case ast.AnnAssign(target=ast.Name(), annotation=ast.Name(id="int"), value=ast.expr()):
                assert item.value is not None
                self.constant(item.value)
            case ast.FunctionDef():
                self.function(item, None)
            case ast.ClassDef():
                self.class_body(item)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                self.note(item, f"`{ast.unparse(item)}`", "`NAME = number`")
            case _:
                self.refuse(item)

    def import_from(self, item: ast.ImportFrom) -> None:
        source = item.module or ""
        for alias in item.names:
            here = f"an import of `{alias.name}` from {'.' * item.level}{source}"
            if self.kind not in _readers(source):
                self.note(item, here, f"a {self.kind.value} without it")
            elif alias.name == "*" or item.level:
                self.note(item, here, "`from module import name`, the module's name in full")
            elif source in VOCABULARY and alias.name not in VOCABULARY[source]:
                known = ", ".join(sorted(VOCABULARY[source]))
                self.note(item, here, f"what the verifier knows of {source}: {known}")
            elif alias.name in HOME_OF and alias.asname not in (None, alias.name):
                self.note(item, f"`{alias.name}` under another name", f"`{alias.name}` itself")
            elif source not in VOCABULARY and self.module.program.find(source) is None:
                self.note(item, here, "imports of libvig only: it is what NFs are made of")
            else:
                self.imported(item, source, alias.name)

    def imported(self, item: ast.ImportFrom, source: str, name: str) -> None:
        """A structure's module is not checked, so nothing in it may be called but by contract."""
        if source in VOCABULARY or not _is_structure_module(self.module.program.load(source)):
            return
        match self.module.program.load(source).lookup(name):
            case Function() as function:
                called = [function]
            case Class(view=None) as cls:
                called = list(cls.methods.values())
            case _:
                called = []
        if any(not function.ensures for function in called):
            self.note(item, f"`{name}` of {source}, which has no `@ensure`", "one, or a copy here")

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
            self.check_size(node, value, is_bounded=self.kind is Kind.CODE)

    # ------------------------------------------------------------ classes

    def class_body(self, node: ast.ClassDef) -> None:
        match node.bases, node.keywords:
            case [ast.Name(id="NamedTuple")], []:
                self.decorators(node, {"compiled_class"}, {"invariant": ["self"]})
            case [ast.Name(id="IntEnum")], []:
                self.decorators(node, set(), {})
            case _:
                self.note(node, f"class {node.name} of other bases", "`NamedTuple` or `IntEnum`")
                return
        is_enumeration = isinstance(node.bases[0], ast.Name) and node.bases[0].id == "IntEnum"
        names: set[str] = set()
        for item in node.body:
            for name in _defined_names(item):
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
            case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=value):
                self.annotation(annotation)
                if value is not None and is_marked(owner, "compiled_class"):
                    self.note(item, "a default in a compiled class", "the field without it")
                elif value is not None:
                    self.constant(value)
            case ast.FunctionDef():
                self.function(item, owner)
            case _ if type(item) in REFUSED:
                self.refuse(item)
            case _:
                self.note(item, f"`{ast.unparse(item)}` in a class", "`name: type`, or a method")


def _defined_names(item: ast.stmt) -> list[str]:
    """Names that a definition, import or assignment binds."""
    match item:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _origin(item: ast.stmt, name: str) -> str | None:
    """The module that an import takes this very name from."""
    match item:
        case ast.ImportFrom(module=module, level=0) if any(
            alias.name == name for alias in item.names
        ):
            return module
    return None
