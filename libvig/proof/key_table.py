"""The chain and the map know the same indices: each key has a time, and each time a key.

Expiry takes the oldest index out of both, until the oldest is young enough; as the chain gives
them oldest first, no older one is left behind it.
"""

from __future__ import annotations

from libvig.key_table import KeyTable
from libvig.proof.notation import about, always, decreases, loop


@about
class Agreeing(KeyTable):
    """A table whose two parts agree."""

    @always
    @loop(KeyTable.expire)
    def same_capacity(self) -> bool:
        return self.chain.capacity == self.keys.capacity

    @always
    @loop(KeyTable.expire)
    def same_indices(self) -> bool:
        return all(
            (index in self.chain.entries) == (index in self.keys.entries)
            for index in range(self.capacity)
        )

    # Expiry: what is gone so far, and what goes next.

    @loop(KeyTable.expire)
    def nothing_new(self, OLD: KeyTable) -> bool:
        return all(
            index in OLD.entries and entry == OLD.entries[index]
            for index, entry in self.entries.items()
        )

    @loop(KeyTable.expire)
    def only_old_ones_are_gone(self, limit: int, OLD: KeyTable) -> bool:
        return all(
            entry.time < limit for index, entry in OLD.entries.items() if index not in self.entries
        )

    @loop(KeyTable.expire)
    def index_is_next(self, index: int, limit: int) -> bool:
        return (
            (index in self.chain.entries and self.chain.entries[index] < limit)
            if index >= 0
            else all(time >= limit for time in self.chain.entries.values())
        )

    @decreases(KeyTable.expire)
    def keys_left(self) -> int:
        return len(self.chain.entries)
