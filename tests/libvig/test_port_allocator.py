"""PortAllocator against a dict of who holds what and a queue of the resting ports."""

from collections import deque
from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libvig.port_allocator import PortAllocator, new_port_allocator
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds


class AllocatorAndModel(RuleBasedStateMachine):
    """Random operations: the allocator does what the queue does, with every contract on."""

    @initialize(first=st.sampled_from([1, 1024, 65531]), ports=st.integers(1, 5), data=st.data())
    def begin(self, first: int, ports: int, data: st.DataObject) -> None:
        self.first, self.last = first, first + ports - 1
        self.holders = data.draw(st.integers(1, ports))
        self.ports = new_port_allocator(self.first, self.last, self.holders)
        self.model = {holder: first + holder for holder in range(self.holders)}
        self.resting = deque(range(first + self.holders, self.last + 1))

    @rule(data=st.data())
    def allocate(self, data: st.DataObject) -> None:
        holder = data.draw(st.integers(0, self.holders - 1))
        self.resting.append(self.model[holder])
        self.model[holder] = self.resting.popleft()
        assert self.ports.allocate(holder) == self.model[holder]

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "ports"):
            assert self.ports.entries == self.model
            for holder, port in self.model.items():
                assert self.ports.port_of(holder) == port
            holder_of = {port: holder for holder, port in self.model.items()}
            for port in (-(2**40), -1, 0, *range(self.first - 2, self.last + 3), 2**40):
                assert self.ports.holder_of(port) == holder_of.get(port, -1)


TestAllocatorAndModel = AllocatorAndModel.TestCase
TestAllocatorAndModel.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def run(ports: PortAllocator, operations: I64, results: I64) -> None:
    """Perform rows of (what, holder, port)."""
    for row in range(len(operations)):
        what, holder, port = operations[row]
        if what == 0:
            results[row] = ports.allocate(holder)
        elif what == 1:
            results[row] = ports.port_of(holder)
        else:
            results[row] = ports.holder_of(port)


@pytest.mark.parametrize(("first", "last", "holders"), [(1, 1, 1), (10, 19, 10), (65530, 65535, 3)])
def test_native_code_does_the_same(first: int, last: int, holders: int) -> None:
    random = np.random.default_rng(holders)
    operations = random.integers([0, 0, first - 2], [3, holders, last + 3], (200, 3))
    assert_same_in_both_worlds(run, lambda: new_port_allocator(first, last, holders), operations)


def test_the_port_that_rested_longest_comes_next() -> None:
    ports = new_port_allocator(10, 13, 2)
    assert ports.entries == {0: 10, 1: 11}
    assert [ports.allocate(0) for _ in range(4)] == [12, 13, 10, 12]
    assert ports.entries == {0: 12, 1: 11}


def test_a_port_rests_until_all_others_have_been_used() -> None:
    ports = new_port_allocator(1, 10, 4)
    given_up = ports.port_of(2)
    assert given_up not in [ports.allocate(2) for _ in range(6)]
    assert ports.allocate(2) == given_up


def test_a_holder_keeps_its_port_if_none_rests() -> None:
    ports = new_port_allocator(7, 8, 2)
    assert [ports.allocate(0), ports.allocate(1)] == [7, 8]


def test_first_last_and_capacity_are_those_asked_for() -> None:
    ports = new_port_allocator(1024, 65535, 16384)
    assert (ports.first, ports.last, ports.capacity) == (1024, 65535, 16384)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda ports: ports.allocate(2),
        lambda ports: ports.allocate(-1),
        lambda ports: ports.port_of(2),
        lambda ports: ports.port_of(-1),
        lambda _: new_port_allocator(0, 5, 1),
        lambda _: new_port_allocator(5, 4, 1),
        lambda _: new_port_allocator(5, 65536, 1),
        lambda _: new_port_allocator(5, 6, 3),
        lambda _: new_port_allocator(5, 6, 0),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    ports = new_port_allocator(10, 13, 2)
    with pytest.raises(icontract.ViolationError):
        misuse(ports)
    assert ports.entries == {0: 10, 1: 11}
