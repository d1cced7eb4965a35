"""What the README says of the size of the network functions is so."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path
from statistics import median_low

import pytest

ROOT = Path(__file__).parents[1]
NAMES = {
    "NAT, with ICMP": "nat",
    "Maglev load balancer": "maglev",
    "MAC-learning bridge": "bridge",
    "firewall": "firewall",
    "policer": "policer",
}
NO_CODE = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.COMMENT,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def code_lines(text: str) -> set[int]:
    """The lines with code: no blank ones, no comments, no docstrings."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                lines.difference_update(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines


def sizes(name: str) -> tuple[int, int, int, int]:
    """Lines of the NF and of its full specification; how many other specs, and their median."""
    text = (ROOT / "specs" / f"{name}.py").read_text()
    code = code_lines(text)
    whole, bodies = [], []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(d, ast.Name) and d.id == "spec" for d in node.decorator_list
        ):
            inside = [n for n in code if node.lineno <= n <= (node.end_lineno or 0)]
            whole.append(len(inside))
            bodies.append(len(inside) - 1)
    bodies.remove(max(bodies))
    nf = len(code_lines((ROOT / "nfs" / f"{name}.py").read_text()))
    return nf, max(whole), len(bodies), median_low(bodies)


@pytest.mark.parametrize("title", NAMES)
def test_the_table_of_sizes(title: str) -> None:
    (row,) = re.findall(rf"^\| {title} \|(.*)\|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert tuple(map(int, row.split("|")[:4])) == sizes(NAMES[title])


def test_what_counts_as_a_line_of_code() -> None:
    text = '''"""Of two
lines."""

# None.
x = (
    1
)
def f():
    """None."""
    return x
'''
    assert code_lines(text) == {5, 6, 7, 8, 10}
