"""DoubleChain against a plain list of (index, time), oldest first."""

from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from libvig.double_chain import MAX_CAPACITY, DoubleChain, new_double_chain
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds


class ChainAndModel(RuleBasedStateMachine):
    """Random operations: the chain does what the list does, with every contract on."""

    @initialize(capacity=st.integers(1, 5))
    def begin(self, capacity: int) -> None:
        self.chain = new_double_chain(capacity)
        self.capacity = capacity
        self.model: list[tuple[int, int]] = []
        self.now = 0

    @rule(later=st.integers(0, 3))
    def allocate(self, later: int) -> None:
        self.now += later
        index = self.chain.allocate(self.now)
        if len(self.model) == self.capacity:
            assert index == -1
        else:
            assert index in set(range(self.capacity)) - {used for used, _ in self.model}
            self.model.append((index, self.now))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), later=st.integers(0, 3))
    def touch(self, data: st.DataObject, later: int) -> None:
        self.now += later
        entry = data.draw(st.sampled_from(self.model))
        self.chain.touch(entry[0], self.now)
        self.model.remove(entry)
        self.model.append((entry[0], self.now))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.model))
        self.chain.release(entry[0])
        self.model.remove(entry)

    @rule(ago=st.integers(-1, 6))
    def release_what_is_old(self, ago: int) -> None:
        limit = self.now - ago
        while (index := self.chain.oldest_before(limit)) >= 0:
            self.chain.release(index)
            assert self.model.pop(0)[0] == index
        assert all(time >= limit for _, time in self.model)

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "chain"):
            assert self.chain.entries == dict(self.model)
            used = {index for index, _ in self.model}
            for index in (-(2**40), -1, *range(self.capacity + 3), 2**40):
                assert self.chain.is_allocated(index) == (index in used)


TestChainAndModel = ChainAndModel.TestCase
TestChainAndModel.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def run(chain: DoubleChain, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, now)."""
    for row in range(len(operations)):
        what, index, now = operations[row]
        if what == 0:
            results[row] = chain.allocate(now)
        elif what == 1 and chain.is_allocated(index):
            chain.touch(index, now)
        elif what == 2 and chain.is_allocated(index):
            chain.release(index)
        elif what == 3:
            results[row] = chain.oldest_before(now - 5)


@pytest.mark.parametrize("capacity", [1, 2, 7])
def test_native_code_does_the_same(capacity: int) -> None:
    random = np.random.default_rng(capacity)
    operations = random.integers([0, -1, 0], [4, capacity + 2, 3], (300, 3))
    operations[:, 2] = operations[:, 2].cumsum()
    assert_same_in_both_worlds(run, lambda: new_double_chain(capacity), operations)


def test_the_oldest_is_the_one_used_longest_ago() -> None:
    chain = new_double_chain(3)
    a, b, c = (chain.allocate(time) for time in (10, 11, 12))
    chain.touch(a, 13)
    order = []
    while (index := chain.oldest_before(100)) >= 0:
        order.append(index)
        chain.release(index)
    assert order == [b, c, a]


def test_an_index_is_old_only_before_the_limit() -> None:
    chain = new_double_chain(1)
    index = chain.allocate(10)
    assert chain.oldest_before(10) == -1
    assert chain.oldest_before(11) == index


@pytest.mark.parametrize(
    "misuse",
    [
        lambda chain: chain.touch(1, 20),
        lambda chain: chain.touch(0, 9),
        lambda chain: chain.release(1),
        lambda chain: chain.release(-1),
        lambda chain: chain.allocate(9),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    chain = new_double_chain(2)
    assert chain.allocate(10) == 0
    with pytest.raises(icontract.ViolationError):
        misuse(chain)
    assert chain.entries == {0: 10}


@pytest.mark.parametrize("capacity", [0, -1, MAX_CAPACITY + 1])
def test_capacity_has_limits(capacity: int) -> None:
    with pytest.raises(icontract.ViolationError):
        new_double_chain(capacity)
