"""Both lists of the chain reach every cell that they should, and no cell twice.

Each index gets a number, its rank, when it joins a list. Along the list of the allocated, oldest
first, ranks rise; along the list of the free, which grows at its top, they fall; and no rank of a
list lies between those of a cell and its next. So a list leaves nothing out, and its first cell
has the oldest time.

The words above the functions are explained in libvig/proof/notation.py.
"""

from __future__ import annotations

from libvig.double_chain import EMPTY, MAX_CAPACITY, DoubleChain, new_double_chain
from libvig.proof.notation import about, after, always, initially


@about
class Ranked(DoubleChain):
    """A chain whose cells have ranks."""

    rank: list[int]  # of each cell
    latest: int  # rank given out last in the list of the allocated
    pushed: int  # rank given out last in the list of the free

    def cells(self) -> range:
        return range(len(self.next))

    def indices(self) -> range:
        return range(len(self.stamp))

    def head(self) -> int:
        return len(self.stamp)

    def free(self) -> int:
        return len(self.stamp) + 1

    def used(self, cell: int) -> bool:
        return bool(self.prev[cell] != EMPTY)  # on the list of the allocated, its head included

    def waiting(self, cell: int) -> bool:
        return self.prev[cell] == EMPTY and cell != self.free()

    @initially(new_double_chain)
    def in_order(self, capacity: int) -> None:
        self.rank = [-cell if cell < capacity else 0 for cell in range(capacity + 2)]
        self.latest = 0
        self.pushed = 0

    @after(DoubleChain._append)
    def last(self, index: int) -> None:
        self.latest += 1
        self.rank[index] = self.latest

    @after(DoubleChain._push)
    def top(self, index: int) -> None:
        self.pushed += 1
        self.rank[index] = self.pushed

    @always
    def sizes(self) -> bool:
        return (
            1 <= len(self.stamp) <= MAX_CAPACITY
            and len(self.prev) == len(self.stamp) + 2
            and len(self.next) == len(self.stamp) + 2
            and len(self.rank) == len(self.stamp) + 2
            and len(self.stays) == 1
        )

    @always
    def heads(self) -> bool:
        return (
            self.used(self.head())
            and self.rank[self.head()] == 0
            and self.latest >= 0
            and self.pushed >= 0
            and not self.used(self.free())
        )

    @always
    def links_in_range(self) -> bool:
        return all(
            0 <= self.next[cell] < len(self.next) and EMPTY <= self.prev[cell] <= self.head()
            for cell in self.cells()
        )

    # The list of the allocated.

    @always
    def next_then_prev(self) -> bool:
        return all(
            self.used(self.next[cell]) and self.prev[self.next[cell]] == cell
            for cell in self.cells()
            if self.used(cell)
        )

    @always
    def prev_then_next(self) -> bool:
        return all(
            self.used(self.prev[cell]) and self.next[self.prev[cell]] == cell
            for cell in self.cells()
            if self.used(cell)
        )

    @always
    def ranks_rise(self) -> bool:
        return all(
            self.rank[cell] < self.rank[self.next[cell]]
            for cell in self.cells()
            if self.used(cell) and self.next[cell] != self.head()
        )

    @always
    def ranks_are_known(self) -> bool:
        return all(
            0 < self.rank[cell] <= self.latest
            for cell in self.cells()
            if self.used(cell) and cell != self.head()
        )

    @always
    def ranks_differ(self) -> bool:
        return all(
            one == other
            for one in self.cells()
            for other in self.cells()
            if self.used(one) and self.used(other) and self.rank[one] == self.rank[other]
        )

    @always
    def none_between(self) -> bool:
        return all(
            self.next[one] != self.head() and self.rank[self.next[one]] <= self.rank[other]
            for one in self.cells()
            for other in self.cells()
            if self.used(one) and self.used(other) and self.rank[one] < self.rank[other]
        )

    @always
    def times_rise(self) -> bool:
        return all(
            self.stamp[one] <= self.stamp[other]
            for one in self.indices()
            for other in self.indices()
            if self.used(one) and self.used(other) and self.rank[one] <= self.rank[other]
        )

    # The list of the free.

    @always
    def free_stays_free(self) -> bool:
        return all(not self.used(self.next[cell]) for cell in self.cells() if not self.used(cell))

    @always
    def free_ranks_fall(self) -> bool:
        return all(
            self.rank[self.next[cell]] < self.rank[cell]
            for cell in self.cells()
            if self.waiting(cell) and self.waiting(self.next[cell])
        )

    @always
    def top_of_free(self) -> bool:
        return all(
            self.next[self.free()] != self.free()
            and self.rank[cell] <= self.rank[self.next[self.free()]]
            and self.rank[cell] <= self.pushed
            for cell in self.cells()
            if self.waiting(cell)
        )

    @always
    def free_ranks_differ(self) -> bool:
        return all(
            one == other
            for one in self.cells()
            for other in self.cells()
            if self.waiting(one) and self.waiting(other) and self.rank[one] == self.rank[other]
        )

    @always
    def none_between_free(self) -> bool:
        return all(
            self.next[one] != self.free() and self.rank[other] <= self.rank[self.next[one]]
            for one in self.cells()
            for other in self.cells()
            if self.waiting(one) and self.waiting(other) and self.rank[other] < self.rank[one]
        )
