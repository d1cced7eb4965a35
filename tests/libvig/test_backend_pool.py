"""BackendPool against a plain dict of words and times, and a table of its own."""

from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libvig.backend_pool import LISTED, UNUSED, Backend, BackendPool, new_backend_pool
from libvig.maglev import MAX_SLOTS, new_maglev_table
from libvig.proof.rehearsal import rehearse
from libvig.types import I64, MAX_TIME
from tests.libvig.native_code import assert_same_in_both_worlds

SLOTS = 13
WORDS = [-(2**63), -2, 0, 1, 2, 2**63 - 1]


def new(capacity: int = 3, *listed: int) -> BackendPool:
    return new_backend_pool(capacity, SLOTS, np.array(listed, np.int64))


def choices(pool: BackendPool) -> list[int]:
    return [pool.choose(hash) for hash in range(SLOTS)]


def expected_choices(live: Any, capacity: int) -> list[int]:
    """Those of Maglev's table for these live backends."""
    table = new_maglev_table(capacity, SLOTS)
    for backend in live:
        table.set_live(backend, True)
    return [table.lookup(hash) for hash in range(SLOTS)]


class PoolAndModel(RuleBasedStateMachine):
    """Random operations: the pool does what the dict does, with every contract on."""

    @initialize(
        capacity=st.integers(1, 5), listed=st.lists(st.sampled_from(WORDS), max_size=3, unique=True)
    )
    def begin(self, capacity: int, listed: list[int]) -> None:
        self.capacity = capacity
        self.pool = new(capacity, *listed[:capacity])
        self.model = {i: Backend(word, LISTED) for i, word in enumerate(listed[:capacity])}
        self.now = 0

    @rule(word=st.sampled_from(WORDS), later=st.integers(0, 3), is_for_ever=st.booleans())
    def hear(self, word: int, later: int, is_for_ever: bool) -> None:
        self.now += later
        time = MAX_TIME if is_for_ever else self.now
        index = self.pool.hear(word, time)
        known = [i for i, backend in self.model.items() if backend.word == word]
        free = [i for i in range(self.capacity) if i not in self.model]
        assert index == [*known, *free, -1][0]
        if index >= 0:
            before = self.model.get(index, Backend(word, time)).time
            self.model[index] = Backend(word, max(before, time))

    @rule(ago=st.integers(-1, 6))
    def expire(self, ago: int) -> None:
        limit = self.now - ago
        self.pool.expire(limit)
        self.model = {
            i: Backend(backend.word, min(backend.time, MAX_TIME))
            for i, backend in self.model.items()
            if backend.time >= limit
        }

    @invariant()
    def same_entries(self) -> None:
        if not hasattr(self, "pool"):
            return
        assert self.pool.entries == self.model
        for index, backend in self.model.items():
            assert self.pool.get(index) == backend.word
        for word in (*WORDS, UNUSED):
            index_of = {backend.word: index for index, backend in self.model.items()}
            assert self.pool.find(word) == index_of.get(word, -1)
            for index in (-(2**40), -1, *range(self.capacity + 2), 2**40):
                assert self.pool.holds(index, word) == (index_of.get(word) == index)
        if all(backend.time <= MAX_TIME for backend in self.model.values()):
            assert choices(self.pool) == expected_choices(self.model, self.capacity)


TestPoolAndModel = PoolAndModel.TestCase
TestPoolAndModel.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)


def run(pool: BackendPool, operations: I64, results: I64) -> None:
    """Perform rows of (what, word, index, now)."""
    pool.expire(-1)
    for row in range(len(operations)):
        what, word, index, now = operations[row]
        if what == 0:
            pool.expire(now - 9)
        elif what == 1:
            results[row] = pool.hear(word, now)
        elif what == 2:
            results[row] = pool.find(word) + 10 * pool.holds(index, word)
        elif what == 3:
            results[row] = pool.choose(word)
            if results[row] >= 0:
                results[row] = pool.get(results[row])


@pytest.mark.parametrize(("capacity", "listed"), [(1, [7]), (3, []), (5, [4, 2])])
def test_native_code_does_the_same(capacity: int, listed: list[int]) -> None:
    random = np.random.default_rng(capacity)
    operations = random.integers([0, 0, -1, 0], [4, 7, capacity + 1, 4], (60, 4))
    operations[:, 3] = operations[:, 3].cumsum()
    assert_same_in_both_worlds(run, lambda: new(capacity, *listed), operations)


