"""Keys by index, found again by key, forgotten when idle."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.double_chain import EMPTY, MAX_CAPACITY, DoubleChain, new_double_chain
from libvig.hash_map import HashMap, Key, new_hash_map
from libvig.primitives import expected
from libvig.rows import in_rows
from libvig.types import I64

NO_HINT = -1  # of a key that is not looked for
HALF = 2**32  # of a hint that holds two


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

    Keys are forgotten all at once, and cleared away one by one: those that were used last before
    the horizon are in the table no more, though some of them may still be stored. So no call has to
    wait until many are gone, as long as time does not go back behind the horizon. What is stored
    and forgotten gives way to what needs its place.
    """

    chain: DoubleChain  # the indices of what is stored, in the order of the keys' last uses
    keys: HashMap
    horizon: I64  # one cell: the time before which keys are forgotten

    @property
    def capacity(self) -> int:
        """How many keys there can be."""
        return self.chain.capacity

    @view
    def entries(self) -> dict[int, Entry]:
        """Key of each index in use, and when it was used last."""
        return {
            i: Entry(self.keys.entries[i], t)
            for i, t in self.chain.entries.items()
            if t >= self.horizon[0]
        }

    @ensure(
        lambda self, limit, OLD: (
            self.entries == {i: entry for i, entry in OLD.entries.items() if entry.time >= limit}
        )
    )
    def expire(self, limit: int) -> None:
        """Forget the keys that were used last before `limit`; clear away one of them at most.

        Called as often as `add` and `use`, it clears away as fast as these fill.
        """
        index = self.chain.oldest_before(limit)
        if index >= 0:
            self.horizon[0] = max(int(self.horizon[0]), limit)
            self._clear(index)
            # The next call clears away this one, whose key is beside the time that is looked at:
            self.chain.fetch(self.chain.oldest_before(limit))

    @ensure(lambda result: result >= EMPTY)
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
        index = self._find(key)
        if index >= 0 and self.chain.time_of(index) < self.horizon[0]:
            return EMPTY
        return index

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
        return self._use(key, now)

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
        return self._use(key, now)

    @ensure(lambda self, index, result: result == (index in self.entries))
    def holds(self, index: int) -> bool:
        """Tell whether `index`, which may be any integer, is the index of a key."""
        return self.chain.is_allocated(index) and self.chain.time_of(index) >= self.horizon[0]

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index].key)
    def get(self, index: int) -> Key:
        """Return the key at an index in use."""
        return self.keys.get(index)

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index].time)
    def time_of(self, index: int) -> int:
        """Return when the key at an index in use was used last, in nanoseconds."""
        return self.chain.time_of(index)

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

    @ensure(lambda result: 0 <= result < 2**31)
    def look_ahead(self, key: Key) -> int:
        """Prefetch where the search for `key` begins; return a hint for `look_closer`."""
        return self.keys.look_ahead(key)

    @ensure(lambda self, result: EMPTY <= result < self.capacity)
    def look_closer(self, hint: int) -> int:
        """Prefetch what is stored of the key that a hint, any integer, is likely to be of.

        Return the index that may have it, or -1.
        """
        index = self.keys.look_closer(hint)
        self.chain.fetch_for_touch(index)
        return index

    @ensure(lambda self, result: EMPTY <= result < self.capacity)
    def look_at_key(self, hint: int) -> int:
        """The same for a key that is to be found and not to be touched."""
        return self.keys.look_closer(hint)

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def look_closest(self, index: int) -> None:
        """Prefetch what `touch` changes beside what is stored of `index`, any integer."""
        self.chain.fetch_neighbours(index)

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch what is stored of the key at `index`, which may be any integer."""
        self.keys.fetch(index)
        self.chain.fetch(index)  # where `holds` looks

    def _find(self, key: Key) -> int:
        """Return the index at which a key is stored, forgotten or not, or -1.

        It is likely to be one of two that are expected, and looked for where it is not.
        """
        guess = expected() % HALF
        if self.keys.is_of(guess, key):
            return guess
        guess = expected() // HALF
        if self.keys.is_of(guess, key):
            return guess
        return self.keys.find(key)

    def _use(self, key: Key, now: int) -> int:
        """Note that a key is used, be it in the table, forgotten, or new."""
        self._go_back_to(now)
        index = self._find(key)
        if index >= 0:
            self.chain.touch(index, now)
            return index
        index = self.chain.allocate(now)
        if index < 0:
            index = self._place_of_a_forgotten_key(now)
        if index >= 0:
            self.keys.insert(index, key)
        return index

    def _place_of_a_forgotten_key(self, now: int) -> int:
        """Allocate the index of one, or -1 if there is none."""
        index = self.chain.oldest_before(int(self.horizon[0]))
        if index >= 0:
            self._clear(index)
            return self.chain.allocate(now)
        return EMPTY

    def _clear(self, index: int) -> None:
        """Clear away the key at an index that is stored."""
        self.keys.remove(index)
        self.chain.release(index)

    def _go_back_to(self, now: int) -> None:
        """Let the horizon not be later than `now`; if it is, all keys are forgotten."""
        if now < self.horizon[0]:
            index = self.chain.oldest_before(int(self.horizon[0]))
            while index >= 0:
                self._clear(index)
                index = self.chain.oldest_before(int(self.horizon[0]))
            self.horizon[0] = now


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda capacity, result: result.capacity == capacity and result.entries == {})
@in_rows("keys.first", "keys.second", "chain.stamp")
@in_rows("chain.prev", "chain.next")
def new_key_table(capacity: int) -> KeyTable:
    """Return an empty table for `capacity` keys, 1 to MAX_CAPACITY."""
    return KeyTable(new_double_chain(capacity), new_hash_map(capacity), np.zeros(1, np.int64))
