"""A turn always ends, the turns are even, and each is decided by those before it.

While fewer slots are taken than there are, one is empty; and every backend's list of preferences
ends with all slots, so a search along it comes to an empty one. Between two turns of a backend
every other live one has had a turn, so no two shares ever differ by more than one. And whose turn
comes next follows from who is live; what it takes, from what was taken before: two tables with
the same live backends agree turn by turn, whatever came before in either.

For the last, the proof keeps a record of the turns: who had each, which slot it took, and how far
down its list. The same record tells what the removal of a backend moves: with fewer takers no
slot is taken earlier than it was, so whoever stays finds in its turn the slot that it had, or one
that it prefers.
"""

from __future__ import annotations

from libvig.contracts import count, ensure, require
from libvig.maglev import MAX_SLOTS, NONE, MaglevTable, PreferenceList, new_maglev_table
from libvig.proof.notation import about, after, always, decreases, initially, loop


@about
class Recorded(MaglevTable):
    """A table with a record of the turns in which it was filled."""

    order: list[int]  # slot taken in each turn; then the empty ones, in any order
    place: list[int]  # of each slot: where it is in `order`
    who: list[int]  # of each turn: the backend that had it
    found: list[int]  # of each turn: at which step of its list the backend found the slot
    filled: int  # how many turns there were

    def all_slots(self) -> range:
        return range(len(self.backend))

    def all_backends(self) -> range:
        return range(len(self.live))

    def all_steps(self) -> range:
        return range(2 * len(self.backend))

    def all_turns(self) -> range:
        return range(self.filled)

    def empty(self, slot: int) -> bool:
        return bool(self.backend[slot] == NONE)

    def alive(self, backend: int) -> bool:
        return bool(self.live[backend] != 0)

    def wanted(self, backend: int, step: int) -> int:
        return PreferenceList(backend, len(self.backend)).slot(step)

    def next_after(self, backend: int) -> int:
        return (
            int(self.successor[backend])
            if self.successor[backend] < len(self.live)
            else self.who[0]
        )

    @initially(new_maglev_table)
    def no_turn_yet(self, slots: int) -> None:
        self.order = [slot for slot in range(slots)]  # noqa: C416 (a ghost list is written out)
        self.place = [slot for slot in range(slots)]  # noqa: C416 (as above)
        self.who = [0 for _ in range(slots)]
        self.found = [0 for _ in range(slots)]
        self.filled = 0

    @after(MaglevTable._clear)
    def all_turns_are_forgotten(self) -> None:
        self.filled = 0

    @after(MaglevTable._take)
    def turn_is_recorded(self, slot: int, taker: int) -> None:
        first_empty = self.order[self.filled]
        place = self.place[slot]
        self.order[self.filled] = slot
        self.order[place] = first_empty
        self.place[first_empty] = place
        self.place[slot] = self.filled
        self.who[self.filled] = taker
        self.found[self.filled] = int(self.tried[taker]) - 1
        self.filled += 1

    @always
    def sizes(self) -> bool:
        return (
            2 <= len(self.backend) <= MAX_SLOTS
            and 1 <= len(self.live) <= len(self.backend)
            and len(self.share) == len(self.live)
            and len(self.tried) == len(self.live)
            and len(self.successor) == len(self.live)
            and len(self.order) == len(self.backend)
            and len(self.place) == len(self.backend)
            and len(self.who) == len(self.backend)
            and len(self.found) == len(self.backend)
        )

    # Who comes after whom.

    @always
    def successors_are_live(self) -> bool:
        return all(
            backend < self.successor[backend] <= len(self.live)
            and (
                self.successor[backend] == len(self.live)
                or self.alive(int(self.successor[backend]))
            )
            for backend in self.all_backends()
        )

    @always
    def none_live_between(self) -> bool:
        return all(
            not self.alive(other)
            for backend in self.all_backends()
            for other in self.all_backends()
            if backend < other < self.successor[backend]
        )

    @loop(MaglevTable._line_up)
    def first_is_live(self, at: int, first: int) -> bool:
        return (
            -1 <= at < len(self.live)
            and at < first <= len(self.live)
            and (first == len(self.live) or self.alive(first))
        )

    @loop(MaglevTable._line_up)
    def none_live_before_first(self, at: int, first: int) -> bool:
        return all(not self.alive(other) for other in self.all_backends() if at < other < first)

    @loop(MaglevTable._line_up)
    def successors_above_are_live(self, at: int) -> bool:
        return all(
            backend < self.successor[backend] <= len(self.live)
            and (
                self.successor[backend] == len(self.live)
                or self.alive(int(self.successor[backend]))
            )
            for backend in self.all_backends()
            if at < backend
        )

    @loop(MaglevTable._line_up)
    def none_live_between_above(self, at: int) -> bool:
        return all(
            not self.alive(other)
            for backend in self.all_backends()
            for other in self.all_backends()
            if at < backend < other < self.successor[backend]
        )

    @loop(MaglevTable._line_up)
    def those_above_have_no_slots(self, at: int) -> bool:
        return all(self.share[backend] == 0 for backend in self.all_backends() if at < backend)

    @loop(MaglevTable._line_up)
    def those_above_have_tried_nothing(self, at: int) -> bool:
        return all(self.tried[backend] == 0 for backend in self.all_backends() if at < backend)

    @decreases(MaglevTable._line_up)
    def backends_to_line_up(self, at: int) -> int:
        return at

    @loop(MaglevTable._clear)
    def slot_to_clear_is_in_range(self, slot: int) -> bool:
        return 0 <= slot <= len(self.backend)

    @loop(MaglevTable._clear)
    def slots_below_are_empty(self, slot: int) -> bool:
        return all(self.empty(other) for other in self.all_slots() if other < slot)

    @decreases(MaglevTable._clear)
    def slots_to_clear(self, slot: int) -> int:
        return len(self.backend) - slot

    # The order in which the slots are taken, and those that are empty.

    @always
    @loop(MaglevTable._take_turns)
    def order_has_places(self) -> bool:
        return all(
            0 <= self.order[turn] < len(self.backend) and self.place[self.order[turn]] == turn
            for turn in self.all_slots()
        )

    @always
    @loop(MaglevTable._take_turns)
    def places_are_in_order(self) -> bool:
        return all(
            0 <= self.place[slot] < len(self.backend) and self.order[self.place[slot]] == slot
            for slot in self.all_slots()
        )

    @always
    @loop(MaglevTable._take_turns)
    def first_places_are_taken(self) -> bool:
        return all(
            self.empty(slot) == (self.place[slot] >= self.filled) for slot in self.all_slots()
        )

    @always
    @loop(MaglevTable._take_turns)
    def slots_belong_to_who_took_them(self) -> bool:
        return all(
            self.backend[slot] == self.who[self.place[slot]]
            for slot in self.all_slots()
            if not self.empty(slot)
        )

    @always
    def all_slots_are_taken_or_none(self) -> bool:
        return self.filled == 0 or self.filled == len(self.backend)

    @always
    def none_are_taken_only_if_none_is_live(self) -> bool:
        return all(not self.alive(backend) for backend in self.all_backends() if self.filled == 0)

    # Turns.

    @loop(MaglevTable._take_turns)
    def turns_are_counted(self, turn: int) -> bool:
        return turn == self.filled and 0 <= turn <= len(self.backend)

    @always
    @loop(MaglevTable._take_turns)
    def turns_are_of_the_live(self) -> bool:
        return all(
            0 <= self.who[turn] < len(self.live) and self.alive(self.who[turn])
            for turn in self.all_turns()
        )

    @always
    def first_turn_is_of_a_live_one(self) -> bool:
        return self.filled == 0 or (0 <= self.who[0] < len(self.live) and self.alive(self.who[0]))

    @always
    @loop(MaglevTable._take_turns)
    def none_live_before_the_first(self) -> bool:
        return all(
            not self.alive(backend)
            for backend in self.all_backends()
            if self.filled > 0 and backend < self.who[0]
        )

    @always
    @loop(MaglevTable._take_turns)
    def turns_go_round(self) -> bool:
        return all(
            self.who[later] == self.next_after(self.who[turn])
            for turn in self.all_turns()
            for later in self.all_turns()
            if later == turn + 1
        )

    @loop(MaglevTable._take_turns)
    def first_had_the_first_turn(self, first: int) -> bool:
        return self.filled == 0 or self.who[0] == first

    @loop(MaglevTable._take_turns)
    def taker_is_live(self, taker: int) -> bool:
        return 0 <= taker < len(self.live) and self.alive(taker)

    @loop(MaglevTable._take_turns)
    def it_is_the_takers_turn(self, taker: int, first: int) -> bool:
        return taker == (first if self.filled == 0 else self.next_after(self.who[self.filled - 1]))

    @decreases(MaglevTable._take_turns)
    def turns_to_come(self, turn: int) -> int:
        return len(self.backend) - turn

    # What is taken in a turn: the first slot of the list that was not taken before.

    @always
    @loop(MaglevTable._take_turns)
    def slots_are_found_in_the_list(self) -> bool:
        return all(
            0 <= self.found[turn] < 2 * len(self.backend)
            and self.order[turn] == self.wanted(self.who[turn], self.found[turn])
            for turn in self.all_turns()
        )

    @always
    @loop(MaglevTable._take_turns)
    def what_is_wanted_more_was_taken_before(self) -> bool:
        return all(
            self.place[self.wanted(self.who[turn], step)] < turn
            for turn in self.all_turns()
            for step in self.all_steps()
            if step < self.found[turn]
        )

    @loop(MaglevTable._take_turns)
    def tried_is_within_the_list(self) -> bool:
        return all(
            0 <= self.tried[backend] <= 2 * len(self.backend) for backend in self.all_backends()
        )

    @loop(MaglevTable._take_turns)
    def tried_slots_are_taken(self) -> bool:
        return all(
            not self.empty(self.wanted(backend, step))
            for backend in self.all_backends()
            for step in self.all_steps()
            if step < self.tried[backend]
        )

    @loop(MaglevTable._take_turns)
    def empty_slots_are_still_to_be_tried(self) -> bool:
        return all(
            self.tried[backend] <= len(self.backend) + slot
            for backend in self.all_backends()
            for slot in self.all_slots()
            if self.empty(slot)
        )

    @loop(MaglevTable._take_turns)
    def one_slot_is_still_empty(self) -> bool:
        return self.filled == len(self.backend) or self.empty(self.order[self.filled])

    @loop(MaglevTable._preferred)
    def search_follows_the_list(self, taker: int, step: int, slot: int) -> bool:
        return 0 <= step < 2 * len(self.backend) and slot == self.wanted(taker, step)

    @loop(MaglevTable._preferred)
    def passed_slots_are_taken(self, taker: int, step: int) -> bool:
        return all(
            not self.empty(self.wanted(taker, passed))
            for passed in self.all_steps()
            if passed < step
        )

    @loop(MaglevTable._preferred)
    def empty_slots_are_ahead(self, step: int) -> bool:
        return all(
            step <= len(self.backend) + slot for slot in self.all_slots() if self.empty(slot)
        )

    @loop(MaglevTable._preferred)
    def one_slot_is_empty(self, step: int) -> bool:
        return (
            0 <= self.order[self.filled] < len(self.backend)
            and self.empty(self.order[self.filled])
            and step <= len(self.backend) + self.order[self.filled]
        )

    @decreases(MaglevTable._preferred)
    def steps_to_that_slot(self, step: int) -> int:
        return len(self.backend) + self.order[self.filled] - step

    # Shares.

    @always
    @loop(MaglevTable._take_turns)
    def shares_are_counted(self) -> bool:
        return all(
            self.share[backend] == count(self.backend, backend) for backend in self.all_backends()
        )

    @always
    @loop(MaglevTable._take_turns)
    def nobody_has_more_than_there_were_turns(self) -> bool:
        return all(0 <= self.share[backend] <= self.filled for backend in self.all_backends())

    @always
    @loop(MaglevTable._take_turns)
    def who_is_not_live_has_none(self) -> bool:
        return all(
            self.share[backend] == 0 for backend in self.all_backends() if not self.alive(backend)
        )

    @always
    def who_is_live_has_one(self) -> bool:
        return all(
            self.share[backend] >= 1 for backend in self.all_backends() if self.alive(backend)
        )

    @always
    def shares_are_even(self) -> bool:
        return all(
            self.share[backend] <= self.share[other] + 1
            for backend in self.all_backends()
            for other in self.all_backends()
            if self.alive(backend) and self.alive(other)
        )

    @loop(MaglevTable._take_turns)
    def those_before_the_taker_have_one_more(self, taker: int) -> bool:
        return all(
            self.share[backend] == self.share[taker] + 1
            for backend in self.all_backends()
            if self.alive(backend) and backend < taker
        )

    @loop(MaglevTable._take_turns)
    def the_others_have_as_many_as_the_taker(self, taker: int) -> bool:
        return all(
            self.share[backend] == self.share[taker]
            for backend in self.all_backends()
            if self.alive(backend) and backend >= taker
        )

    @loop(MaglevTable._take_turns)
    def first_round_is_short(self, taker: int, turn: int) -> bool:
        """There are at least as many slots as backends, so it is not the last one."""
        return self.share[taker] >= 1 or turn <= taker


