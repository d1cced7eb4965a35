"""Keys stored under indices, found again by key: open addressing with compact slots."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.hash_key import secret_word
from libvig.primitives import keyed_hash, multiply_fold, prefetch, select
from libvig.types import I32, I64

EMPTY = -1  # a slot that refers to no index
UNUSED = -1  # in place of the first word of an index without a key
MAX_CAPACITY = 2**30


@compiled_class
@invariant(lambda self: self.first >= 0 and self.second >= 0)
class Key(NamedTuple):
    """Two non-negative 63-bit words."""

    first: int
    second: int

    @ensure(lambda result: 0 <= result < 2**63)
    def hash(self) -> int:
        """Return 63 well mixed bits, everywhere the same. The two constants are digits of pi."""
        return multiply_fold(self.first ^ 0x243F6A8885A308D3, self.second ^ 0x13198A2E03707344)


@compiled_class
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
@invariant(lambda self: all_different(self.entries.values()))
class HashMap(NamedTuple):
    """Indices 0 to capacity - 1, each with a key or without.

    A key is looked for from the slot that its hash names, slot after slot, up to an empty one
    (linear probing; at most half of the slots are ever in use). A slot is an index plus, in the
    bits above, as much of the key's hash as fits: a wrong key is almost always recognised
    without reading it. Removing a key moves later slots back over the gap, so that no slot is
    ever a mere mark. The hash is keyed, by two secret words: who does not know them cannot choose
    keys that are looked for in the same place.
    """

    slot: I32  # EMPTY, or tag + index; a power of two of slots, at least 2 * capacity
    first: I64  # words of the key of each index; UNUSED where there is none
    second: I64
    secret0: int
    secret1: int

    @property
    def capacity(self) -> int:
        """How many indices there are."""
        return len(self.first)

    @view
    def entries(self) -> dict[int, Key]:
        """Key of each index that has one."""
        return {
            i: Key(int(self.first[i]), int(self.second[i]))
            for i in range(len(self.first))
            if self.first[i] != UNUSED
        }

    @ensure(lambda result: result >= EMPTY)
    @ensure(
        lambda self, key, result: (
            (result in self.entries and self.entries[result] == key)
            if result >= 0
            else all(other != key for other in self.entries.values())
        )
    )
    def find(self, key: Key) -> int:
        """Return the index that has `key`, or -1."""
        hash = self._hash(key)
        at = self._home(hash)
        slot = int(self.slot[at])
        while slot != EMPTY and not self._refers(slot, hash, key):
            at = self._after(at)
            slot = int(self.slot[at])
        return EMPTY if slot == EMPTY else slot & self._index_mask()

    @require(lambda self, index: 0 <= index < self.capacity and index not in self.entries)
    @require(lambda self, key: all(other != key for other in self.entries.values()))
    @ensure(lambda self, index, key, OLD: self.entries == OLD.entries | {index: key})
    def insert(self, index: int, key: Key) -> None:
        """Give an index without a key a key that no other index has."""
        hash = self._hash(key)
        at = self._home(hash)
        while self.slot[at] != EMPTY:
            at = self._after(at)
        self._fill(at, self._tag(hash) + index, index, key)

    @require(lambda self, index: index in self.entries)
    @ensure(
        lambda self, index, OLD: (
            self.entries == {i: key for i, key in OLD.entries.items() if i != index}
        )
    )
    def remove(self, index: int) -> None:
        """Take the key from an index that has one."""
        gap = self._slot_of(index)
        at = self._after(gap)
        self._fetch_from(at)
        while self.slot[at] != EMPTY:
            if self._distance(self._home_of_slot(at), at) >= self._distance(gap, at):
                self._move(at, gap)
                gap = at
            at = self._after(at)
        self._clear(gap, index)

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> Key:
        """Return the key of an index that has one."""
        return self._key_of(index)

    @ensure(
        lambda self, index, key, result: (
            result == (index in self.entries and self.entries[index] == key)
        )
    )
    def is_of(self, index: int, key: Key) -> bool:
        """Tell whether `index`, which may be any integer, has `key`."""
        return 0 <= index < len(self.first) and self._is_of(index, key)

    @ensure(lambda result: 0 <= result < 2**31)
    def look_ahead(self, key: Key) -> int:
        """Prefetch where the search for `key` begins; return a hint for `look_closer`."""
        hash = self._hash(key)
        prefetch(self.slot, self._home(hash))
        return hash & 0x7FFFFFFF  # of which the slots keep some bits, and the rest is where one is

    @ensure(lambda self, result: EMPTY <= result < self.capacity)
    def look_closer(self, hint: int) -> int:
        """Prefetch the key that a hint, any integer, is likely to be of.

        Return the index that may have it, or -1.
        """
        if hint < 0:
            return EMPTY
        # In which of the first two slots the key is, where most are, cannot be foretold.
        home = self._home(hint)
        wanted = self._tag(hint)
        at = select(self._tag(int(self.slot[home])) == wanted, home, self._after(home))
        slot = int(self.slot[at])
        while slot != EMPTY and self._tag(slot) != wanted:
            at = self._after(at)
            slot = int(self.slot[at])
        index = EMPTY if slot == EMPTY else slot & self._index_mask()
        self._fetch(index)
        return index

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch the key of `index`, which may be any integer."""
        self._fetch(index)

    def _fetch(self, index: int) -> None:
        prefetch(self.first, index)  # beside which the second is, if they lie in rows

    def _fetch_from(self, at: int) -> None:
        """Prefetch the keys from a slot to the next empty one: to wait once, and not for each."""
        while self.slot[at] != EMPTY:
            self._fetch(int(self.slot[at]) & self._index_mask())
            at = self._after(at)

    def _key_of(self, index: int) -> Key:
        """Return the key of an index that has one."""
        return Key(int(self.first[index]), int(self.second[index]))

    def _slot_of(self, index: int) -> int:
        """Return where the slot is that refers to an index with a key."""
        hash = self._hash(self._key_of(index))
        wanted = self._tag(hash) + index
        at = self._home(hash)
        while self.slot[at] != wanted:
            at = self._after(at)
        return at

    def _fill(self, at: int, slot: int, index: int, key: Key) -> None:
        """Use an empty slot for an index and its new key."""
        self.slot[at] = slot
        self.first[index] = key.first
        self.second[index] = key.second

    def _move(self, at: int, gap: int) -> None:
        """Move a slot back over a gap; where it was is the gap then."""
        self.slot[gap] = self.slot[at]

    def _clear(self, gap: int, index: int) -> None:
        """Empty the slot that no search needs any more, and take the key from its index."""
        self.slot[gap] = EMPTY
        self.first[index] = UNUSED

    def _refers(self, slot: int, hash: int, key: Key) -> bool:
        """Tell whether a slot in use refers to the index of `key`."""
        return self._is_tagged(slot, hash) and self._is_of(slot & self._index_mask(), key)

    def _is_tagged(self, slot: int, hash: int) -> bool:
        """Tell whether a slot in use has the tag of a hash."""
        return slot - (slot & self._index_mask()) == self._tag(hash)

    def _is_of(self, index: int, key: Key) -> bool:
        return int(self.first[index]) == key.first and int(self.second[index]) == key.second

    def _hash(self, key: Key) -> int:
        return keyed_hash(key.first, key.second, self.secret0, self.secret1)

    def _home(self, hash: int) -> int:
        """Return where the search for a key begins."""
        return hash & (len(self.slot) - 1)

    def _home_of_slot(self, at: int) -> int:
        """Return where the search begins for the key that the slot at `at` refers to."""
        return self._home(self._hash(self._key_of(int(self.slot[at]) & self._index_mask())))

    def _after(self, at: int) -> int:
        """Return the slot after `at`; the first follows the last."""
        return at + 1 if at + 1 < len(self.slot) else 0

    def _distance(self, start: int, end: int) -> int:
        """Return how many steps lead from one slot to another."""
        return end - start if end >= start else end - start + len(self.slot)

    def _index_mask(self) -> int:
        """Return the bits of a slot that are the index."""
        return (len(self.slot) >> 1) - 1

    def _tag(self, hash: int) -> int:
        """Return the bits of a hash that a slot keeps, the bits of the index being 0."""
        return hash & (0x7FFFFFFF - self._index_mask())


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda capacity, result: result.capacity == capacity and result.entries == {})
def new_hash_map(capacity: int) -> HashMap:
    """Return a map of `capacity` indices, 1 to MAX_CAPACITY, none with a key."""
    half = 1
    while half < capacity:
        half = 2 * half
    return HashMap(
        np.full(2 * half, EMPTY, np.int32),
        np.full(capacity, UNUSED, np.int64),
        np.zeros(capacity, np.int64),
        secret_word(0),
        secret_word(1),
    )
