"""Which proofs can tell that a place of the library was changed.

A function is known to others by its contract, if it has one that says what it does, and by its
body otherwise. So a changed body matters to the function's own proof and a changed contract to
its callers' proofs, too. What calls what is told by names, so at worst too many proofs are tried.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from tests.mutants.mutant import Part
from verify.library import names_in
from verify.program import Program
from verify.source import Class, Function, Module
from verify.symbolic import is_structure_function

PREDICATES = {"loop", "decreases", "after", "initially"}


class Place(NamedTuple):
    """A part of a function; of a class, its contract is its invariants, fields and view."""

    name: str  # in full
    part: Part


class Dependencies:
    """What the proofs of some modules read."""

    def __init__(self, program: Program, modules: Iterable[str]) -> None:
        self.program = program
        self.modules = [program.load(name) for name in modules]
        self.subjects = [name for module in self.modules for name in names_in(module)]

    def provers_of(self, place: Place) -> list[str]:
        """The functions and classes whose proofs read a place."""
        return [name for name in self.subjects if place in self._read[name]]

    @cached_property
    def _read(self) -> dict[str, set[Place]]:
        return {name: self._closure(name) for name in self.subjects}

    def _closure(self, subject: str) -> set[Place]:
        pending = [Place(subject, "body"), Place(subject, "contract")]
        found = set(pending)
        while pending:
            for place in self._uses[pending.pop()]:
                if place not in found:
                    found.add(place)
                    pending.append(place)
        return found

    @cached_property
    def _uses(self) -> dict[Place, set[Place]]:
        uses: dict[Place, set[Place]] = {}
        for thing in self._things:
            name = full_name(thing)
            if isinstance(thing, Class):
                uses[Place(name, "body")] = set()
                uses[Place(name, "contract")] = self._of_class(thing)
            else:
                uses[Place(name, "body")] = self._of_body(thing)
                decorators = [d for d in thing.node.decorator_list if _is_contract(d)]
                uses[Place(name, "contract")] = self._mentioned(thing.module, decorators)
        return uses

    def _of_class(self, cls: Class) -> set[Place]:
        said = [d for d in cls.node.decorator_list if _is_contract(d)]
        found = self._mentioned(cls.module, [*said, *cls.fields.values(), *cls.node.bases])
        words = [m for m in cls.methods.values() if m.is_marked("property") or m.is_marked("view")]
        for other in self._things:
            if isinstance(other, Class) and other.argues_about(cls):
                words += [m for m in other.methods.values() if m.is_marked("always")]
        return found | {Place(full_name(word), "body") for word in words}

    def _of_body(self, function: Function) -> set[Place]:
        found = self._mentioned(function.module, [*function.body, function.node.args])
        if function.owner is not None:
            found.add(Place(full_name(function.owner), "contract"))
        if function.node.returns is not None:
            found |= self._mentioned(function.module, [function.node.returns])
        for other in self._things:
            if isinstance(other, Function) and _is_about(other, function):
                found.add(Place(full_name(other), "body"))
        return found

    def _mentioned(self, module: Module, nodes: Iterable[ast.AST]) -> set[Place]:
        words = {word for node in nodes for word in _words(node)}
        visible = self._visible(module)
        found: set[Place] = set()
        for thing in self._things:
            if thing.name in words and thing.module.name in visible:
                found.add(Place(full_name(thing), "contract"))
                if isinstance(thing, Function) and not _is_known_by_contract(thing):
                    found.add(Place(full_name(thing), "body"))
        return found

    def _visible(self, module: Module) -> set[str]:
        """Modules that this one imports, directly or not, and itself."""
        found = {module.name}
        pending = [module]
        loaded = {m.name: m for m in self.modules}
        while pending:
            for name, _ in pending.pop().imports.values():
                if name in loaded and name not in found:
                    found.add(name)
                    pending.append(loaded[name])
        return found

    @cached_property
    def _things(self) -> list[Function | Class]:
        found: list[Function | Class] = []
        for module in self.modules:
            found += module.functions.values()
            for cls in module.classes.values():
                found += [cls, *cls.methods.values()]
        return found


def full_name(thing: Function | Class) -> str:
    name = thing.name if isinstance(thing, Class) else thing.qualified_name
    return f"{thing.module.name}.{name}"


def _is_known_by_contract(function: Function) -> bool:
    by_contract = bool(function.ensures) and not function.module.is_spec
    is_helper = function.name.startswith("_") or function.is_marked("property")
    return by_contract or (is_structure_function(function) and not is_helper)


def _is_about(word: Function, function: Function) -> bool:
    return any(
        isinstance(d, ast.Call)
        and ast.unparse(d.func) in PREDICATES
        and ast.unparse(d.args[0]) == function.qualified_name
        for d in word.node.decorator_list
    )


def _is_contract(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) not in PREDICATES


def _words(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
