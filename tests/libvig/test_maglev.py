"""MaglevTable against the paper's pseudocode, and what that does when backends come and go."""

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

import icontract
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libvig.maglev import MAX_SLOTS, NONE, MaglevTable, PreferenceList, new_maglev_table
from libvig.proof.maglev import (
    Recorded,
    no_slot_is_taken_earlier,
    the_same_backend_is_next,
    the_same_set_makes_the_same_table,
    the_turn_without,
    turns_correspond,
)
from libvig.proof.notation import roles
from libvig.proof.rehearsal import rehearse
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds, compiled_version

pytestmark = pytest.mark.usefixtures("time_limit")

PRIMES = [2, 3, 5, 7, 13, 31]
SIZES = [*PRIMES, 4, 6, 8, 12, 30]


class Turn(NamedTuple):
    """A backend takes the slot at a step of its list of preferences."""

    backend: int
    step: int
    slot: int


def permutation(backend: int, slots: int) -> list[int]:
    """The slots that a backend prefers, as the paper computes them."""
    preferences = PreferenceList(backend, slots)
    offset = preferences.slot(0)
    skip = (preferences.slot(1) - offset) % slots
    return [(offset + j * skip) % slots for j in range(slots)]


def turns(live: Collection[int], slots: int) -> list[Turn]:
    """Populate a table as in the paper's figure; if it is not of a prime size, see to the end."""
    order = sorted(live)
    wanted = {i: permutation(i, slots) + list(range(slots)) for i in order}
    next = dict.fromkeys(order, 0)
    entry: dict[int, int] = {}
    done: list[Turn] = []
    while True:
        for i in order:
            c = wanted[i][next[i]]
            while c in entry:
                next[i] += 1
                c = wanted[i][next[i]]
            entry[c] = i
            done.append(Turn(i, next[i], c))
            next[i] += 1
            if len(done) == slots:
                return done


def populated(live: Collection[int], slots: int) -> list[int]:
    """The backend of each slot."""
    if not live:
        return [NONE] * slots
    holder = {turn.slot: turn.backend for turn in turns(live, slots)}
    return [holder[slot] for slot in range(slots)]


def table_of(live: Collection[int], backends: int, slots: int) -> MaglevTable:
    """A table with these backends live, added as they come."""
    table = new_maglev_table(backends, slots)
    for backend in live:
        table.set_live(backend, True)
    return table


def looked_up(table: MaglevTable) -> list[int]:
    """The backend of each slot, as hashes find it."""
    return [table.lookup(slot) for slot in range(table.slots)]


class TableAndModel(RuleBasedStateMachine):
    """Random operations: the table is the paper's for the set of live backends, contracts on."""

    @initialize(slots=st.sampled_from(SIZES), data=st.data())
    def begin(self, slots: int, data: st.DataObject) -> None:
        self.backends = data.draw(st.integers(1, min(slots, 6)))
        self.table = new_maglev_table(self.backends, slots)
        self.live: set[int] = set()

    @rule(data=st.data(), is_live=st.booleans())
    def set_live(self, data: st.DataObject, is_live: bool) -> None:
        backend = data.draw(st.integers(0, self.backends - 1))
        self.table.set_live(backend, is_live)
        self.live = self.live | {backend} if is_live else self.live - {backend}

    @rule(hash=st.integers(0, 2**63 - 1))
    def lookup(self, hash: int) -> None:
        wanted = populated(self.live, self.table.slots)[hash % self.table.slots]
        assert self.table.lookup(hash) == wanted

    @invariant()
    def same_table(self) -> None:
        if hasattr(self, "table"):
            wanted = populated(self.live, self.table.slots)
            assert looked_up(self.table) == wanted
            held = Counter(wanted)
            assert self.table.entries == {backend: held[backend] for backend in self.live}
            for backend in (-(2**40), -1, *range(self.backends + 2), 2**40):
                assert self.table.is_live(backend) == (backend in self.live)


TestTableAndModel = TableAndModel.TestCase
TestTableAndModel.settings = settings(max_examples=30, stateful_step_count=12, deadline=None)


def run(table: MaglevTable, operations: I64, results: I64) -> None:
    """Perform rows of (what, backend, hash)."""
    for row in range(len(operations)):
        what, backend, hash = operations[row]
        if what <= 1:
            table.set_live(backend, what == 0)
        elif what == 2:
            results[row] = table.is_live(backend)
        else:
            results[row] = table.lookup(hash)


