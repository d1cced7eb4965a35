"""What a spec is called with when it is run on packets, and how to undo what it changes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple, get_type_hints

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
    """What an annotation stands for: "packet" or "time", and "" for anything else."""
    if getattr(hint, "__name__", "") == "Packet":
        return "packet"
    notes = getattr(hint, "__metadata__", ())
    return "time" if any(isinstance(n, Quantity) and n.name == "time" for n in notes) else ""


def cases(first: int, packets: int, total: int) -> Iterator[tuple[int, ...]]:
    """The choices of so many packets out of `total`: the first one, and others soon after it."""
    following = range(first + 1, min(first + 1 + REACH, total))
    return ((first, *others) for others in combinations(following, packets - 1))


class Changes(NamedTuple):
    """Words of an NF's memory that are no longer what they were."""

    at: Any
    values: Any


class State:
    """The arrays of an NF, which are all of it that changes, side by side in one piece of memory.

    So they are kept, compared and put back at once, which is done for each case of each spec.
    """

    def __init__(self, nf: Any) -> None:
        arrays = {id(array): array for array in arrays_of(nf)}
        starts = np.cumsum([0, *(words(array) for array in arrays.values())])
        self.memory = np.zeros(int(starts[-1]), np.int64)
        for (name, array), start in zip(list(arrays.items()), starts, strict=False):
            arrays[name] = placed(array, self.memory[start:])
        self.nf = rebuilt(nf, arrays)
        """The same NF, with its arrays in that memory."""
        self.saved = self.memory.copy()

    def save(self) -> None:
        """Keep what is in the arrays now."""
        np.copyto(self.saved, self.memory)

    def restore(self) -> None:
        """Put back what was kept."""
        np.copyto(self.memory, self.saved)

    def changes(self) -> Changes:
        """What differs from what was kept."""
        at = np.flatnonzero(self.memory != self.saved)
        return Changes(at, self.memory[at])

    def change(self, before: Changes, after: Changes) -> None:
        """Make other changes, in place of those that there are."""
        self.memory[before.at] = self.saved[before.at]
        self.memory[after.at] = after.values


def words(array: Any) -> int:
    """How many words of 8 bytes an array takes."""
    return -(-int(array.nbytes) // 8)


def placed(array: Any, memory: Any) -> Any:
    """A copy of an array, at the beginning of a piece of memory."""
    copy = memory.view(np.uint8)[: array.nbytes].view(array.dtype).reshape(array.shape)
    np.copyto(copy, array)
    return copy


def rebuilt(part: Any, arrays: Mapping[int, Any]) -> Any:
    """A structure in which other arrays, by identity, are in place of its own."""
    if isinstance(part, np.ndarray):
        return arrays[id(part)]
    if not isinstance(part, tuple):
        return part
    parts = [rebuilt(inner, arrays) for inner in part]
    return type(part)._make(parts) if hasattr(part, "_make") else tuple(parts)


def arrays_of(structure: Any) -> Iterator[Any]:
    """All arrays of an NF or a structure, and of their parts."""
    for part in structure:
        if isinstance(part, np.ndarray):
            yield part
        elif isinstance(part, tuple):
            yield from arrays_of(part)
