"""Keys by index, found again by key, forgotten when idle."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.double_chain import MAX_CAPACITY, DoubleChain, new_double_chain
from libvig.hash_map import HashMap, Key, new_hash_map


class Entry(NamedTuple):
    """A key in the table."""

    key: Key
    time: int  # of its last use, in nanoseconds


@compiled_class
@invariant(lambda self: all_different(entry.key for entry in self.entries.values()))
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
class KeyTable(NamedTuple):
    """At most `capacity` keys, each under an index of its own.

    An index stays with its key until the key is forgotten, so what else is known of the key may
    be kept in other structures, under the same index.
    """

    chain: DoubleChain  # the indices in use, in the order of their keys' last uses
    keys: HashMap

    @property
    def capacity(self) -> int:
        """How many keys there can be."""
        return self.chain.capacity

    @view
    def entries(self) -> dict[int, Entry]:
        """Key of each index in use, and when it was used last."""
        return {i: Entry(self.keys.entries[i], t) for i, t in self.chain.entries.items()}

    @ensure(
        lambda self, limit, OLD: (
            self.entries == {i: entry for i, entry in OLD.entries.items() if entry.time >= limit}
        )
    )
    def expire(self, limit: int) -> None:
        """Forget the keys that were used last before `limit`."""
        index = self.chain.oldest_before(limit)
        while index >= 0:
            self.keys.remove(index)
            self.chain.release(index)
            index = self.chain.oldest_before(limit)

    @ensure(
        lambda self, key, result: all(
            index == result for index, entry in self.entries.items() if entry.key == key
        )
    )
    @ensure(
        lambda self, key, result: (
            result < 0 or (result in self.entries and self.entries[result].key == key)
        )
    )
    def find(self, key: Key) -> int:
        """Return the index of a key, or -1 if it is not in the table."""
        return self.keys.find(key)

    @require(lambda self, key: all(entry.key != key for entry in self.entries.values()))
    @require(lambda self, now: all(entry.time <= now for entry in self.entries.values()))
    @ensure(
        lambda self, result, OLD: (
            (result < self.capacity and result not in OLD.entries)
            if result >= 0
            else all(index in OLD.entries for index in range(self.capacity))
        )
    )
    @ensure(
        lambda self, key, now, result, OLD: (
            self.entries == OLD.entries | {result: Entry(key, now)}
            if result >= 0
            else self.entries == OLD.entries
        )
    )
    def add(self, key: Key, now: int) -> int:
        """Add a key that is used at `now`; return its index, or -1 if the table is full."""
        return self._add(key, now)

    @require(lambda self, now: all(entry.time <= now for entry in self.entries.values()))
    @ensure(
        lambda self, result, OLD: (
            result < self.capacity
            if result >= 0
            else all(index in OLD.entries for index in range(self.capacity))
        )
    )
    @ensure(
        lambda key, result, OLD: all(
            index == result for index, entry in OLD.entries.items() if entry.key == key
        )
    )
    @ensure(lambda key, result, OLD: result not in OLD.entries or OLD.entries[result].key == key)
    @ensure(
        lambda self, key, now, result, OLD: (
            self.entries == OLD.entries | {result: Entry(key, now)}
            if result >= 0
            else self.entries == OLD.entries
        )
    )
    def use(self, key: Key, now: int) -> int:
        """Note that a key is used at `now`, and add it if it is not in the table.

        Return its index, or -1 if it is not in the table and there is no room for it.
        """
        index = self.keys.find(key)
        if index >= 0:
            self.chain.touch(index, now)
            return index
        return self._add(key, now)

    @ensure(lambda self, index, result: result == (index in self.entries))
    def holds(self, index: int) -> bool:
        """Tell whether `index`, which may be any integer, is the index of a key."""
        return self.chain.is_allocated(index)

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index].key)
    def get(self, index: int) -> Key:
        """Return the key at an index in use."""
        return self.keys.get(index)

    @require(lambda self, index: index in self.entries)
    @require(lambda self, now: all(entry.time <= now for entry in self.entries.values()))
    @ensure(
        lambda self, index, now, OLD: (
            self.entries == OLD.entries | {index: Entry(OLD.entries[index].key, now)}
        )
    )
    def touch(self, index: int, now: int) -> None:
        """Note that the key at an index in use is used at `now`."""
        self.chain.touch(index, now)

    def _add(self, key: Key, now: int) -> int:
        """Add a key that is not in the table, if there is room."""
        index = self.chain.allocate(now)
        if index >= 0:
            self.keys.insert(index, key)
        return index


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda capacity, result: result.capacity == capacity and result.entries == {})
def new_key_table(capacity: int) -> KeyTable:
    """Return an empty table for `capacity` keys, 1 to MAX_CAPACITY."""
    return KeyTable(new_double_chain(capacity), new_hash_map(capacity))
