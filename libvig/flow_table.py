"""Flows by index and by key, forgotten when idle."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.double_chain import MAX_CAPACITY
from libvig.flow_key import FlowKey, unpack
from libvig.key_table import KeyTable, new_key_table


class Flow(NamedTuple):
    """A flow in the table."""

    key: FlowKey
    time: int  # of the last packet, in nanoseconds


@compiled_class
@invariant(lambda self: all_different(flow.key for flow in self.entries.values()))
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
class FlowTable(NamedTuple):
    """At most `capacity` flows, each under an index of its own and each with its own key.

    An index stays with its flow until the flow is forgotten, so an NF may keep what else it
    knows of the flow in arrays of its own.
    """

    table: KeyTable  # of packed keys

    @property
    def capacity(self) -> int:
        """How many flows there can be."""
        return self.table.capacity

    @view
    def entries(self) -> dict[int, Flow]:
        """Flow of each index in use."""
        return {i: Flow(unpack(e.key), e.time) for i, e in self.table.entries.items()}

    @ensure(
        lambda self, limit, OLD: (
            self.entries == {i: flow for i, flow in OLD.entries.items() if flow.time >= limit}
        )
    )
    def expire(self, limit: int) -> None:
        """Forget the flows whose last packet came before `limit`."""
        self.table.expire(limit)

    @ensure(lambda result: result >= -1)
    @ensure(
        lambda self, key, result: (
            (result in self.entries and self.entries[result].key == key)
            if result >= 0
            else all(flow.key != key for flow in self.entries.values())
        )
    )
    def find(self, key: FlowKey) -> int:
        """Return the index of the flow with this key, or -1."""
        return self.table.find(key.pack())

    @require(lambda self, key: all(flow.key != key for flow in self.entries.values()))
    @require(lambda self, now: all(flow.time <= now for flow in self.entries.values()))
    @ensure(
        lambda self, result, OLD: (
            (result < self.capacity and result not in OLD.entries)
            if result >= 0
            else all(index in OLD.entries for index in range(self.capacity))
        )
    )
    @ensure(
        lambda self, key, now, result, OLD: (
            self.entries == OLD.entries | {result: Flow(key, now)}
            if result >= 0
            else self.entries == OLD.entries
        )
    )
    def add(self, key: FlowKey, now: int) -> int:
        """Add a flow that has a packet at `now`; return its index, or -1 if the table is full."""
        return self.table.add(key.pack(), now)

    @require(lambda self, now: all(flow.time <= now for flow in self.entries.values()))
    @ensure(
        lambda self, result, OLD: (
            result < self.capacity
            if result >= 0
            else all(index in OLD.entries for index in range(self.capacity))
        )
    )
    @ensure(
        lambda key, result, OLD: all(
            index == result for index, flow in OLD.entries.items() if flow.key == key
        )
    )
    @ensure(lambda key, result, OLD: result not in OLD.entries or OLD.entries[result].key == key)
    @ensure(
        lambda self, key, now, result, OLD: (
            self.entries == OLD.entries | {result: Flow(key, now)}
            if result >= 0
            else self.entries == OLD.entries
        )
    )
    def use(self, key: FlowKey, now: int) -> int:
        """Note that a flow has a packet at `now`, and add it if it is not in the table.

        Return its index, or -1 if it is not in the table and there is no room for it.
        """
        return self.table.use(key.pack(), now)

    @ensure(lambda self, index, result: result == (index in self.entries))
    def holds(self, index: int) -> bool:
        """Tell whether `index`, which may be any integer, is the index of a flow."""
        return self.table.holds(index)

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index].key)
    def get(self, index: int) -> FlowKey:
        """Return the key of the flow at an index in use."""
        return unpack(self.table.get(index))

    @require(lambda self, index: index in self.entries)
    @require(lambda self, now: all(flow.time <= now for flow in self.entries.values()))
    @ensure(
        lambda self, index, now, OLD: (
            self.entries == OLD.entries | {index: Flow(OLD.entries[index].key, now)}
        )
    )
    def touch(self, index: int, now: int) -> None:
        """Note that the flow at an index in use has a packet at `now`."""
        self.table.touch(index, now)

    @ensure(lambda result: 0 <= result < 2**31)
    def look_ahead(self, key: FlowKey) -> int:
        """Prefetch where the search for `key` begins; return a hint for `look_closer`."""
        return self.table.look_ahead(key.pack())

    @ensure(lambda self, result: -1 <= result < self.capacity)
    def look_closer(self, hint: int) -> int:
        """Prefetch what is stored of the flow that a hint, any integer, is likely to be of.

        Return the index that may be its, or -1.
        """
        return self.table.look_closer(hint)

    @ensure(lambda self, result: -1 <= result < self.capacity)
    def look_at_key(self, hint: int) -> int:
        """The same for a flow that is to be found and not to be touched."""
        return self.table.look_at_key(hint)

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def look_closest(self, index: int) -> None:
        """Prefetch what `touch` changes beside what is stored of `index`, any integer."""
        self.table.look_closest(index)

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch what is stored of the flow at `index`, which may be any integer."""
        self.table.fetch(index)


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda capacity, result: result.capacity == capacity and result.entries == {})
def new_flow_table(capacity: int) -> FlowTable:
    """Return an empty table for `capacity` flows, 1 to MAX_CAPACITY."""
    return FlowTable(new_key_table(capacity))
