"""What pytest prints of a property that is not proved: the source that failed, and why.

The classes are those of which pytest makes its own reports, as these alone pass unharmed through
pytest-xdist, into the short summary and into JUnit's XML.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from _pytest._code.code import ReprEntry, ReprExceptionInfo, ReprFileLocation, ReprTraceback

if TYPE_CHECKING:
    from verify.result import Result

SHORT = ("short", "line", "no")
"""Styles of --tb that quote one line of source."""


def of_result(result: Result, style: str) -> ReprExceptionInfo:
    """The failing assert or contract, and the counterexample or the reason."""
    path, _, line = result.place.rpartition(":")
    source = quoted(Path(path), int(line), whole=style not in SHORT)
    message = f"{result.verdict.value}: {result.reason}"
    details = [line for text in result.details for line in text.splitlines()]
    marked = [f"E   {text}".rstrip() for text in [message, *details]]
    return representation([*source, *marked], path, int(line), message, style)


def in_words(path: Path, line: int, message: str) -> ReprExceptionInfo:
    """What is no traceback: most often one line, which may say better where."""
    place = re.match(r"(.*?\.py):(?:(\d+):)? ", message)
    if place:
        path, line, message = Path(place[1]), int(place[2] or 1), message[place.end() :]
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    marked = [f"E   {text}" for text in message.splitlines()]
    return representation(marked if len(marked) > 1 else [], str(path), line, message, "value")


def representation(
    lines: list[str], path: str, line: int, message: str, style: str
) -> ReprExceptionInfo:
    """A report of one entry."""
    place = ReprFileLocation(path, line, message)
    kind: Any = style if style == "value" else "short" if style in SHORT else "long"
    entry = ReprEntry(lines, None, None, place, kind)
    return ReprExceptionInfo(ReprTraceback([entry], None, kind), place)


def quoted(path: Path, line: int, *, whole: bool) -> list[str]:
    """The statement at a line, marked as pytest does; as a whole, after what is above it."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError):
        return []
    first = line
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= cast(int, node.end_lineno):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
    lines = text.splitlines()
    above = [f"    {source}".rstrip() for source in lines[first - 1 : line - 1]] if whole else []
    return [*above, *(f">   {source}" for source in lines[line - 1 : line])]
