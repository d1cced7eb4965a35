"""Indices handed out and taken back, kept in the order of their last use."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, invariant, require, view
from libvig.primitives import prefetch
from libvig.types import I32, I64

EMPTY = -1  # in place of a cell or an index, where there is none
MAX_CAPACITY = 2**30  # cells are named by elements of 32 bits, and two more than indices


@compiled_class
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
class DoubleChain(NamedTuple):
    """Indices 0 to capacity - 1, each free or allocated with the time of its last use.

    Cell i of the arrays stands for index i. Cell `capacity` heads the circular list of allocated
    indices, oldest first; cell `capacity + 1` heads the list of free ones, linked by `next` only.
    """

    prev: I32  # EMPTY in the cell of a free index
    next: I32
    stamp: I64  # time of last use, for allocated indices
    stays: I32  # one cell: 1 if the last touch changed nothing, as the next will likely, else 0

    @property
    def capacity(self) -> int:
        """How many indices there are."""
        return len(self.stamp)

    @view
    def entries(self) -> dict[int, int]:
        """Time of last use of each allocated index."""
        return {i: int(self.stamp[i]) for i in range(len(self.stamp)) if self.prev[i] != EMPTY}

    @require(lambda self, now: all(time <= now for time in self.entries.values()))
    @ensure(
        lambda self, result, OLD: (
            (result < self.capacity and result not in OLD.entries)
            if result >= 0
            else all(index in OLD.entries for index in range(self.capacity))
        )
    )
    @ensure(
        lambda self, now, result, OLD: (
            self.entries == OLD.entries | {result: now}
            if result >= 0
            else self.entries == OLD.entries
        )
    )
    def allocate(self, now: int) -> int:
        """Allocate a free index, used last at `now`; return it, or -1 if none is free."""
        free = len(self.stamp) + 1
        index = int(self.next[free])
        if index == free:
            return EMPTY
        self.next[free] = self.next[index]
        self._append(index)
        self.stamp[index] = now
        return index

    @require(lambda self, index: index in self.entries)
    @require(lambda self, now: all(time <= now for time in self.entries.values()))
    @ensure(lambda self, index, now, OLD: self.entries == OLD.entries | {index: now})
    def touch(self, index: int, now: int) -> None:
        """Note that an allocated index is used at `now`: it becomes one of the youngest.

        Where it was used at that time before, it is one, and nothing is to be done: so it is with
        most where the clock goes forward in ticks.
        """
        if self.stamp[index] != now:
            self._unlink(index)
            self._append(index)
            self.stamp[index] = now
            self._expect_stays(0)
        else:
            self._expect_stays(1)

    @require(lambda self, index: index in self.entries)
    @ensure(
        lambda self, index, OLD: (
            self.entries == {i: time for i, time in OLD.entries.items() if i != index}
        )
    )
    def release(self, index: int) -> None:
        """Make an allocated index free again."""
        self._unlink(index)
        self._push(index)

    @ensure(lambda self, index, result: result == (index in self.entries))
    def is_allocated(self, index: int) -> bool:
        """Tell whether `index`, which may be any integer, is an allocated index."""
        return 0 <= index < len(self.stamp) and self.prev[index] != EMPTY

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index])
    def time_of(self, index: int) -> int:
        """Return when an allocated index was used last."""
        return int(self.stamp[index])

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch what links `index`, which may be any integer."""
        prefetch(self.prev, index)  # beside which the other link is, if they lie in rows

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch_for_touch(self, index: int) -> None:
        """The same, unless `touch` is not likely to link `index` anew: the last did not."""
        if self.stays[0] == 0:
            prefetch(self.prev, index)

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch_neighbours(self, index: int) -> None:
        """Prefetch what `touch` changes beside `index`, which may be any integer.

        Unless it is not likely to change anything there.
        """
        if 0 <= index < len(self.stamp) and self.stays[0] == 0:
            prefetch(self.next, int(self.prev[index]))
            prefetch(self.prev, int(self.next[index]))

    @ensure(
        lambda self, limit, result: (
            (result in self.entries and self.entries[result] < limit)
            if result >= 0
            else all(time >= limit for time in self.entries.values())
        )
    )
    @ensure(
        lambda self, result: (
            result < 0 or all(self.entries[result] <= time for time in self.entries.values())
        )
    )
    def oldest_before(self, limit: int) -> int:
        """Return the index used longest ago if that was before `limit`, else -1."""
        index = int(self.next[len(self.stamp)])
        if index == len(self.stamp) or self.stamp[index] >= limit:
            return EMPTY
        return index

    def _expect_stays(self, stays: int) -> None:
        """Note what `touch` did, for what is prefetched: most do the same where time has ticks."""
        self.stays[0] = stays

    def _append(self, index: int) -> None:
        """Link an index that is on no list as the youngest of the allocated."""
        head = len(self.stamp)
        last = int(self.prev[head])
        self.next[index] = head
        self.prev[index] = last
        self.next[last] = index
        self.prev[head] = index

    def _unlink(self, index: int) -> None:
        """Take an allocated index off its list."""
        before = int(self.prev[index])
        after = int(self.next[index])
        self.next[before] = after
        self.prev[after] = before

    def _push(self, index: int) -> None:
        """Put an index that is on no list on the free list."""
        free = len(self.stamp) + 1
        self.next[index] = self.next[free]
        self.prev[index] = EMPTY
        self.next[free] = index


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda capacity, result: result.capacity == capacity and result.entries == {})
def new_double_chain(capacity: int) -> DoubleChain:
    """Return a chain of `capacity` free indices, 1 to MAX_CAPACITY."""
    prev = np.full(capacity + 2, EMPTY, np.int32)
    next = np.arange(1, capacity + 3, dtype=np.int32)
    prev[capacity] = capacity
    next[capacity] = capacity
    next[capacity - 1] = capacity + 1
    next[capacity + 1] = 0
    return DoubleChain(prev, next, np.zeros(capacity, np.int64), np.zeros(1, np.int32))
