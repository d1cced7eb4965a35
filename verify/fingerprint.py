"""What a verdict depends on, as a digest: where that is the same, the verdict is.

Nothing is imported or proved here, so that it takes little time to see that nothing has changed.
Of what the user wrote, comments, blank lines and line numbers do not count.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from verify.network_function import NetworkFunction
from verify.program import HOME, PRODUCT, TOOL, Program
from verify.source import Class, Contract, Function, Module, with_packages

DISTRIBUTIONS = ("z3-solver", "icontract", "numba", "numpy")


class Definition(NamedTuple):
    """What a word is short for."""

    name: str  # in full
    module: Module
    node: ast.AST | None  # nothing of what is not the user's


def digest(*parts: str) -> str:
    """SHA-256 of some texts, of which it matters where each ends."""
    hashed = hashlib.sha256()
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        hashed.update(len(text).to_bytes(8, "big") + text)
    return hashed.hexdigest()


class Stamp(NamedTuple):
    """By which it shows that a file was written to."""

    inode: int
    size: int
    modified: int
    changed: int  # which nobody can set back

    @classmethod
    def of(cls, path: Path) -> Stamp:
        status = path.stat()
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def tool() -> str:
    """All of pyvigor that decides a verdict, and what it runs on."""
    return _tool()[0]


def tool_is_unchanged() -> bool:
    """Whether none of it was written to since."""
    return all(path.is_file() and Stamp.of(path) == stamp for path, stamp in _tool()[1].items())


@cache
def _tool() -> tuple[str, dict[Path, Stamp]]:
    files = sorted(path for folder in TOOL for path in (HOME / folder).rglob("*.py"))
    stamps = {path: Stamp.of(path) for path in files}  # before they are read
    versions = [f"{name} {metadata.version(name)}" for name in DISTRIBUTIONS]
    texts = [t for path in files for t in (str(path.relative_to(HOME)), path.read_text("utf-8"))]
    return digest(sys.version, platform.machine(), *versions, *texts), stamps


def of_library(name: str) -> str:
    """A function or structure of libVig."""
    return digest("library", name, tool())


def of_network_function(module: Module, part: str) -> str:
    """A part of a network function that is no spec: `process`, its constructor, a helper."""
    return digest("network function", part, tool(), *_texts(closure(module)))


def of_spec(nf: Module, spec: Function) -> str:
    """A spec: the NF, the spec, and the words that there are for it, but no other spec."""
    others = closure(spec.module)
    others.remove(spec.module)
    is_word = any(spec.module.name in _imported(other) for other in others)
    statements = spec.module.tree.body if is_word else _without_others(spec)
    words = [_text(node) for node in statements]
    texts = _texts(dict.fromkeys([*closure(nf), *others]))
    return digest("spec", spec.name, spec.module.name, tool(), *words, *texts)


def of_statement(nf: NetworkFunction, spec: Function) -> str:
    """What a spec says: its text and that of the words it uses, without docstrings.

    What the network function does, and what comes with pyvigor, is no part of it.
    """
    return digest(_meaning(spec.node), *_words(nf, [(spec.module, spec.node)]))


def of_words(nf: NetworkFunction, contracts: Sequence[Contract]) -> str:
    """What the words mean that these conditions are written in."""
    return digest(*_words(nf, [(contract.module, contract.condition) for contract in contracts]))


def _words(nf: NetworkFunction, written: Iterable[tuple[Module, ast.AST]]) -> list[str]:
    """For each word that is reached from what is written: what it is short for, and its text."""
    pending = list(written)
    modules = dict.fromkeys(
        m for begin in (nf.module, *(m for m, _ in pending)) for m in closure(begin)
    )
    classes = [cls for module in modules for cls in module.classes.values()]
    texts: dict[str, str] = {}

    def note(word: str, definition: Definition) -> None:
        if word not in texts:
            text = _meaning(definition.node) if definition.node is not None else ""
            texts[word] = f"{definition.name} {text}"
            if definition.node is not None:
                pending.append((definition.module, definition.node))

    while pending:
        module, node = pending.pop()
        names, attributes = _names(node)
        for name in names:
            meant = _definition(module, name, nf)
            if meant is not None:
                note(f"{module.name}.{name}", meant)
        for name in attributes:  # of which class is not looked into
            for cls in classes:
                for member in _members(cls, name, nf):
                    note(member.name, member)
    return [part for item in sorted(texts.items()) for part in item]


def _definition(module: Module, name: str, nf: NetworkFunction) -> Definition | None:
    """What a word stands for, if it is no word of Python's or of the function's own."""
    if name in module.imports:
        home, original = module.imports[name]
        other = _users(module.program, home)
        if other is None:
            return Definition(f"{home}.{original}", module, None)
        return _definition(other, original, nf)
    found: ast.AST | None = None
    if name in module.functions:
        found = module.functions[name].node
    elif name in module.assignments:
        found = module.assignments[name]
    elif name in module.classes and module.classes[name] is not nf.cls:
        found = _without_members(module.classes[name])
    return Definition(f"{module.name}.{name}", module, found) if found is not None else None


def _members(cls: Class, name: str, nf: NetworkFunction) -> Iterator[Definition]:
    """The method, property or number of this name that a class has, if it has it."""
    if cls is nf.cls and name == "process":
        return
    for item in _definitions_in(cls).get(name, ()):
        yield Definition(f"{cls.module.name}.{cls.name}.{name}", cls.module, item)


@cache
def _definitions_in(cls: Class) -> dict[str, list[ast.stmt]]:
    """What attributes of each name may stand for."""
    found: dict[str, list[ast.stmt]] = {}
    for item in cls.node.body:
        match item:
            case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                found.setdefault(name, []).append(item)
    return found


@cache
def _without_members(cls: Class) -> ast.ClassDef:
    """A class with its fields and contracts; a word for a method or number is one by itself."""
    members = [item for items in _definitions_in(cls).values() for item in items]
    body = [item for item in cls.node.body if item not in members]
    node = cls.node
    return ast.ClassDef(node.name, node.bases, node.keywords, body, node.decorator_list)


@cache
def _meaning(node: ast.AST) -> str:
    """A text that is the same for all ways to write it, whatever its docstrings say."""
    return ast.dump(_without_docstrings(node))


def _without_docstrings(node: ast.AST) -> ast.AST:
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node
    body = node.body[ast.get_docstring(node) is not None :]
    bare = copy.copy(node)
    bare.body = [part for part in map(_without_docstrings, body) if isinstance(part, ast.stmt)]
    return bare


def closure(module: Module) -> list[Module]:
    """The module, and those of the user's that it imports, directly or not."""
    found = {module.name: module}
    pending = [module]
    while pending:
        for name in _imported(pending.pop()):  # packages, too, as these run before their modules
            other = _users(module.program, name)
            if other is not None and name not in found:
                found[name] = other
                pending.append(other)
    return list(found.values())


