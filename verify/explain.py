"""The tree of a property's paths, for people: as text, and in the words that drawings use."""

from __future__ import annotations

from collections.abc import Iterator

from verify.path_tree import End, Ending, Fork, Nodes
from verify.result import Result

PARTIAL = "not all paths are here: the search ended with these failures"


def is_partial(result: Result) -> bool:
    """Whether the search ended before all paths were found."""
    failed = [end for end in result.ends if end.ending in (Ending.REFUTED, Ending.OPEN)]
    if not failed:
        return False
    from verify.explore import MAX_FAILURES  # with Z3, which takes a while

    return len(failed) >= MAX_FAILURES


def lines(nodes: Nodes) -> Iterator[str]:
    """The tree as text: a line for each condition, and one for each end of a path."""
    for node in nodes:
        yield "  ".join(part for part in (*words(node), place_of(node)) if part)
        for number, (truth, following) in enumerate(ways_of(node), start=1):
            is_last = number == len(ways_of(node))
            first, *rest = lines(following)
            yield f"{'└─' if is_last else '├─'} {answer(truth):<3}  {first}"
            for line in rest:
                yield f"{'   ' if is_last else '│  '}{line}"


def ways_of(node: Fork | End) -> tuple[tuple[bool, Nodes], ...]:
    """What comes behind a node, if it is true and if not."""
    return node.ways if isinstance(node, Fork) else ()


def answer(truth: bool) -> str:
    return "yes" if truth else "no"


def words(node: Fork | End) -> tuple[str, ...]:
    """What a node says: its condition; or what was returned, and how the path ends."""
    if isinstance(node, Fork):
        return (node.text,)
    ending = f"{node.ending.value}: {node.text}" if node.text else node.ending.value
    return (f"→ {node.returned}", ending) if node.returned else (ending,)


def place_of(node: Fork | End) -> str:
    """Where that is written: file:line."""
    return node.site.place if node.site is not None else ""
