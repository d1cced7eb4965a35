"""Small mistakes that a programmer could make, each as a change of the text of a syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from tests.mutants.mutant import Change, Source

Mutator = Callable[[Source, ast.AST], Iterator[Change]]

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
SYMMETRIC = {"min", "max"}  # functions whose arguments may change places


def deleted(source: Source, node: ast.AST) -> Iterator[Change]:
    """Leave out a statement."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return):
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call):
            return
        yield Change(source.start(node), source.end(node), "pass", "statement left out")


def compared_otherwise(source: Source, node: ast.AST) -> Iterator[Change]:
    """Let equality decide the other way, or change places with inequality."""
    if isinstance(node, ast.Compare):
        terms = [node.left, *node.comparators]
        for left, operator, right in zip(terms, node.ops, terms[1:], strict=False):
            if type(operator) in COMPARISONS:
                yield from _between(source, left, right, *COMPARISONS[type(operator)])


def one_off(source: Source, node: ast.AST) -> Iterator[Change]:
    """Take a number that is one more, or one less."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        old = source.text_of(node)
        for new in (node.value + 1, node.value - 1):
            text = str(new) if new >= 0 else f"({new})"
            yield Change(source.start(node), source.end(node), text, f"`{new}` for `{old}`")


def and_for_or(source: Source, node: ast.AST) -> Iterator[Change]:
    """Ask that both hold in place of one of them, or the other way round."""
    if isinstance(node, ast.BoolOp):
        words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from _between(source, left, right, *words)


def part_left_out(source: Source, node: ast.AST) -> Iterator[Change]:
    """Leave out a part of a conjunction."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for part in node.values:
            text = source.text_of(part)
            yield Change(source.start(part), source.end(part), "True", f"`{_short(text)}` left out")


def negated(source: Source, node: ast.AST) -> Iterator[Change]:
    """Decide the other way."""
    tests: Sequence[ast.expr] = ()
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        tests = [node.test]
    elif isinstance(node, ast.comprehension):
        tests = node.ifs
    for test in tests:
        text = source.text_of(test)
        yield Change(source.start(test), source.end(test), f"(not ({text}))", "condition negated")


def calculated_otherwise(source: Source, node: ast.AST) -> Iterator[Change]:
    """Subtract instead of adding, and the like."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield from _between(source, node.left, node.right, *OPERATORS[type(node.op)])
    if isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        old, new = OPERATORS[type(node.op)]
        yield from _between(source, node.target, node.value, f"{old}=", f"{new}=")


def swapped(source: Source, node: ast.AST) -> Iterator[Change]:
    """Let two neighbouring arguments change places."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) not in SYMMETRIC:
        for one, other in zip(node.args, node.args[1:], strict=False):
            first, second = source.text_of(one), source.text_of(other)
            if first != second:
                middle = source.between(source.end(one), source.start(other))
                said = f"`{_short(second)}` and `{_short(first)}` in each other's place"
                yield Change(source.start(one), source.end(other), f"{second}{middle}{first}", said)


MUTATORS: tuple[Mutator, ...] = (
    deleted,
    compared_otherwise,
    one_off,
    and_for_or,
    part_left_out,
    negated,
    calculated_otherwise,
    swapped,
)


def changes(source: Source, root: ast.AST) -> Iterator[Change]:
    """Yield every change of every mutator at a node and below it."""
    for node in ast.walk(root):
        for mutator in MUTATORS:
            yield from mutator(source, node)


def _between(
    source: Source, left: ast.expr, right: ast.expr, old: str, new: str
) -> Iterator[Change]:
    """Put one operator in place of another between two expressions."""
    start, end = source.end(left), source.start(right)
    at = source.between(start, end).find(old)  # beside it are spaces and parentheses only
    assert at >= 0, (ast.unparse(left), old)
    yield Change(start + at, start + at + len(old), new, f"`{new}` for `{old}`")


def _short(text: str) -> str:
    return " ".join(text.split())