# The table depends on nothing but its size and the set of live backends.


@ensure(lambda one, other: all(one.backend[i] == other.backend[i] for i in range(one.slots)))
@ensure(lambda one, other: all(one.successor[i] == other.successor[i] for i in range(one.backends)))
@require(lambda one, other: all(one.alive(i) == other.alive(i) for i in range(one.backends)))
@require(lambda one, other: one.slots == other.slots and one.backends == other.backends)
def the_same_set_makes_the_same_table(one: Recorded, other: Recorded) -> None:
    """Both tables agree turn by turn."""
    turn = 0
    while turn < one.filled:
        turn += 1


@loop(the_same_set_makes_the_same_table)
def both_are_filled(one: Recorded, other: Recorded, turn: int) -> bool:
    return one.filled == other.filled and 0 <= turn <= one.filled


@loop(the_same_set_makes_the_same_table)
def same_successors(one: Recorded, other: Recorded) -> bool:
    return all(one.successor[i] == other.successor[i] for i in range(one.backends))


@loop(the_same_set_makes_the_same_table)
def same_first(one: Recorded, other: Recorded) -> bool:
    return one.filled == 0 or one.who[0] == other.who[0]


@loop(the_same_set_makes_the_same_table)
def same_backend_had_the_last_turn(one: Recorded, other: Recorded, turn: int) -> bool:
    return turn == 0 or one.who[turn - 1] == other.who[turn - 1]


