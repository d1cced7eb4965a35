"""Source text for reading: excerpts with line numbers, and the words beside the code."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from verify.program import Program
from verify.source import Class, Function, Module, Site
from verify.steps import lines_of

MARKDOWN = MarkdownIt("zero", {"html": False}).enable(["list", "backticks"])
"""Of Markdown, what docstrings are written in; all else is text."""

AROUND = 5  # lines before and behind one that is shown

STANDARD = r"RFC \d+|IEEE Std [\w.-]*\w|NSDI \d{4}"
SECTION = r"§[\d.]*\d|\d+(?:\.\d+)+(?=:)"
REFERENCE = re.compile(rf"(?:{STANDARD})(?: (?:{SECTION}|REQ-\d+))?|{SECTION}|REQ-\d+")
"""A standard, or a part of one."""


@dataclass(frozen=True)
class Line:
    """A line of source; `code` is HTML."""

    number: int
    code: Markup
    is_marked: bool


@dataclass(frozen=True)
class Excerpt:
    """Lines of a source file."""

    place: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Citation:
    """What is said of a standard, and which parts of it are named there."""

    references: tuple[str, ...]
    text: str


def excerpt(module: Module, lines: range, marked: str = "") -> Excerpt:
    """These lines of a module; the one at the place `marked` (file:line) stands out."""
    html = highlighted(module.text)
    return Excerpt(
        Site(module.path, lines.start).place,
        tuple(
            Line(number, html[number - 1], Site(module.path, number).place == marked)
            for number in lines
        ),
    )


def source_of(subject: Function | Class, marked: str = "") -> Excerpt:
    """A function or class, contracts included."""
    return excerpt(subject.module, lines_of(subject.node), marked)


def contract_of(subject: Function | Class, marked: str = "") -> Excerpt:
    """What others know of a function: its contracts, parameters and docstring.

    Of a class it is its invariants and its fields.
    """
    node, lines = subject.node, lines_of(subject.node)
    behind: Sequence[ast.stmt] = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    if isinstance(subject, Function):
        behind = subject.body
    end = min([first_line(item) for item in behind], default=lines.stop)
    text = subject.module.text.splitlines()
    while end > node.lineno + 1 and not text[end - 2].strip():
        end -= 1
    return excerpt(subject.module, range(lines.start, max(end, node.lineno + 1)), marked)


def first_line(node: ast.stmt) -> int:
    """Of a statement, its decorators included."""
    return lines_of(node).start if isinstance(node, ast.FunctionDef) else node.lineno


def around(program: Program, marked: str) -> list[Excerpt]:
    """The lines around a place (file:line) in one of the program's modules."""
    file, _, line = marked.rpartition(":")
    for module in program.modules.values():
        if file == file_of(module) and line.isdecimal():
            last = len(module.text.splitlines())
            lines = range(max(int(line) - AROUND, 1), min(int(line) + AROUND, last) + 1)
            return [excerpt(module, lines, marked)]
    return []


@cache
def highlighted(text: str) -> list[Markup]:
    """The lines of a Python file as HTML."""
    lexer, formatter = PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)
    return [Markup(line) for line in highlight(text, lexer, formatter).split("\n")]


def file_of(module: Module) -> str:
    """Its name, relative to where the user is."""
    return Site(module.path, 1).place.rpartition(":")[0]


def docstring(module: Module | None) -> str:
    return (ast.get_docstring(module.tree) or "") if module is not None else ""


def summary_of(module: Module) -> Markup:
    """The first line of its docstring, as HTML."""
    return Markup(MARKDOWN.renderInline(docstring(module).partition("\n")[0]))


def prose(text: str) -> Markup:
    """A docstring as HTML: its paragraphs and lists."""
    return Markup(MARKDOWN.render(text))


# ---------------------------------------------------------------- standards


def citations(function: Function) -> list[Citation]:
    """What the docstring and the comments of a spec say of standards."""
    standard = standard_of(function.module)
    found = []
    for text in (function.docstring, *comments(function)):
        named = REFERENCE.findall(text)
        if named:
            references = (f"{standard} {name}" if is_section(name) else name for name in named)
            begins = re.match(rf"(?:{REFERENCE.pattern}): ", text)
            said = text[begins.end() if begins else 0 :]
            found.append(Citation(tuple(dict.fromkeys(references)), " ".join(said.split())))
    return found


def is_section(reference: str) -> bool:
    """Whether this is a section of whatever standard the specs are about."""
    return reference[0] == "§" or reference[0].isdigit()


def standard_of(module: Module) -> str:
    """The standard that sections without a name are of: the first that the module names."""
    found = re.search(STANDARD, docstring(module).partition("\n\n")[0])
    return found.group() if found else ""


def address_of(reference: str) -> str:
    """Where a standard can be read; nothing for those that are not public."""
    found = re.match(r"RFC (\d+)(?: §([\d.]+))?", reference)
    if found is None:
        return ""
    number, section = found.groups()
    page = f"https://www.rfc-editor.org/rfc/rfc{number}"
    return f"{page}#section-{section}" if section else page


def comments(function: Function) -> Iterator[str]:
    """The comments in a function, each with the lines that it goes on in."""
    lines = lines_of(function.node)
    block: list[str] = []
    last = 0
    for number, text in comments_in(function.module.text).items():
        if number not in lines:
            continue
        if number != last + 1 and block:
            yield " ".join(block)
            block = []
        block.append(text)
        last = number
    if block:
        yield " ".join(block)


@cache
def comments_in(text: str) -> dict[int, str]:
    """The comments of a file, by line."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def comment_at(module: Module, node: ast.stmt) -> str:
    """The comment behind a statement, or the ones above it."""
    found = comments_in(module.text)
    if (node.end_lineno or node.lineno) in found:
        return found[node.end_lineno or node.lineno]
    above: list[str] = []
    line = node.lineno - 1
    while line in found and module.text.splitlines()[line - 1].lstrip().startswith("#"):
        above.insert(0, found[line])
        line -= 1
    return " ".join(above)