@pytest.mark.parametrize(("backends", "slots"), [(1, 2), (3, 3), (4, 13), (5, 12), (7, 97)])
def test_native_code_does_the_same(backends: int, slots: int) -> None:
    random = np.random.default_rng(slots)
    operations = random.integers(0, [5, backends, 2**63 - 1], (60, 3))
    assert_same_in_both_worlds(run, lambda: new_maglev_table(backends, slots), operations)


@pytest.mark.parametrize("slots", PRIMES)
def test_a_list_of_a_prime_size_begins_with_all_slots(slots: int) -> None:
    for backend in range(slots):
        preferences = PreferenceList(backend, slots)
        begins = [preferences.slot(step) for step in range(slots)]
        assert begins == permutation(backend, slots)
        assert sorted(begins) == list(range(slots))


@pytest.mark.parametrize("slots", SIZES)
def test_every_list_ends_with_all_slots(slots: int) -> None:
    preferences = PreferenceList(slots - 1, slots)
    assert [preferences.slot(slots + step) for step in range(slots)] == list(range(slots))


def test_lists_are_as_different_as_random_ones() -> None:
    lists = [PreferenceList(backend, 65537) for backend in range(2000)]
    begins = Counter(preferences.slot(0) for preferences in lists)
    strides = Counter((p.slot(1) - p.slot(0)) % 65537 for p in lists)
    # Of 2,000 random numbers below 65,537, about 30 occur twice.
    assert 1940 < len(begins) < 2000
    assert 1940 < len(strides) < 2000


@given(st.permutations(range(7)), st.integers(0, 7), st.sampled_from([7, 12, 31]))
@settings(max_examples=15, deadline=None)
def test_only_the_set_of_live_backends_matters(order: list[int], live: int, slots: int) -> None:
    one = table_of(order, 7, slots)
    for backend in order[live:]:
        one.set_live(backend, False)
    other = table_of(sorted(order[:live]), 7, slots)
    assert [array.tolist() for array in one] == [array.tolist() for array in other]


def test_a_hash_finds_its_backend_until_the_set_changes() -> None:
    table = table_of([0, 2], 3, 13)
    before = [table.lookup(hash) for hash in range(40)]
    table.set_live(2, True)
    table.set_live(1, False)
    assert [table.lookup(hash) for hash in range(40)] == before
    assert before[:13] == before[13:26]


def test_the_last_backend_has_all_slots_and_then_nobody() -> None:
    table = table_of([0, 1], 2, 5)
    table.set_live(0, False)
    assert (looked_up(table), table.entries) == ([1] * 5, {1: 5})
    table.set_live(1, False)
    assert (looked_up(table), table.entries) == ([NONE] * 5, {})


def by_round(done: list[Turn]) -> dict[tuple[int, int], Turn]:
    """The turns, each by its backend and how many turns that had before."""
    had: Counter[int] = Counter()
    found = {}
    for turn in done:
        found[turn.backend, had[turn.backend]] = turn
        had[turn.backend] += 1
    return found


@pytest.mark.parametrize(("backends", "slots"), [(2, 13), (5, 31), (6, 30), (10, 101), (12, 12)])
def test_who_stays_gets_in_no_turn_what_it_wants_less(backends: int, slots: int) -> None:
    live = range(backends)
    before = by_round(turns(live, slots))
    old = populated(live, slots)
    for removed in live:
        left = [backend for backend in live if backend != removed]
        after = by_round(turns(left, slots))
        new = populated(left, slots)
        for (backend, nth), turn in before.items():
            if backend == removed:
                assert new[turn.slot] != removed
                continue
            assert after[backend, nth].step <= turn.step
            if new[turn.slot] != backend:
                assert after[backend, nth].step < turn.step
        assert all(Counter(new)[backend] >= Counter(old)[backend] for backend in left)


def recorded(live: Collection[int], backends: int, slots: int) -> Recorded:
    """A table, and the record of the turns that the paper's figure takes."""
    table = Recorded(*table_of(live, backends, slots))
    done = turns(live, slots) if live else []
    table.order = [turn.slot for turn in done] or list(range(slots))
    table.place = [table.order.index(slot) for slot in range(slots)]
    table.who = [turn.backend for turn in done] or [0] * slots
    table.found = [turn.step for turn in done] or [0] * slots
    table.filled = len(done)
    return table


def holds(table: Recorded) -> bool:
    """Tell whether all is so that the proof says is always so."""
    said = [f for f in vars(Recorded).values() if any(r.word == "always" for r in roles(f))]
    assert len(said) > 10
    return all(predicate(table) for predicate in said)


