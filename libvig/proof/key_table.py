"""The chain and the map know the same indices: each key has a time, and each time a key.

All times that are stored are known when the horizon goes back: then none is left, as the chain
gives the oldest first, and all are before the horizon.
"""

from __future__ import annotations

from libvig.key_table import KeyTable
from libvig.proof.notation import about, always, decreases, loop


@about
class Agreeing(KeyTable):
    """A table whose two parts agree."""

    @always
    @loop(KeyTable._go_back_to)
    def sizes(self) -> bool:
        return self.chain.capacity == self.keys.capacity >= 1 and len(self.horizon) == 1

    @always
    @loop(KeyTable._go_back_to)
    def same_indices(self) -> bool:
        return all(
            (index in self.chain.entries) == (index in self.keys.entries)
            for index in range(self.capacity)
        )

    @loop(KeyTable._go_back_to)
    def all_are_forgotten(self) -> bool:
        return all(time < self.horizon[0] for time in self.chain.entries.values())

    @loop(KeyTable._go_back_to)
    def so_is_the_first(self) -> bool:  # when none is left, there is room: this one's
        return 0 not in self.chain.entries or self.chain.entries[0] < self.horizon[0]

    @loop(KeyTable._go_back_to)
    def index_is_next(self, index: int) -> bool:
        return (
            (index in self.chain.entries and self.chain.entries[index] < self.horizon[0])
            if index >= 0
            else all(time >= self.horizon[0] for time in self.chain.entries.values())
        )

    @decreases(KeyTable._go_back_to)
    def keys_left(self) -> int:
        return len(self.chain.entries)
