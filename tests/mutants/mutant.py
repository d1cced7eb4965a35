"""What a mutant is, and how it is made: one text in place of another, in the same lines."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Part = Literal["body", "contract"]


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    module: str
    function: str  # in which it is, as in `HashMap.find`; a class for its invariants
    part: Part  # of the function; a ghost step is a body
    number: int  # of the line
    line: str  # as it was, stripped
    mutation: str  # what was changed
    source: str  # of the whole module
    nth: int = 0  # of those that are alike but for the place in the line

    @property
    def place(self) -> str:
        return f"{self.module.replace('.', '/')}.py:{self.number}"

    @property
    def description(self) -> str:
        return f"{self.place}: {self.mutation}, in `{self.line}`"


@dataclass(frozen=True)
class Change:
    """A new text from one offset of a source to another, in bytes."""

    start: int
    end: int
    new: str
    mutation: str


@dataclass(frozen=True)
class Source:
    """A module's text, in which syntax trees name places by line and byte."""

    text: str

    @cached_property
    def data(self) -> bytes:
        return self.text.encode()

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.data.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def text_of(self, node: ast.expr | ast.stmt) -> str:
        return self.between(self.start(node), self.end(node))

    def between(self, start: int, end: int) -> str:
        return self.data[start:end].decode()

    def line_of(self, offset: int) -> int:
        return self.data.count(b"\n", 0, offset) + 1

    def changed(self, change: Change) -> str:
        """Return the text after a change; the lines behind it stay where they are."""
        old = self.data[change.start : change.end]
        new = change.new.encode()
        new += b"\n" * (old.count(b"\n") - new.count(b"\n"))
        return (self.data[: change.start] + new + self.data[change.end :]).decode()
