"""Backends by index, live while they are heard of; a hash picks one of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.maglev import MAX_SLOTS, MaglevTable, new_maglev_table
from libvig.types import I64, MAX_TIME

UNUSED = -1  # in place of the word of an index without a backend: no backend has it for a name
LISTED = MAX_TIME + 1  # time of a backend that was listed, until `expire` finds it
UNKNOWN = -MAX_TIME - 1  # before any limit: `expire` is to look at all backends


class Backend(NamedTuple):
    """A live backend."""

    word: int  # that names it, such as a packed Station
    time: int  # when it was last heard of; MAX_TIME if for ever


@compiled_class
@invariant(lambda self: 2 <= self.slots <= MAX_SLOTS and 1 <= self.capacity <= self.slots)
@invariant(lambda self: all_different(backend.word for backend in self.entries.values()))
@invariant(lambda self: all(0 <= backend.time <= LISTED for backend in self.entries.values()))
@invariant(lambda self: all(backend.word != UNUSED for backend in self.entries.values()))
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
class BackendPool(NamedTuple):
    """At most `capacity` live backends, each under an index of its own and named by a word.

    Which backend a hash picks depends on the hash and on which indices are in use, and on nothing
    else: pools that agree on these agree on every hash. Listed backends have the indices of their
    places in the list; of the others, each gets the lowest that is free when it is first heard of.

    A backend that comes or goes makes the table be filled anew (see MaglevTable). A new pool leaves
    that to the first `expire`, so that compiled code does it.
    """

    word: I64  # of each index; UNUSED where there is no backend
    time: I64
    earliest: I64  # one cell: no live backend was last heard of before that
    table: MaglevTable

    @property
    def capacity(self) -> int:
        """How many backends there can be."""
        return len(self.word)

    @property
    def slots(self) -> int:
        """How many slots the table has."""
        return self.table.slots

    @view
    def entries(self) -> dict[int, Backend]:
        """Backend of each index in use."""
        return {
            i: Backend(int(self.word[i]), int(self.time[i]))
            for i in range(len(self.word))
            if self.word[i] != UNUSED
        }

    @require(lambda limit: -MAX_TIME <= limit <= MAX_TIME)
    @ensure(
        lambda self, limit, OLD: (
            self.entries
            == {
                i: Backend(backend.word, min(backend.time, MAX_TIME))
                for i, backend in OLD.entries.items()
                if backend.time >= limit
            }
        )
    )
    def expire(self, limit: int) -> None:
        """Forget the backends that were last heard of before `limit`."""
        if self.earliest[0] < limit:
            self._review(limit)

    @require(lambda word: word != UNUSED)
    @require(lambda now: 0 <= now <= MAX_TIME)
    @ensure(
        lambda self, result, OLD: (
            result >= 0
            or (0 in OLD.entries and all(index in OLD.entries for index in range(self.capacity)))
        )
    )
    @ensure(
        lambda word, result, OLD: (
            OLD.entries[result].word == word
            if result in OLD.entries
            else all(backend.word != word for backend in OLD.entries.values())
        )
    )
    @ensure(
        lambda self, word, now, result, OLD: (
            self.entries
            == OLD.entries
            | {
                result: Backend(
                    word, max(OLD.entries[result].time, now) if result in OLD.entries else now
                )
            }
            if result >= 0
            else self.entries == OLD.entries
        )
    )
    def hear(self, word: int, now: int) -> int:
        """Note that a backend is heard of at `now`, or for ever if that is MAX_TIME.

        Return its index, or -1 if it is not known and there is no room for it.
        """
        index = self._index_of(word)
        if index >= 0:
            self.time[index] = max(int(self.time[index]), now)
            return index
        index = self._index_of(UNUSED)
        if index >= 0:
            self.word[index] = word
            self.time[index] = now
            self.earliest[0] = min(int(self.earliest[0]), now)
            self.table.set_live(index, True)
        return index

    @ensure(
        lambda self, word, result: (
            (result in self.entries and self.entries[result].word == word)
            if result >= 0
            else all(backend.word != word for backend in self.entries.values())
        )
    )
    def find(self, word: int) -> int:
        """Return the index of the live backend with this word, which may be any integer, or -1."""
        return self._index_of(word) if word != UNUSED else UNUSED

    @ensure(
        lambda self, index, word, result: (
            result == (index in self.entries and self.entries[index].word == word)
        )
    )
    def holds(self, index: int, word: int) -> bool:
        """Tell whether the live backend with this word, any integer, is at `index`, any too."""
        return 0 <= index < len(self.word) and word != UNUSED and self.word[index] == word

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index].word)
    def get(self, index: int) -> int:
        """Return the word of the live backend at an index in use."""
        return int(self.word[index])

    @require(lambda hash: hash >= 0)
    @require(lambda self: all(backend.time <= MAX_TIME for backend in self.entries.values()))
    @ensure(
        lambda self, result: result in self.entries if result >= 0 else self.entries == {},
    )
    def choose(self, hash: int) -> int:
        """Return the index of the backend that a hash picks, or -1 if none is live.

        None may be LISTED: call `expire` before.
        """
        return self.table.lookup(hash)

    def _index_of(self, word: int) -> int:
        """Return the lowest index with this word, or -1."""
        index = 0
        while index < len(self.word):
            if self.word[index] == word:
                return index
            index += 1
        return -1

    def _review(self, limit: int) -> None:
        """Look at all backends: who is live, and who of them was heard of the longest ago."""
        earliest = MAX_TIME
        index = 0
        while index < len(self.word):
            time = min(int(self.time[index]), MAX_TIME)
            is_live = self.word[index] != UNUSED and time >= limit
            if is_live:
                self.time[index] = time
                earliest = min(earliest, time)
            else:
                self.word[index] = UNUSED
            self.table.set_live(index, is_live)
            index += 1
        self.earliest[0] = earliest


@require(lambda slots: 2 <= slots <= MAX_SLOTS)
@require(lambda capacity, slots: 1 <= capacity <= slots)
@require(lambda capacity, listed: len(listed) <= capacity)
@require(lambda listed: all(int(listed[i]) != UNUSED for i in range(len(listed))))
@require(lambda listed: all_different(int(listed[i]) for i in range(len(listed))))
@ensure(lambda capacity, slots, result: result.capacity == capacity and result.slots == slots)
@ensure(
    lambda listed, result: (
        result.entries == {i: Backend(int(listed[i]), LISTED) for i in range(len(listed))}
    )
)
def new_backend_pool(capacity: int, slots: int, listed: I64) -> BackendPool:
    """Return a pool for `capacity` backends, those listed being heard of for ever.

    The number of slots should be prime, and at least a hundred times the capacity.
    """
    word = np.full(capacity, UNUSED, np.int64)
    index = 0
    while index < len(listed):
        word[index] = int(listed[index])
        index += 1
    return BackendPool(
        word,
        np.full(capacity, LISTED, np.int64),
        np.full(1, UNKNOWN, np.int64),
        new_maglev_table(capacity, slots),
    )
