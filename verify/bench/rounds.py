"""Taking turns: a busy moment of the machine strikes all alike, and ratios are of one round."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import NamedTuple

Turn = Callable[[], float]
"""Passes packets once, and returns the nanoseconds that one took."""


class Spread(NamedTuple):
    """What came of several rounds."""

    median: float
    lowest: float
    highest: float


def spread(values: list[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def ratios(mine: list[float], theirs: list[float]) -> list[float]:
    """Of what was measured in the same round."""
    return [one / other for one, other in zip(mine, theirs, strict=True)]


def interleaved(
    turns: Mapping[str, Turn],
    rounds: int,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> dict[str, list[float]]:
    """Let everyone take its turn, round by round, who comes first changing from round to round.

    One more round, the first, warms up and does not count.
    """
    found: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds + 1):
        before()
        for name in list(turns)[:: 1 if number % 2 else -1]:
            nanoseconds = turns[name]()
            if number > 0:
                found[name].append(nanoseconds)
        after()
    return found