@pytest.mark.parametrize("slots", [2, 5, 6, 13])
def test_the_papers_turns_are_as_the_proof_says(slots: int) -> None:
    for live in ([], [0], [1], [0, 1]):
        assert holds(recorded(live, 2, slots))
    swapped = recorded([0, 1], 2, slots)
    swapped.order[:2] = swapped.order[1::-1]
    swapped.place = [swapped.order.index(slot) for slot in range(slots)]
    assert not holds(swapped)


def test_the_theorems_of_the_proof_on_examples() -> None:
    for live, slots in (([0, 1], 3), ([0, 2, 3], 7), ([1, 2], 6), ([0, 1, 2, 3, 4], 13)):
        old = recorded(live, 5 if slots > 5 else 2, slots)
        the_same_set_makes_the_same_table(old, recorded(live[::-1], old.backends, slots))
        for removed in live:
            left = [backend for backend in live if backend != removed]
            new = recorded(left, old.backends, slots)
            for at in range(slots):
                then = sum(who != removed for who in old.who[:at])
                if old.who[at] != removed:
                    assert the_turn_without(old, new, removed, at) == then
                assert turns_correspond(at, at, then)
                assert the_same_backend_is_next(old, new, removed, at, then)
                assert no_slot_is_taken_earlier(old, new, at, then)


def test_the_proof_holds_under_random_calls() -> None:
    outcome = rehearse("libvig.maglev", steps=40)
    assert outcome.failure is None, str(outcome.failure)
    assert outcome.checks > 500


def native_table(backends: int, slots: int) -> MaglevTable:
    """A table with all backends live, made in native code, which is quick."""
    table = new_maglev_table(backends, slots)
    change(table, *((0, backend) for backend in range(backends)))
    return table


def change(table: MaglevTable, *operations: tuple[int, int]) -> None:
    """Let backends be live (0) or not (1)."""
    rows = np.array([(what, backend, 0) for what, backend in operations], np.int64)
    compiled_version(run)(table, rows, np.zeros(len(rows), np.int64))


def test_a_larger_table_is_the_papers() -> None:
    table = native_table(40, 4099)
    change(table, (1, 7), (1, 39))
    live = [backend for backend in range(39) if backend != 7]
    done = turns(live, 4099)
    assert [turn.backend for turn in done] == [live[turn % 38] for turn in range(4099)]
    assert table.backend.tolist() == populated(live, 4099)
    assert set(table.entries.values()) == {107, 108}


def test_the_loss_of_a_backend_moves_little_more_than_its_slots() -> None:
    """In the smaller of the paper's two sizes, where each backend holds 1 % of the slots."""
    table = native_table(100, 65537)
    assert np.unique(np.bincount(table.backend)).tolist() == [655, 656]
    before = table.backend.copy()
    moved = []
    for removed in range(0, 100, 10):
        change(table, (1, removed))
        assert removed not in table.backend
        moved.append(np.mean((before != table.backend) & (before != removed)))
        change(table, (0, removed))
        assert table.backend.tolist() == before.tolist()
    assert np.mean(moved) < 0.007
    assert max(moved) < 0.01


@pytest.mark.parametrize(
    "misuse",
    [
        lambda table: table.set_live(3, True),
        lambda table: table.set_live(-1, True),
        lambda table: table.set_live(3, False),
        lambda table: table.set_live(-1, False),
        lambda table: table.lookup(-1),
        lambda _: PreferenceList(0, 1),
        lambda _: PreferenceList(5, 5),
        lambda _: PreferenceList(-1, 5),
        lambda _: PreferenceList(0, 5).slot(10),
        lambda _: PreferenceList(0, 5).slot(-1),
        lambda _: new_maglev_table(0, 5),
        lambda _: new_maglev_table(6, 5),
        lambda _: new_maglev_table(1, 1),
        lambda _: new_maglev_table(1, MAX_SLOTS + 1),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    table = table_of([1], 3, 5)
    with pytest.raises(icontract.ViolationError):
        misuse(table)
    assert table.entries == {1: 5}


@pytest.mark.parametrize("wrong", [{0: 3, 1: 1}, {0: 0, 1: 1}, {0: 1, 1: 6}])
def test_shares_that_are_not_even_are_noticed(wrong: dict[int, int]) -> None:
    table = table_of([0, 1], 2, 5)
    for backend, share in wrong.items():
        table.share[backend] = share
    with pytest.raises(icontract.ViolationError):
        table.lookup(0)