@loop(the_same_set_makes_the_same_table)
def same_slots_so_far(one: Recorded, other: Recorded, turn: int) -> bool:
    return all(one.order[before] == other.order[before] for before in range(turn))


@loop(the_same_set_makes_the_same_table)
def same_backends_so_far(one: Recorded, other: Recorded, turn: int) -> bool:
    return all(one.who[before] == other.who[before] for before in range(turn))


@decreases(the_same_set_makes_the_same_table)
def turns_to_compare(one: Recorded, turn: int) -> int:
    return one.filled - turn


# What the removal of a backend moves.


@ensure(
    lambda old, new, turn, result: all(
        old.place[i] < turn for i in range(old.slots) if new.place[i] < result
    )
)
@ensure(
    lambda old, new, turn, result: (
        new.found[result] < old.found[turn] or new.order[result] == old.order[turn]
    )
)
@ensure(lambda old, new, turn, result: new.found[result] <= old.found[turn])
@ensure(lambda old, new, turn, result: 0 <= result <= turn and new.who[result] == old.who[turn])
@require(lambda old, removed, turn: 0 <= turn < old.filled and old.who[turn] != removed)
@require(
    lambda old, new, removed: all(
        old.alive(i) == new.alive(i) for i in range(old.backends) if i != removed
    )
)
@require(lambda old, new, removed: old.alive(removed) and not new.alive(removed))
@require(lambda old, removed: 0 <= removed < old.backends)
@require(lambda old, new: old.slots == new.slots and old.backends == new.backends)
def the_turn_without(old: Recorded, new: Recorded, removed: int, turn: int) -> int:
    """Return which turn of the new table is a turn of the old one, without one of the backends.

    In it, the same backend takes the same slot, or one that it prefers to that. All that is taken
    by then had been taken by then in the old table, too.
    """
    at = 0
    then = 0
    while at < turn:
        if old.who[at] != removed:
            then += 1
        at += 1
    return then


@loop(the_turn_without)
def turns_correspond(turn: int, at: int, then: int) -> bool:
    return 0 <= then <= at <= turn


@loop(the_turn_without)
def the_same_backend_is_next(
    old: Recorded, new: Recorded, removed: int, at: int, then: int
) -> bool:
    return new.who[then] == (old.who[at] if old.who[at] != removed else old.next_after(removed))


@loop(the_turn_without)
def no_slot_is_taken_earlier(old: Recorded, new: Recorded, at: int, then: int) -> bool:
    return all(old.place[i] < at for i in range(old.slots) if new.place[i] < then)


@decreases(the_turn_without)
def turns_to_pass(turn: int, at: int) -> int:
    return turn - at
