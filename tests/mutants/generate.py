"""All mutants of a module, in the order of the text."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from tests.edits import path_of
from tests.mutants.mutant import Change, Mutant, Part, Source
from tests.mutants.mutators import changes

CONTRACTS = {"require", "ensure", "invariant"}
GHOST_STEPS = {"after", "initially"}
HARMLESS = {
    *("look_ahead", "look_closer", "look_at_key", "look_closest"),
    *("fetch", "_fetch", "fetch_holder", "fetch_for_touch", "fetch_neighbours", "_expect_stays"),
}
"""Functions that ask for memory: what they do shows nowhere, and any change of it is harmless."""


def is_harmless(name: str) -> bool:
    return name.rpartition(".")[2] in HARMLESS


Found = tuple[str, Part, Change]


def mutants(module: str, text: str | None = None) -> list[Mutant]:
    """Return the mutants of a module, or of a text in its place.

    Of a structure's module, the bodies of functions and what contracts say is changed. Of a proof
    file, its ghost steps: what it claims may well be weaker, if all can still be proved from it.
    """
    source = Source(path_of(module).read_text("utf-8") if text is None else text)
    tree = ast.parse(source.text)
    found = _of_proof(source, tree) if ".proof." in module else _of_code(source, tree)
    made: dict[str, Mutant] = {}
    alike: Counter[tuple[str, str, str]] = Counter()
    lines = source.text.splitlines()
    for function, part, change in sorted(found, key=lambda one: (one[2].start, one[2].mutation)):
        mutated = source.changed(change)
        number = source.line_of(change.start)
        line = lines[number - 1].strip()
        if mutated != source.text and mutated not in made and _is_python(mutated):
            key = (function, line, change.mutation)
            made[mutated] = Mutant(
                module, function, part, number, line, change.mutation, mutated, alike[key]
            )
            alike[key] += 1
    return list(made.values())


def _of_code(source: Source, tree: ast.Module) -> Iterator[Found]:
    for name, node in _definitions(tree):
        if is_harmless(node.name):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in CONTRACTS:
                yield name, "contract", _without(source, decorator)
                for argument in decorator.args:
                    for change in changes(source, argument):
                        yield name, "contract", change
        if isinstance(node, ast.FunctionDef):
            yield from ((name, "body", change) for change in _of_body(source, node))


def _of_proof(source: Source, tree: ast.Module) -> Iterator[Found]:
    for name, node in _definitions(tree):
        words = {ast.unparse(d.func) for d in node.decorator_list if isinstance(d, ast.Call)}
        if isinstance(node, ast.FunctionDef) and words & GHOST_STEPS:
            yield from ((name, "body", change) for change in _of_body(source, node))


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield node.name, node
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield f"{node.name}.{member.name}", member


def _of_body(source: Source, function: ast.FunctionDef) -> Iterator[Change]:
    for index, statement in enumerate(function.body):
        is_docstring = index == 0 and ast.get_docstring(function) is not None
        if not is_docstring:
            is_only_return = isinstance(statement, ast.Return) and statement is function.body[-1]
            for change in changes(source, statement):
                if not (is_only_return and change.start == source.start(statement)):
                    yield change


def _without(source: Source, decorator: ast.Call) -> Change:
    """Leave out a contract, its `@` included."""
    word = ast.unparse(decorator.func)
    start = source.start(decorator) - 1
    return Change(start, source.end(decorator), "", f"`{word}` left out")


def _is_python(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True
