"""The paths of `process` as a tree for the page: its leaves are numbered from the top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from verify.explain import place_of, ways_of
from verify.path_tree import End, Ending, Nodes, tree_of
from verify.result import Result

VAGUE = ("a number", "something else")
"""What `verdicts.in_words` says of what it has no words for."""


@dataclass(frozen=True)
class Leaf:
    """The end of a path."""

    number: int
    end: End

    @property
    def outcome(self) -> str:
        """What becomes of the packet, before what was returned."""
        if self.end.returned.startswith("Drop."):
            return "dropped:"
        if self.end.returned == "FLOOD":
            return "flooded:"
        if self.end.returned.endswith("(…)"):
            return "verdict of"
        return "verdict:" if self.end.returned in VAGUE else "leaves by"

    @property
    def is_proved(self) -> bool:
        return self.end.ending is Ending.PROVED


@dataclass(frozen=True)
class Branch:
    """A condition, and what comes behind it."""

    text: str
    place: str
    ways: tuple[tuple[str, tuple[Branch | Leaf, ...]], ...]


def branches_of(result: Result) -> tuple[Branch | Leaf, ...]:
    """The tree of a result's paths."""
    return tuple(_built(tree_of(result.ends), count(1)))


def _built(nodes: Nodes, numbers: Iterator[int]) -> Iterator[Branch | Leaf]:
    for node in nodes:
        if isinstance(node, End):
            yield Leaf(next(numbers), node)
        else:
            ways = tuple(
                ("yes" if truth else "no", tuple(_built(behind, numbers)))
                for truth, behind in ways_of(node)
            )
            yield Branch(node.text, place_of(node), ways)


def leaves_of(nodes: tuple[Branch | Leaf, ...]) -> list[Leaf]:
    """The ends of all paths."""
    found: list[Leaf] = []
    for node in nodes:
        if isinstance(node, Leaf):
            found.append(node)
        else:
            for _, behind in node.ways:
                found += leaves_of(behind)
    return found
