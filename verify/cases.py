"""What a spec is called with when it is run on packets, and how to undo what it changes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any, get_type_hints

import numpy as np

from libvig.types import Quantity

REACH = 8
"""Among how many packets that follow its first one a spec of several packets finds the others."""

Spec = Callable[..., None]


class Parameters:
    """The parameters of a spec after the NF: packets and times.

    A time is that of the packet before it in the list, or of a further packet if that has one.
    """

    def __init__(self, spec: Spec) -> None:
        parameters = list(inspect.signature(spec).parameters.values())[1:]
        hints = get_type_hints(spec, include_extras=True)
        self.others: list[str] = []
        """Those that are neither, and that no packet says a value of."""
        self.plan: list[tuple[str, int]] = []
        packet, has_time = -1, False
        for parameter in parameters:
            is_plain = parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            kind = kind_of(hints.get(parameter.name)) if is_plain else ""
            if not kind:
                self.others.append(parameter.name)
            elif kind == "packet" or has_time:
                packet += 1
            has_time = kind == "time"
            self.plan.append((kind, max(packet, 0)))
        self.packets = 1 + max((packet for _, packet in self.plan), default=-1)
        self.is_generator = inspect.isgeneratorfunction(spec)

    @property
    def refusal(self) -> str:
        """Why the spec cannot be run on packets; empty where it can."""
        if self.is_generator:
            return "yields: a call of it runs nothing"
        if self.packets == 0:
            return "takes no packet"
        return f"takes {self.others[0]}, neither a packet nor a time" if self.others else ""

    def arguments(self, chosen: Sequence[tuple[Any, int]]) -> list[Any]:
        """Arguments for these packets with their times."""
        return [chosen[number][kind == "time"] for kind, number in self.plan]


def kind_of(hint: Any) -> str:
    """ "packet" or "time" by an annotation, or "" for anything else."""
    if getattr(hint, "__name__", "") == "Packet":
        return "packet"
    notes = getattr(hint, "__metadata__", ())
    return "time" if any(isinstance(n, Quantity) and n.name == "time" for n in notes) else ""


def cases(first: int, packets: int, total: int) -> Iterator[tuple[int, ...]]:
    """The choices of so many packets out of `total`: the first one, and others soon after it."""
    following = range(first + 1, min(first + 1 + REACH, total))
    return ((first, *others) for others in combinations(following, packets - 1))


class State:
    """The arrays of an NF, which are all of it that changes, and what was in them."""

    def __init__(self, nf: Any) -> None:
        self.arrays = list(arrays_of(nf))
        self.saved = [array.copy() for array in self.arrays]

    def save(self) -> None:
        """Keep what is in the arrays now."""
        for array, saved in zip(self.arrays, self.saved, strict=True):
            np.copyto(saved, array)

    def restore(self) -> None:
        """Put back what was kept."""
        for array, saved in zip(self.arrays, self.saved, strict=True):
            np.copyto(array, saved)


def arrays_of(structure: Any) -> Iterator[Any]:
    """All arrays of an NF or a structure, and of their parts."""
    for part in structure:
        if isinstance(part, np.ndarray):
            yield part
        elif isinstance(part, tuple):
            yield from arrays_of(part)
