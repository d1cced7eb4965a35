"""Ports lent to holders; a port that is given up rests as long as possible."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.primitives import prefetch
from libvig.types import I32, I64

NOBODY = -1


@compiled_class
@invariant(lambda self: 1 <= self.capacity <= self.last - self.first + 1)
@invariant(lambda self: 1 <= self.first <= self.last <= 65535)
@invariant(lambda self: all(holder in self.entries for holder in range(self.capacity)))
@invariant(lambda self: all(0 <= holder < self.capacity for holder in self.entries))
@invariant(lambda self: all(self.first <= port <= self.last for port in self.entries.values()))
@invariant(lambda self: all_different(self.entries.values()))
class PortAllocator(NamedTuple):
    """Ports `first` to `last`; each holder, 0 to capacity - 1, always has exactly one.

    The other ports rest. A holder that is given a new port lays its old one to rest, and gets the
    port that has rested longest: late packets to the old port's last user find no new user yet.
    """

    first: int
    port: I64  # of each holder; as wide as what a table stores of an index, to lie beside that
    holder: I32  # of each port, from `first` on; NOBODY while it rests
    resting: I32  # ring of the resting ports, always full
    oldest: I32  # one cell: where in the ring the port is that has rested longest

    @property
    def capacity(self) -> int:
        """How many holders there are."""
        return len(self.port)

    @property
    def last(self) -> int:
        """The highest port."""
        return self.first + len(self.holder) - 1

    @view
    def entries(self) -> dict[int, int]:
        """Port of each holder."""
        return {i: int(self.port[i]) for i in range(len(self.port))}

    @require(lambda self, holder: 0 <= holder < self.capacity)
    @ensure(lambda self, holder, result: result == self.entries[holder])
    def port_of(self, holder: int) -> int:
        """Return the port of a holder."""
        return int(self.port[holder])

    @ensure(
        lambda self, port, result: (
            (result in self.entries and self.entries[result] == port)
            if result >= 0
            else all(held != port for held in self.entries.values())
        )
    )
    def holder_of(self, port: int) -> int:
        """Return the holder of `port`, which may be any integer, or -1."""
        if port < self.first or port > self.first + len(self.holder) - 1:
            return NOBODY
        return int(self.holder[port - self.first])

    @require(lambda self, holder: 0 <= holder < self.capacity)
    @ensure(
        lambda holder, result, OLD: all(
            port != result or other == holder for other, port in OLD.entries.items()
        )
    )
    @ensure(
        lambda self, holder, result, OLD: (
            (result == OLD.entries[holder]) == (self.last - self.first + 1 == self.capacity)
        )
    )
    @ensure(lambda self, holder, result, OLD: self.entries == OLD.entries | {holder: result})
    @ensure(lambda self, result: self.first <= result <= self.last)
    def allocate(self, holder: int) -> int:
        """Give a holder the port that has rested longest, for its own; return it.

        If no port rests, the holder keeps its port.
        """
        old = int(self.port[holder])
        if len(self.resting) == 0:
            return old
        at = int(self.oldest[0])
        port = int(self.resting[at])
        self.resting[at] = old
        self.oldest[0] = at + 1 if at + 1 < len(self.resting) else 0
        self.holder[old - self.first] = NOBODY
        self.holder[port - self.first] = holder
        self.port[holder] = port
        return port

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, holder: int) -> None:
        """Prefetch the port of `holder`, which may be any integer."""
        prefetch(self.port, holder)

    @require(lambda port: 0 <= port <= 65535)
    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch_holder(self, port: int) -> None:
        """Prefetch the holder of `port`, 0 to 65535, if it is one of its ports."""
        prefetch(self.holder, port - self.first)


@require(lambda first, last: 1 <= first <= last <= 65535)
@require(lambda first, last, holders: 1 <= holders <= last - first + 1)
@ensure(
    lambda first, last, holders, result: (
        result.first == first and result.last == last and result.capacity == holders
    )
)
@ensure(lambda first, holders, result: result.entries == {i: first + i for i in range(holders)})
def new_port_allocator(first: int, last: int, holders: int) -> PortAllocator:
    """Return an allocator of ports `first` to `last` to `holders` holders.

    Holder i begins with port first + i; the ports above rest, the lowest longest.
    """
    ports = last - first + 1
    port = np.arange(first, first + holders, dtype=np.int64)
    holder = np.full(ports, NOBODY, np.int32)
    holder[:holders] = np.arange(holders, dtype=np.int32)
    resting = np.arange(first + holders, last + 1, dtype=np.int32)
    return PortAllocator(first, port, holder, resting, np.zeros(1, np.int32))
