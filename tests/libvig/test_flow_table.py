"""FlowTable against a plain list of flows, oldest first."""

import numpy as np
import pytest

from libvig.flow_key import FlowKey
from libvig.flow_table import Flow, FlowTable, new_flow_table
from libvig.types import I64
from tests.libvig import idle_tables
from tests.libvig.native_code import assert_same_in_both_worlds, calls_in, compiled_version

pytestmark = pytest.mark.usefixtures("time_limit")


def key(number: int) -> FlowKey:
    return FlowKey(0, 17, 0x0A000001, number, 0xC6336401, 53)


OTHERS_IN_ONE_FIELD = [key(1)._replace(**{field: 5}) for field in FlowKey._fields]


class FlowTableAndModel(idle_tables.TableAndModel):
    new_table = new_flow_table
    entry = Flow
    keys = (key(1), *OTHERS_IN_ONE_FIELD)


TestTableAndModel = FlowTableAndModel.TestCase
TestTableAndModel.settings = idle_tables.SETTINGS


def run(table: FlowTable, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, device, port, now)."""
    for row in range(len(operations)):
        what, index, device, port, now = operations[row]
        key = FlowKey(int(device), 17, 0x0A000001, int(port), 0xC6336401, 53)
        if what == 0:
            table.expire(now - 9)
        elif what == 1:
            results[row] = table.use(key, now)
        elif what == 2:
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
    assert_same_in_both_worlds(run, lambda: new_flow_table(capacity), operations)


def test_native_code_is_one_piece() -> None:
    """Nothing is called and no reference counted: it would cost more than the work itself."""
    native = compiled_version(run)
    native(new_flow_table(1), np.zeros((1, 5), np.int64), np.zeros(1, np.int64))
    assert calls_in(native) == set()


def test_flows_that_differ_in_one_field_are_different_flows() -> None:
    table = new_flow_table(8)
    indices = [table.add(key, 10) for key in (key(1), *OTHERS_IN_ONE_FIELD)]
    assert sorted(indices) == list(range(7))
    assert [table.get(index) for index in indices] == [key(1), *OTHERS_IN_ONE_FIELD]


def test_a_flow_that_is_used_is_added_or_refreshed() -> None:
    table = new_flow_table(1)
    assert table.use(key(1), 10) == table.use(key(1), 11) == 0
    assert table.entries == {0: Flow(key(1), 11)}
    assert table.use(key(2), 12) == -1
    assert table.entries == {0: Flow(key(1), 11)}


def test_misuse_is_refused() -> None:
    idle_tables.assert_misuse_is_refused(new_flow_table, key(0), key(1))
