"""The verified subset: whatever is not known to mean the same to all readers is refused here.

CPython, Numba and the symbolic execution read the same text. This is a whitelist by syntax, so
that none of them meets what another reads differently, or does not see at all: a decorator that
replaces a function, a name that hides a primitive, an element of an array that is no Python
integer. What needs values to be decided, such as a shift by a variable, the execution refuses.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterator
from contextlib import suppress

from verify.errors import UsageError
from verify.program import PRODUCT, TOOL
from verify.source import Module, Site, with_packages
from verify.subset_classes import Classes, defined_names
from verify.subset_operations import Mistake
from verify.subset_types import mistakes
from verify.subset_walk import Finding
from verify.subset_words import HOME_OF, VOCABULARY, Kind

ONLY_OURS = "imports of libvig only: it is what NFs are made of"
TYPES = "libvig.types"  # aliases that the verifier reads as they are


def check_network_function(module: Module, *, to_prove: bool = True) -> None:
    """Refuse a network function that leaves the subset, or imports code that does.

    What only runs may take one type for another, as Python and Numba do.
    """
    _check(module, Kind.CODE, is_typed=to_prove)


def check_library(module: Module) -> None:
    """Refuse a module of libvig that leaves the subset, or imports code that does."""
    _check(module, Kind.LIBRARY)


def check_spec(module: Module) -> None:
    """Refuse a module of specs that leaves the subset, or imports code that does."""
    _check(module, Kind.SPEC)


def check_proof(module: Module) -> None:
    """Refuse a proof file that says more than a proof can, or imports code that does."""
    _check(module, Kind.PROOF)


def findings(module: Module, kind: Kind) -> list[Finding]:
    """Everything in this module that is outside of the subset, in the order of its lines."""
    walk = Definitions(module, kind)
    walk.module_body()
    return sorted(walk.found, key=lambda finding: finding.site.line)


def _check(module: Module, kind: Kind, *, is_typed: bool = True) -> None:
    for part, part_kind in _with_imports(module, kind):
        known, what = part.program.known_right(part), (part.name, part_kind, is_typed)
        if what in known:
            continue
        if part_kind is None:
            check_package(part)
            continue
        found: list[Finding | Mistake] = list(findings(part, part_kind))
        if is_typed and part_kind in (Kind.CODE, Kind.SPEC):
            found += mistakes(part)
        if found:
            raise UsageError(str(min(found, key=lambda problem: problem.order)))
        known.add(what)


def check_package(module: Module) -> None:
    """Refuse a package whose own code does something, as it runs before any module of it does."""
    for item in module.tree.body:
        match item:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith(
                "__"
            ) or name in ("__all__", "__version__"):
                with suppress(ValueError):
                    ast.literal_eval(value)
                    continue
            case ast.ImportFrom(names=names) if all(alias.name != "*" for alias in names):
                source = module.source_of(item)
                if source == "__future__" or module.program.find(source) is not None:
                    continue
        raise UsageError(
            f"{Site(module.path, item.lineno)}: runs whenever a module of {module.name} is "
            "imported; write constants there, and imports of what is verified, only"
        )


def _with_imports(module: Module, kind: Kind) -> Iterator[tuple[Module, Kind | None]]:
    """The module, those whose code and contracts it may call, and packages, of no kind."""
    pending: list[tuple[Module, Kind | None]] = [(module, kind)]
    seen: set[tuple[str, Kind | None]] = {(name, _kind_of(name)) for name in (TYPES, *VOCABULARY)}
    seen.add((module.name, kind))
    while pending:
        part, part_kind = pending.pop(0)
        yield part, part_kind
        for name, its_kind in _named_in(part):
            if (name, its_kind) not in seen and part.program.find(name) is not None:
                pending.append((part.program.load(name), its_kind))
                seen.add((name, its_kind))


def _named_in(module: Module) -> Iterator[tuple[str, Kind | None]]:
    """What a module imports from, and the user's packages that this is in."""
    for name in dict.fromkeys(name for name, _ in module.imports.values()):
        yield name, _kind_of(name)
        for package in with_packages(name)[:-1]:
            if package not in PRODUCT and package.partition(".")[0] not in TOOL:
                yield package, None


def _kind_of(name: str) -> Kind:
    """What a module is, told by its name."""
    if name.startswith("libvig.proof."):
        return Kind.PROOF
    return {"libvig": Kind.LIBRARY, "specs": Kind.SPEC}.get(name.partition(".")[0], Kind.CODE)


def _readers(source: str) -> Collection[Kind]:
    """Who may import from a module."""
    if source == "libvig.spec" or source.split(".", maxsplit=1)[0] == "specs":
        return (Kind.SPEC,)
    if source.startswith("libvig.proof"):
        return (Kind.PROOF,)
    return tuple(Kind)


class Definitions(Classes):
    """Checks what stands at the top level of a module."""

    def module_body(self) -> None:
        body = self.module.tree.body
        for item in body:
            for name in defined_names(item):
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
            case ast.Import() if self.imports_numpy(item):
                pass
            case ast.Import(names=[ast.alias(name=name), *_]) if not self._may_import(name):
                self.note(item, f"an import of {name}", ONLY_OURS)
            case ast.Assign(targets=[ast.Name()], value=value):
                self.constant(value)
            case ast.AnnAssign(target=ast.Name(), annotation=ast.Name(id="int"), value=ast.expr()):
                assert item.value is not None
                self.constant(item.value)
            case ast.FunctionDef() if self.kind is Kind.PROOF:
                self.proof_function(item, None)
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
            elif source in VOCABULARY and alias.name not in self.vocabulary(source):
                known = ", ".join(sorted(self.vocabulary(source)))
                self.note(item, here, f"what the verifier knows of {source}: {known}")
            elif alias.name in HOME_OF and alias.asname not in (None, alias.name):
                self.note(item, f"`{alias.name}` under another name", f"`{alias.name}` itself")
            elif (missing := self._missing(source)) is not None:
                self.note(item, f"{here}, which does not exist", missing)
            elif source not in VOCABULARY and not self._may_import(source):
                self.note(item, here, ONLY_OURS)
            elif source not in VOCABULARY and alias.name not in (defined := self._names_in(source)):
                near = difflib.get_close_matches(alias.name, defined, 1)
                what = f"`{near[0]}`" if near else f"a name that {source} defines"
                self.note(item, here, what)

    def _names_in(self, source: str) -> set[str]:
        body = self.module.program.load(source).tree.body
        return {name for item in body for name in defined_names(item)}

    def _missing(self, source: str) -> str | None:
        """Of a module that is not there, what to write: the one that may have been meant."""
        program = self.module.program
        if source in VOCABULARY or program.find(source) is not None:
            return None
        package, dot, name = source.rpartition(".")
        folders = [root / package.replace(".", "/") for root in program.roots]
        names = [file.stem for folder in folders for file in folder.glob("*.py")]
        near = difflib.get_close_matches(name, names, 1)
        if near:
            return f"`{package}{dot}{near[0]}`"
        return "a module that does" if source.partition(".")[0] in PRODUCT else None

    def _may_import(self, source: str) -> bool:
        is_library = source.partition(".")[0] == "libvig"
        return self.module.program.find(source) is not None and (
            is_library or not self.is_proved_by_laws
        )


def _origin(item: ast.stmt, name: str) -> str | None:
    """The module that an import takes this very name from."""
    match item:
        case ast.ImportFrom(module=module, level=0) if any(
            alias.name == name for alias in item.names
        ):
            return module
    return None