@cache
def _imported(module: Module) -> list[str]:
    """Names of what it imports, which may be modules."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = module.source_of(node)
            found.update(f"{source}.{alias.name}" for alias in node.names)
    return sorted({part for name in found for part in with_packages(name)})


@cache
def _text(node: ast.AST) -> str:
    return ast.dump(node)


@cache
def _names(node: ast.AST) -> tuple[set[str], set[str]]:
    """The names in it, and those of attributes."""
    parts = list(ast.walk(node))
    return (
        {part.id for part in parts if isinstance(part, ast.Name)},
        {part.attr for part in parts if isinstance(part, ast.Attribute)},
    )


def _users(program: Program, name: str) -> Module | None:
    """The module of this name, if it is not of the tool, nor from elsewhere."""
    is_ours = name.partition(".")[0] in TOOL or name in PRODUCT
    if is_ours or program.find(name) is None:
        return None
    return program.load(name)


def _texts(modules: Iterable[Module]) -> list[str]:
    return [text for module in modules for text in (module.name, _text(module.tree))]


def _without_others(spec: Function) -> list[ast.stmt]:
    """The spec's module without other specs, unless something else in it speaks of them."""
    statements = spec.module.tree.body
    others = [
        node
        for node in statements
        if isinstance(node, ast.FunctionDef)
        and node is not spec.node
        and Function(node, spec.module).is_marked("spec")
    ]
    kept = [node for node in statements if node not in others]
    pending = list(kept)
    while pending:
        names, _ = _names(pending.pop())
        spoken_of = [node for node in others if node.name in names]
        others = [node for node in others if node not in spoken_of]
        kept += spoken_of
        pending += spoken_of
    return kept
