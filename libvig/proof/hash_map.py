"""A search goes from a key's home on, and no empty slot lies on the way to the key's slot.

So a search that meets an empty slot has missed nothing. It meets one in the end: each index
without a key owns an empty slot, and one more slot, owned by no index, stays empty for ever. When
a key is removed, the gap moves on slot by slot, past those whose searches do not come across it,
until it lies before an empty slot; there it does no harm.
"""

from __future__ import annotations

from libvig.hash_map import EMPTY, MAX_CAPACITY, UNUSED, HashMap, Key, new_hash_map
from libvig.proof.notation import about, after, always, decreases, initially, is_power_of_two, loop

NOBODY = -1


@about
class Searchable(HashMap):
    """A map whose indices know their slots."""

    where: list[int]  # the slot of each index that has a key
    spare: list[int]  # the empty slot of each index that has none; the last is always empty
    owner: list[int]  # of each slot: the index, or the last, that has it for a spare; or NOBODY

    def indices(self) -> range:
        return range(len(self.first))

    def slots(self) -> range:
        return range(len(self.slot))

    def spares(self) -> range:
        return range(len(self.first) + 1)

    def half(self) -> int:
        return len(self.slot) >> 1

    def has_key(self, index: int) -> bool:
        return bool(self.first[index] != UNUSED)

    def same_key(self, one: int, other: int) -> bool:
        return bool(self.first[one] == self.first[other] and self.second[one] == self.second[other])

    def is_empty(self, at: int) -> bool:
        return bool(self.slot[at] == EMPTY)

    def index_at(self, at: int) -> int:
        return int(self.slot[at]) & self._index_mask()

    def hash_of(self, index: int) -> int:
        return self._hash(self._key_of(index))

    def home_of(self, index: int) -> int:
        return self._home(self.hash_of(index))

    def steps_to(self, index: int, at: int) -> int:
        """How far a search for the key of an index has gone when it comes to a slot."""
        return self._distance(self.home_of(index), at)

    def counts(self, spare: int) -> bool:
        return spare == len(self.first) or not self.has_key(spare)

    # Ghosts.

    @initially(new_hash_map)
    def all_empty(self, capacity: int) -> None:
        self.where = [0 for index in range(capacity)]
        self.spare = list(range(capacity + 1))
        self.owner = [at if at <= capacity else NOBODY for at in range(len(self.slot))]

    @after(HashMap._fill)
    def filled(self, at: int, index: int) -> None:
        """Whoever loses the slot gets the spare that the index no longer needs."""
        owner = self.owner[at]
        spare = self.spare[index]
        if owner != NOBODY:
            self.spare[owner] = spare
        self.owner[spare] = owner
        self.owner[at] = NOBODY
        self.where[index] = at

    @after(HashMap._move)
    def moved(self, at: int, gap: int) -> None:
        self.where[self.index_at(at)] = gap

    @after(HashMap._clear)
    def cleared(self, gap: int, index: int) -> None:
        self.spare[index] = gap
        self.owner[gap] = index

    # Between calls.

    @always
    @loop(HashMap.remove)
    def sizes(self) -> bool:
        return (
            1 <= len(self.first) <= MAX_CAPACITY
            and len(self.second) == len(self.first)
            and len(self.where) == len(self.first)
            and len(self.spare) == len(self.first) + 1
            and len(self.owner) == len(self.slot)
        )

    @always
    def slots_are_a_power_of_two(self) -> bool:
        return (
            len(self.slot) == 2 * self.half()
            and is_power_of_two(self.half())
            and len(self.first) <= self.half() < 2 * len(self.first)
        )

    @always
    def keys_are_words(self) -> bool:
        return all(
            self.first[index] == UNUSED or (self.first[index] >= 0 and self.second[index] >= 0)
            for index in self.indices()
        )

    @always
    def keys_differ(self) -> bool:
        return all(
            one == other
            for one in self.indices()
            for other in self.indices()
            if self.has_key(one) and self.has_key(other) and self.same_key(one, other)
        )

    @always
    def slots_refer_to_keys(self) -> bool:
        return all(
            self.index_at(at) < len(self.first)
            and self.has_key(self.index_at(at))
            and self.where[self.index_at(at)] == at
            for at in self.slots()
            if not self.is_empty(at)
        )

    @always
    def keys_have_slots(self) -> bool:
        return all(
            0 <= self.where[index] < len(self.slot)
            and self.slot[self.where[index]] == self._tag(self.hash_of(index)) + index
            for index in self.indices()
            if self.has_key(index)
        )

    @always
    def searches_meet_no_gap(self) -> bool:
        return all(
            self.steps_to(index, self.where[index]) < self.steps_to(index, at)
            for index in self.indices()
            for at in self.slots()
            if self.has_key(index) and self.is_empty(at)
        )

    @always
    @loop(HashMap.remove)
    def spares_are_empty(self) -> bool:
        return all(
            0 <= self.spare[number] < len(self.slot)
            and self.is_empty(self.spare[number])
            and self.owner[self.spare[number]] == number
            for number in self.spares()
            if self.counts(number)
        )

    @always
    @loop(HashMap.remove)
    def owners_in_range(self) -> bool:
        return all(NOBODY <= self.owner[at] <= len(self.first) for at in self.slots())

    # The search for a key.

    @loop(HashMap.find)
    @loop(HashMap.look_closer)
    def search_is_at_a_slot(self, at: int, slot: int) -> bool:
        return 0 <= at < len(self.slot) and slot == self.slot[at]

    @loop(HashMap.find)
    def key_is_not_passed(self, at: int, hash: int, key: Key) -> bool:
        return all(
            self._distance(self._home(hash), at) <= self.steps_to(index, self.where[index])
            for index in self.indices()
            if self.has_key(index) and self._key_of(index) == key
        )

    # The search for an empty slot.

    @decreases(HashMap.find)
    @decreases(HashMap.look_closer)
    @decreases(HashMap.insert)
    @decreases(HashMap.remove)
    @decreases(HashMap._fetch_from)
    def way_to_the_last_spare(self, at: int) -> int:
        return self._distance(at, self.spare[len(self.first)])

    @loop(HashMap.insert)
    @loop(HashMap._fetch_from)
    def searched_slot_in_range(self, at: int) -> bool:
        return 0 <= at < len(self.slot)

    @loop(HashMap.insert)
    def passed_slots_are_used(self, at: int, hash: int) -> bool:
        return all(
            self._distance(self._home(hash), at) <= self._distance(self._home(hash), empty)
            for empty in self.slots()
            if self.is_empty(empty)
        )

    # The search for the slot of an index.

    @loop(HashMap._slot_of)
    def slot_is_not_passed(self, at: int, index: int) -> bool:
        return 0 <= at < len(self.slot) and (
            self.steps_to(index, at) <= self.steps_to(index, self.where[index])
        )

    @decreases(HashMap._slot_of)
    def way_to_the_slot(self, at: int, index: int) -> int:
        return self._distance(at, self.where[index])

    # The gap. All but the removed index, whose slot was `where[index]`, and all slots but the gap
    # are in order, but for searches that come across the gap.

    def gone(self, index: int, at: int) -> int:
        """How far a slot is from that of the removed index."""
        return self._distance(self.where[index], at)

    @loop(HashMap.remove)
    def gap_is_behind(self, index: int, at: int, gap: int) -> bool:
        return (
            0 <= gap < len(self.slot)
            and 0 <= at < len(self.slot)
            and 0 <= self.where[index] < len(self.slot)
            and self.gone(index, gap) < self.gone(index, at)
        )

    @loop(HashMap.remove)
    def slots_behind_are_used(self, index: int, at: int) -> bool:
        return all(
            self.gone(index, at) <= self.gone(index, empty)
            for empty in self.slots()
            if self.is_empty(empty)
        )

    @loop(HashMap.remove)
    def gap_is_used(self, gap: int) -> bool:
        return not self.is_empty(gap)

    @loop(HashMap.remove)
    def slots_refer_to_others(self, index: int, gap: int) -> bool:
        return all(
            self.index_at(slot) < len(self.first)
            and self.index_at(slot) != index
            and self.has_key(self.index_at(slot))
            and self.where[self.index_at(slot)] == slot
            for slot in self.slots()
            if not self.is_empty(slot) and slot != gap
        )

    @loop(HashMap.remove)
    def others_have_slots(self, index: int, gap: int) -> bool:
        return all(
            0 <= self.where[other] < len(self.slot)
            and self.where[other] != gap
            and self.slot[self.where[other]] == self._tag(self.hash_of(other)) + other
            for other in self.indices()
            if self.has_key(other) and other != index
        )

    @loop(HashMap.remove)
    def searches_for_others_meet_no_empty_slot(self, index: int) -> bool:
        return all(
            self.steps_to(other, self.where[other]) < self.steps_to(other, empty)
            for other in self.indices()
            for empty in self.slots()
            if self.has_key(other) and other != index and self.is_empty(empty)
        )

    @loop(HashMap.remove)
    def searches_behind_meet_no_gap(self, index: int, at: int, gap: int) -> bool:
        return all(
            self.steps_to(other, self.where[other]) < self.steps_to(other, gap)
            for other in self.indices()
            if self.has_key(other)
            and other != index
            and self.gone(index, gap) < self.gone(index, self.where[other])
            and self.gone(index, self.where[other]) < self.gone(index, at)
        )


@loop(new_hash_map)
def half_is_a_power_of_two(half: int, capacity: int) -> bool:
    return is_power_of_two(half) and 1 <= half < 2 * capacity


@decreases(new_hash_map)
def missing(half: int, capacity: int) -> int:
    return capacity - half
