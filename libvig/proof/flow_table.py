"""The chain and the map know the same indices: each flow has a time and a key.

The map stores a flow's key as two words. Only words that a key was packed into are ever stored,
so flows whose words differ have different keys.
"""

from __future__ import annotations

from libvig.flow_key import unpack
from libvig.flow_table import FlowTable
from libvig.proof.notation import about, always, decreases, loop


@about
class Agreeing(FlowTable):
    """A table whose two parts agree."""

    @always
    @loop(FlowTable.expire)
    def same_capacity(self) -> bool:
        return self.chain.capacity == self.keys.capacity

    @always
    @loop(FlowTable.expire)
    def same_indices(self) -> bool:
        return all(
            (index in self.chain.entries) == (index in self.keys.entries)
            for index in range(self.capacity)
        )

    @always
    @loop(FlowTable.expire)
    def words_are_packed(self) -> bool:
        return all(unpack(words).pack() == words for words in self.keys.entries.values())

    # Expiry: what is gone so far, and what goes next.

    @loop(FlowTable.expire)
    def nothing_new(self, OLD: FlowTable) -> bool:
        return all(
            index in OLD.entries and flow == OLD.entries[index]
            for index, flow in self.entries.items()
        )

    @loop(FlowTable.expire)
    def only_old_ones_are_gone(self, limit: int, OLD: FlowTable) -> bool:
        return all(
            flow.time < limit for index, flow in OLD.entries.items() if index not in self.entries
        )

    @loop(FlowTable.expire)
    def index_is_next(self, index: int, limit: int) -> bool:
        return (
            (index in self.chain.entries and self.chain.entries[index] < limit)
            if index >= 0
            else all(time >= limit for time in self.chain.entries.values())
        )

    @decreases(FlowTable.expire)
    def flows_left(self) -> int:
        return len(self.chain.entries)
