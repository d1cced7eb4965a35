"""HashMap against a plain dict, with keys chosen so that they collide."""

import itertools
from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from libvig.hash_map import HashMap, Key, new_hash_map
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds

pytestmark = pytest.mark.usefixtures("time_limit")

WORDS = st.sampled_from([0, 1, 2, 2**31, 2**63 - 1])
KEYS = st.builds(Key, WORDS, WORDS)


class MapAndModel(RuleBasedStateMachine):
    """Random operations: the map does what the dict does, with every contract on."""

    @initialize(capacity=st.integers(1, 9))
    def begin(self, capacity: int) -> None:
        self.map = new_hash_map(capacity)
        self.capacity = capacity
        self.model: dict[int, Key] = {}

    @rule(key=KEYS, data=st.data())
    def insert(self, key: Key, data: st.DataObject) -> None:
        free = sorted(set(range(self.capacity)) - set(self.model))
        if free and key not in self.model.values():
            index = data.draw(st.sampled_from(free))
            self.map.insert(index, key)
            self.model[index] = key

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        index = data.draw(st.sampled_from(sorted(self.model)))
        self.map.remove(index)
        del self.model[index]

    @rule(key=KEYS)
    def find(self, key: Key) -> None:
        indices = [index for index, used in self.model.items() if used == key]
        assert self.map.find(key) == (indices[0] if indices else -1)

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "map"):
            assert self.map.entries == self.model
            for index, key in self.model.items():
                assert self.map.get(index) == key
                assert self.map.find(key) == index


TestMapAndModel = MapAndModel.TestCase
TestMapAndModel.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def run(table: HashMap, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, first word, second word)."""
    for row in range(len(operations)):
        what, index, first, second = operations[row]
        key = Key(int(first), int(second))
        used = int(table.first[index]) >= 0
        if what == 0:
            results[row] = table.find(key)
        elif what <= 2 and not used and table.find(key) < 0:
            table.insert(index, key)
        elif what == 3 and used:
            table.remove(index)
        elif used:
            results[row] = table.get(index).second


@pytest.mark.parametrize("capacity", [1, 2, 8, 13])
def test_native_code_does_the_same(capacity: int) -> None:
    random = np.random.default_rng(capacity)
    operations = random.integers(0, [5, capacity, 4, 4], (300, 4))
    operations[::7, 2] = 2**63 - 1
    assert_same_in_both_worlds(run, lambda: new_hash_map(capacity), operations)


def key_at(table: HashMap, home: int, number: int) -> Key:
    """A key that a search in 16 slots looks for from a certain slot."""
    candidates = (Key(number, word) for word in itertools.count())
    return next(key for key in candidates if table._hash(key) % 16 == home)


@pytest.mark.parametrize("seed", range(60))
def test_all_keys_stay_findable_round_the_end_of_the_slots(seed: int) -> None:
    random = np.random.default_rng(seed)
    homes = random.choice([13, 14, 14, 15, 15, 15, 0, 1], 8)
    table = new_hash_map(8)
    keys = [key_at(table, int(home), number) for number, home in enumerate(homes)]
    for index in random.permutation(8):
        table.insert(int(index), keys[index])
    for index in random.permutation(8):
        table.remove(int(index))
        keys[index] = Key(99, 99)
        found = [table.find(key) for key in keys]
        assert found == [-1 if key == Key(99, 99) else i for i, key in enumerate(keys)]


@pytest.mark.parametrize("word", ["first", "second"])
def test_keys_that_slots_cannot_tell_apart_are_told_apart(word: str) -> None:
    """A slot of 31 bits knows 31 bits of the hash at most; here these are the same."""
    table = new_hash_map(2)
    seen: dict[int, Key] = {}
    for number in itertools.count():
        key = Key(7, 7)._replace(**{word: number})
        other = seen.setdefault(table._hash(key) & 0x7FFFFFFF, key)
        if other != key:
            break
    table.insert(0, other)
    assert table.find(key) == -1
    table.insert(1, key)
    assert [table.find(other), table.find(key)] == [0, 1]
    table.remove(0)
    assert [table.find(other), table.find(key)] == [-1, 1]


def test_a_removed_key_leaves_no_trace() -> None:
    table = new_hash_map(8)
    for _ in range(100):
        for index in range(8):
            table.insert(index, Key(index, 0))
        for index in range(8):
            table.remove(index)
    assert (table.slot == -1).all()


@pytest.mark.parametrize(("capacity", "slots"), [(1, 2), (2, 4), (3, 8), (8, 16), (9, 32)])
def test_at_least_half_of_the_slots_stay_empty(capacity: int, slots: int) -> None:
    assert len(new_hash_map(capacity).slot) == slots


def test_slots_are_used_evenly() -> None:
    """A /16 of hosts with a few ports each: the longest way to a key is short."""
    slots = 2**17
    keys = [Key(1 << 48 | host << 16 | 1024 + port, 53) for host in range(16384) for port in (0, 1)]
    table = new_hash_map(slots // 2)
    homes = np.bincount([table._hash(key) % slots for key in keys], minlength=slots)
    # Thrown at random, 32,768 keys into 131,072 slots: about 4 slots get 5 keys, and none 9.
    assert homes.max() < 9
    assert 27_000 < np.count_nonzero(homes) < 31_000  # random: 28,985


@pytest.mark.parametrize(
    "misuse",
    [
        lambda table: table.insert(0, Key(8, 8)),
        lambda table: table.insert(1, Key(7, 7)),
        lambda table: table.insert(2, Key(8, 8)),
        lambda table: table.insert(-1, Key(8, 8)),
        lambda table: table.remove(1),
        lambda table: table.get(1),
        lambda _: Key(-1, 0),
        lambda _: Key(0, -1),
        lambda _: new_hash_map(0),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    table = new_hash_map(2)
    table.insert(0, Key(7, 7))
    with pytest.raises(icontract.ViolationError):
        misuse(table)
    assert table.entries == {0: Key(7, 7)}
