"""KeyTable against a plain list of keys, oldest first."""

import icontract
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from libvig.hash_map import Key
from libvig.key_table import Entry, KeyTable, new_key_table
from libvig.types import I64
from tests.libvig import idle_tables
from tests.libvig.native_code import assert_same_in_both_worlds, calls_in, compiled_version

pytestmark = pytest.mark.usefixtures("time_limit")

A, B, C = Key(0, 0), Key(0, 2**63 - 1), Key(2**63 - 1, 0)


class KeyTableAndModel(idle_tables.TableAndModel):
    new_table = new_key_table
    entry = Entry
    keys = (A, B, C, Key(1, 1), Key(1, 2), Key(2, 1))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def time_of(self, data: st.DataObject) -> None:
        index, entry = data.draw(st.sampled_from(self.model))
        assert self.table.time_of(index) == entry.time


TestTableAndModel = KeyTableAndModel.TestCase
TestTableAndModel.settings = idle_tables.SETTINGS


def run(table: KeyTable, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, two words of a key, now)."""
    for row in range(len(operations)):
        what, index, first, second, now = operations[row]
        key = Key(int(first), int(second))
        if what == 0:
            table.expire(now - 9)
        elif what <= 2:
            found = table.find(key)
            if found >= 0:
                table.touch(found, now)
            else:
                found = table.add(key, now)
            results[row] = found
        elif what == 3:
            results[row] = table.use(key, now)
        elif what == 4 and table.holds(index):
            results[row] = table.get(index).second
        elif table.holds(index):
            results[row] = table.time_of(index)


@pytest.mark.parametrize("capacity", [1, 3, 8])
def test_native_code_does_the_same(capacity: int) -> None:
    random = np.random.default_rng(capacity)
    operations = random.integers([0, -1, 0, 0, 0], [6, capacity + 2, 2, 4, 3], (300, 5))
    operations[:, 4] = operations[:, 4].cumsum()
    assert_same_in_both_worlds(run, lambda: new_key_table(capacity), operations)


def test_native_code_is_one_piece() -> None:
    """Nothing is called and no reference counted: it would cost more than the work itself."""
    native = compiled_version(run)
    native(new_key_table(1), np.zeros((1, 5), np.int64), np.zeros(1, np.int64))
    assert calls_in(native) == set()


def test_keys_are_forgotten_oldest_first() -> None:
    table = new_key_table(3)
    for key, now in ((A, 10), (B, 11), (C, 12)):
        assert table.add(key, now) >= 0
    table.touch(table.find(A), 13)
    remaining = []
    for limit in range(10, 16):
        table.expire(limit)
        remaining.append({entry.key for entry in table.entries.values()})
    assert remaining == [{A, B, C}, {A, B, C}, {A, C}, {A}, set(), set()]


def test_the_time_of_a_key_is_that_of_its_last_use() -> None:
    table = new_key_table(2)
    for key, now in ((A, 10), (B, 11)):
        table.add(key, now)
    table.touch(0, 12)
    assert [table.time_of(index) for index in (0, 1)] == [12, 11]


def test_a_key_that_is_not_in_the_table_has_no_time() -> None:
    table = new_key_table(3)
    for key in (A, B):
        table.add(key, 10)
    table.expire(11)  # clears away one of the two
    for index in (-1, 0, 1, 2, 3):
        with pytest.raises(icontract.ViolationError):
            table.time_of(index)


def test_a_full_table_keeps_what_it_has() -> None:
    table = new_key_table(2)
    for key in (A, B):
        table.add(key, 10)
    before = table.entries
    assert table.add(C, 11) == -1
    assert table.entries == before


def test_a_key_that_is_used_is_added_or_refreshed() -> None:
    table = new_key_table(2)
    assert table.use(A, 10) == table.add(B, 11) - 1 == 0
    assert table.use(A, 12) == 0
    assert table.entries == {0: Entry(A, 12), 1: Entry(B, 11)}
    assert table.use(C, 13) == -1
    assert table.entries == {0: Entry(A, 12), 1: Entry(B, 11)}
    table.expire(12)
    assert table.use(C, 13) == 1
    assert table.entries == {0: Entry(A, 12), 1: Entry(C, 13)}


def test_a_key_cannot_be_used_before_others_were() -> None:
    table = new_key_table(2)
    table.use(A, 10)
    for key in (A, B):
        with pytest.raises(icontract.ViolationError):
            table.use(key, 9)


def test_an_index_is_used_again_after_its_key_is_forgotten() -> None:
    table = new_key_table(1)
    assert table.add(A, 10) == 0
    table.expire(11)
    assert table.find(A) == -1
    assert table.add(B, 11) == 0
    assert table.get(0) == B


def test_misuse_is_refused() -> None:
    idle_tables.assert_misuse_is_refused(new_key_table, A, B)