def test_a_backend_lives_for_as_long_as_it_is_heard_of() -> None:
    pool = new()
    assert pool.hear(7, 100) == 0
    pool.expire(100)
    assert pool.hear(7, 150) == 0
    pool.expire(150)
    assert pool.entries == {0: Backend(7, 150)}
    pool.expire(151)
    assert pool.entries == {}
    assert choices(pool) == [-1] * SLOTS


def test_an_older_time_makes_no_backend_older() -> None:
    pool = new()
    pool.hear(7, 100)
    pool.hear(7, 50)
    assert pool.entries == {0: Backend(7, 100)}


def test_listed_backends_stay() -> None:
    pool = new(3, 7, 8)
    assert pool.entries == {0: Backend(7, LISTED), 1: Backend(8, LISTED)}
    pool.expire(MAX_TIME)
    assert pool.entries == {0: Backend(7, MAX_TIME), 1: Backend(8, MAX_TIME)}
    assert pool.hear(8, 5) == 1
    pool.expire(6)
    assert pool.entries == {0: Backend(7, MAX_TIME), 1: Backend(8, MAX_TIME)}
    assert set(choices(pool)) == {0, 1}


def test_a_full_pool_keeps_what_it_has() -> None:
    pool = new(2, 7)
    pool.hear(8, 100)
    before = pool.entries
    assert pool.hear(9, 101) == -1
    assert pool.entries == before
    assert pool.hear(8, 102) == 1


def test_a_free_index_is_given_to_the_next() -> None:
    pool = new(3)
    for word, now in ((7, 1), (8, 2), (9, 3)):
        pool.hear(word, now)
    pool.hear(7, 4)
    pool.expire(3)
    assert pool.hear(6, 5) == 1
    assert {i: backend.word for i, backend in pool.entries.items()} == {0: 7, 1: 6, 2: 9}


def test_hashes_stay_with_the_backends_that_live() -> None:
    pool = new(3)
    for word in (7, 8, 9):
        pool.hear(word, word)
    before = choices(pool)
    pool.hear(7, 20)
    pool.hear(9, 20)
    pool.expire(20)
    after = choices(pool)
    assert 1 in before and 1 not in after
    moved = [then for then, now in zip(before, after, strict=True) if then != now]
    assert moved.count(1) == before.count(1)
    assert len(moved) - moved.count(1) <= 1


def test_pools_agree_whatever_came_before() -> None:
    one, other = new(3, 7, 8), new(3)
    for word in (5, 6, 7):
        other.hear(word, word)
    other.hear(5, 8)
    other.hear(6, 8)
    for pool in (one, other):
        pool.expire(8)
    assert one.entries.keys() == other.entries.keys()
    assert choices(one) == choices(other)


def test_nothing_is_looked_at_while_nothing_can_have_expired() -> None:
    pool = new(3, 7)
    pool.expire(0)
    pool.hear(8, 100)
    pool.table.backend[:] = 0  # as nothing but a new filling would mend it
    pool.expire(100)
    assert set(choices(pool)) == {0}
    pool.expire(101)
    assert pool.earliest[0] == MAX_TIME


@pytest.mark.parametrize(
    "misuse",
    [
        lambda pool: pool.choose(0),  # while one is listed that `expire` has not seen
        lambda pool: pool.choose(-1),
        lambda pool: pool.hear(UNUSED, 1),
        lambda pool: pool.hear(1, -1),
        lambda pool: pool.hear(1, MAX_TIME + 1),
        lambda pool: pool.expire(MAX_TIME + 1),
        lambda pool: pool.expire(-MAX_TIME - 1),
        lambda pool: pool.get(1),
        lambda _: new(0),
        lambda _: new(SLOTS + 1),
        lambda _: new(1, 7, 8),
        lambda _: new(3, 7, 7),
        lambda _: new(3, UNUSED),
        lambda _: new_backend_pool(1, 1, np.zeros(0, np.int64)),
        lambda _: new_backend_pool(1, MAX_SLOTS + 1, np.zeros(0, np.int64)),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    pool = new(3, 7)
    with pytest.raises(icontract.ViolationError):
        misuse(pool)
    assert pool.entries == {0: Backend(7, LISTED)}


def test_the_proof_holds_under_random_calls() -> None:
    outcome = rehearse("libvig.backend_pool", steps=60)
    assert outcome.failure is None, str(outcome.failure)
    assert outcome.checks > 200
    assert outcome.untried == ()
