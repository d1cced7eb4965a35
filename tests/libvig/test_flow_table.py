"""FlowTable against a plain list of flows, oldest first."""

from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from libvig.flow_key import FlowKey
from libvig.flow_table import Flow, FlowTable, new_flow_table
from libvig.types import I64
from tests.libvig.native_code import calls_in, compiled_version, same_in_both_worlds

pytestmark = pytest.mark.usefixtures("time_limit")

KEYS = st.builds(
    FlowKey,
    device=st.integers(0, 1),
    protocol=st.sampled_from([6, 17]),
    source_address=st.just(0x0A000001),
    source_port=st.integers(0, 2),
    destination_address=st.just(0xC6336401),
    destination_port=st.just(53),
)


def key(number: int) -> FlowKey:
    return FlowKey(0, 17, 0x0A000001, number, 0xC6336401, 53)


class TableAndModel(RuleBasedStateMachine):
    """Random operations: the table does what the list does, with every contract on."""

    @initialize(capacity=st.integers(1, 5))
    def begin(self, capacity: int) -> None:
        self.table = new_flow_table(capacity)
        self.capacity = capacity
        self.model: list[tuple[int, Flow]] = []
        self.now = 0

    @rule(key=KEYS, later=st.integers(0, 3))
    def packet(self, key: FlowKey, later: int) -> None:
        """As an NF does it: refresh the flow of the packet, or add it."""
        self.now += later
        known = [index for index, flow in self.model if flow.key == key]
        index = self.table.find(key)
        assert index == (known[0] if known else -1)
        if known:
            self.table.touch(index, self.now)
            self.model = [entry for entry in self.model if entry[0] != index]
        else:
            index = self.table.add(key, self.now)
            if len(self.model) == self.capacity:
                assert index == -1
                return
            assert index in set(range(self.capacity)) - {used for used, _ in self.model}
        self.model.append((index, Flow(key, self.now)))

    @rule(ago=st.integers(-1, 6))
    def expire(self, ago: int) -> None:
        limit = self.now - ago
        self.table.expire(limit)
        self.model = [(index, flow) for index, flow in self.model if flow.time >= limit]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def get(self, data: st.DataObject) -> None:
        index, flow = data.draw(st.sampled_from(self.model))
        assert self.table.get(index) == flow.key

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "table"):
            assert self.table.entries == dict(self.model)
            used = dict(self.model)
            for index in (-(2**40), -1, *range(self.capacity + 3), 2**40):
                assert self.table.holds(index) == (index in used)


TestTableAndModel = TableAndModel.TestCase
TestTableAndModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def run(table: FlowTable, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, device, port, now)."""
    for row in range(len(operations)):
        what, index, device, port, now = operations[row]
        key = FlowKey(int(device), 17, 0x0A000001, int(port), 0xC6336401, 53)
        if what == 0:
            table.expire(now - 9)
        elif what <= 2:
            found = table.find(key)
            if found >= 0:
                table.touch(found, now)
            else:
                found = table.add(key, now)
            results[row] = found
        elif table.holds(index):
            results[row] = table.get(index).source_port


@pytest.mark.parametrize("capacity", [1, 3, 8])
def test_native_code_does_the_same(capacity: int) -> None:
    random = np.random.default_rng(capacity)
    operations = random.integers([0, -1, 0, 0, 0], [4, capacity + 2, 2, 4, 3], (300, 5))
    operations[:, 4] = operations[:, 4].cumsum()
    same_in_both_worlds(run, lambda: new_flow_table(capacity), operations)


def test_native_code_is_one_piece() -> None:
    """Nothing is called and no reference counted: it would cost more than the work itself."""
    native = compiled_version(run)
    native(new_flow_table(1), np.zeros((1, 5), np.int64), np.zeros(1, np.int64))
    assert calls_in(native) == set()


def test_flows_are_forgotten_oldest_first() -> None:
    table = new_flow_table(3)
    for number, now in ((0, 10), (1, 11), (2, 12)):
        assert table.add(key(number), now) >= 0
    table.touch(table.find(key(0)), 13)
    remaining = []
    for limit in range(10, 16):
        table.expire(limit)
        remaining.append({flow.key.source_port for flow in table.entries.values()})
    assert remaining == [{0, 1, 2}, {0, 1, 2}, {0, 2}, {0}, set(), set()]


def test_a_full_table_keeps_what_it_has() -> None:
    table = new_flow_table(2)
    for number in range(2):
        table.add(key(number), 10)
    before = table.entries
    assert table.add(key(2), 11) == -1
    assert table.entries == before


def test_an_index_is_used_again_after_its_flow_is_forgotten() -> None:
    table = new_flow_table(1)
    assert table.add(key(0), 10) == 0
    table.expire(11)
    assert table.find(key(0)) == -1
    assert table.add(key(1), 11) == 0
    assert table.get(0) == key(1)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda table: table.add(key(0), 20),
        lambda table: table.add(key(1), 9),
        lambda table: table.touch(0, 9),
        lambda table: table.touch(1, 20),
        lambda table: table.get(-1),
        lambda _: new_flow_table(0),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    table = new_flow_table(2)
    table.add(key(0), 10)
    with pytest.raises(icontract.ViolationError):
        misuse(table)
    assert table.entries == {0: Flow(key(0), 10)}
