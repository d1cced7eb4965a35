"""Proof files as the verifier reads them: which predicate stands for what."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from verify.program import Program
from verify.source import Class, Function, Module


@dataclass(frozen=True)
class LoopProof:
    """What is known whenever a loop comes round, and what falls at every turn."""

    invariants: list[Function]
    variants: list[Function]


@dataclass(frozen=True, eq=False)
class ClassProof:
    """The class of a proof file that says why a structure is right."""

    cls: Class

    @cached_property
    def always(self) -> list[Function]:
        return [f for f in self.cls.methods.values() if f.is_marked("always")]

    @cached_property
    def ghost(self) -> dict[str, ast.expr]:
        """Annotation of each ghost field."""
        return self.cls.fields

    def steps(self, word: str, function: Function) -> list[Function]:
        """Ghost steps that `after` or `initially` hangs on a function."""
        return [f for f in self.cls.methods.values() if is_about(f, word, function)]


@dataclass(frozen=True)
class Proofs:
    """The proof files of a program."""

    program: Program
    check: Callable[[Module], None]
    checked: set[str] = field(default_factory=set)

    def module_of(self, module: Module) -> Module | None:
        """The proof file of a module: the one of the same name."""
        if not module.is_library:
            return None
        name = f"libvig.proof.{module.name.rsplit('.', 1)[-1]}"
        if self.program.find(name) is None:
            return None
        found = self.program.load(name)
        if name not in self.checked:
            self.checked.add(name)
            self.check(found)
        return found

    def of_class(self, cls: Class) -> ClassProof | None:
        """What argues about a structure."""
        module = self.module_of(cls.module)
        for found in module.classes.values() if module is not None else ():
            bases = [ast.unparse(base) for base in found.node.bases]
            if bases == [cls.name] and is_marked(found.node, "about"):
                return ClassProof(found)
        return None

    def of_loop(self, function: Function, number: int) -> LoopProof:
        """What the proof file says of a function's loop of this number."""
        module = self.module_of(function.module)
        if module is None:
            return LoopProof([], [])
        methods = [m for cls in module.classes.values() for m in cls.methods.values()]
        words = [*module.functions.values(), *methods]
        return LoopProof(
            [f for f in words if is_about(f, "loop", function, number)],
            [f for f in words if is_about(f, "decreases", function, number)],
        )


def is_marked(node: ast.ClassDef | ast.FunctionDef, word: str) -> bool:
    return any(isinstance(d, ast.Name) and d.id == word for d in node.decorator_list)


def is_about(predicate: Function, word: str, function: Function, number: int = 0) -> bool:
    """Whether `@word(function)` or `@word(function, number)` stands above it."""
    for decorator in predicate.node.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id=name), args=[subject, *rest]) if name == word:
                wanted = predicate.module.constant(rest[0]) if rest else 0
                if ast.unparse(subject) == function.qualified_name and wanted == number:
                    return True
    return False


def loop_number(function: Function, node: ast.AST) -> int:
    """Which loop of the function this is, counted by lines from 0."""
    found = [n for n in ast.walk(function.node) if isinstance(n, ast.While | ast.For)]
    return sorted(found, key=lambda n: (n.lineno, n.col_offset)).index(node)  # type: ignore[arg-type]
