"""The table has the slots of just those backends that are live, but for the listed ones at first.

Whatever is forgotten was heard of before the limit, and so is the earliest then: while that is not,
there is nothing to forget. A pool with listed backends that are not in the table yet takes the
earliest for unknown, which makes the first `expire` look at them all.
"""

from __future__ import annotations

from libvig.backend_pool import LISTED, UNKNOWN, UNUSED, BackendPool, new_backend_pool
from libvig.maglev import MAX_SLOTS
from libvig.proof.notation import about, always, decreases, loop
from libvig.types import I64, MAX_TIME


@about
class Served(BackendPool):
    """A pool whose table serves those who are live."""

    def indices(self) -> range:
        return range(len(self.word))

    def used(self, index: int) -> bool:
        return bool(self.word[index] != UNUSED)

    @always
    @loop(BackendPool._review)
    def sizes(self) -> bool:
        return (
            1 <= len(self.word) <= MAX_SLOTS
            and len(self.time) == len(self.word)
            and len(self.earliest) == 1
            and self.table.backends == len(self.word)
        )

    @always
    def words_differ(self) -> bool:
        return all(
            one == other
            for one in self.indices()
            for other in self.indices()
            if self.used(one) and self.word[one] == self.word[other]
        )

    @always
    def the_table_serves_the_live(self) -> bool:
        return all(
            (index in self.table.entries) == (self.used(index) and self.time[index] <= MAX_TIME)
            for index in self.indices()
        )

    @always
    def none_is_earlier(self) -> bool:
        return all(self.earliest[0] <= self.time[i] for i in self.indices() if self.used(i))

    @always
    def who_is_not_served_is_listed(self) -> bool:
        return all(
            0 <= self.time[index] <= LISTED
            and (self.time[index] < LISTED or self.earliest[0] == UNKNOWN)
            for index in self.indices()
            if self.used(index)
        )

    # The search for a word.

    @loop(BackendPool._index_of)
    def passed_words_are_others(self, index: int, word: int) -> bool:
        return all(self.word[passed] != word for passed in self.indices() if passed < index)

    @loop(BackendPool._index_of)
    @loop(BackendPool._review)
    def index_is_in_range(self, index: int) -> bool:
        return 0 <= index <= len(self.word)

    @decreases(BackendPool._index_of)
    @decreases(BackendPool._review)
    def indices_to_come(self, index: int) -> int:
        return len(self.word) - index

    # The review.

    @loop(BackendPool._review)
    def those_left_are_as_they_were(self, index: int, OLD: BackendPool) -> bool:
        return all(
            i in OLD.entries
            and backend.word == OLD.entries[i].word
            and backend.time
            == (min(OLD.entries[i].time, MAX_TIME) if i < index else OLD.entries[i].time)
            for i, backend in self.entries.items()
        )

    @loop(BackendPool._review)
    def those_passed_are_not_late(self, index: int, limit: int) -> bool:
        return all(backend.time >= limit for i, backend in self.entries.items() if i < index)

    @loop(BackendPool._review)
    def only_late_ones_are_gone(self, limit: int, OLD: BackendPool) -> bool:
        return all(
            backend.time < limit for i, backend in OLD.entries.items() if i not in self.entries
        )

    @loop(BackendPool._review)
    def the_table_serves_those_passed(self, index: int) -> bool:
        return all((i in self.table.entries) == self.used(i) for i in self.indices() if i < index)

    @loop(BackendPool._review)
    def none_passed_is_earlier(self, index: int, earliest: int) -> bool:
        return earliest <= MAX_TIME and all(
            earliest <= self.time[i] for i in self.indices() if i < index and self.used(i)
        )


@loop(new_backend_pool)
def index_is_of_the_list(index: int, listed: I64) -> bool:
    return 0 <= index <= len(listed)


@loop(new_backend_pool)
def words_are_listed(index: int, word: I64, listed: I64) -> bool:
    return all(word[i] == (listed[i] if i < index else UNUSED) for i in range(len(word)))


@decreases(new_backend_pool)
def words_to_list(index: int, listed: I64) -> int:
    return len(listed) - index
