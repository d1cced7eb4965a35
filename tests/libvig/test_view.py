"""A remembered view is never a stale one, and is not computed again without need."""

from __future__ import annotations

import gc
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libvig import view as view_module
from libvig.contracts import view
from libvig.flow_key import FlowKey
from libvig.flow_table import Flow, FlowTable, new_flow_table
from libvig.pointwise import pointwise
from libvig.types import I32, I64
from libvig.view import Remembered, evaluation

evaluated: list[int] = []  # indices whose entries were computed


def noted(index: int) -> int:
    evaluated.append(index)
    return index


class Marks(NamedTuple):
    """Each index has a mark, or none (0)."""

    mark: I32
    weight: I64
    scale: int = 1

    @view
    def entries(self) -> dict[int, int]:
        """Mark of each marked index."""
        return {noted(i): int(self.mark[i]) for i in range(len(self.mark)) if self.mark[i] != 0}

    @view
    def weighed(self) -> dict[int, tuple[int, int]]:
        return {i: (noted(i), int(self.weight[i])) for i in range(len(self.mark)) if self.mark[i]}

    @view
    def highest(self) -> tuple[int, ...]:
        return tuple(sorted(int(mark) * self.scale for mark in self.mark))


class Limited(NamedTuple):
    """Weights that are not below a limit."""

    marks: Marks
    limit: I64  # one cell

    @view
    def entries(self) -> dict[int, int]:
        return {i: w[1] for i, w in self.marks.weighed.items() if w[1] >= self.limit[0]}


class Outer(NamedTuple):
    inner: Limited

    @view
    def entries(self) -> dict[int, int]:
        return {i: 2 * m for i, m in self.inner.entries.items()}


class Pair(NamedTuple):
    left: Marks
    right: Marks

    @view
    def sums(self) -> dict[int, int]:
        return {i: w[1] + int(self.right.weight[i]) for i, w in self.left.weighed.items()}


def marks(*values: int) -> Marks:
    return Marks(np.array(values, np.int32), np.arange(len(values)) * 10)


@pytest.fixture(autouse=True)
def none_evaluated() -> None:
    evaluated.clear()


def test_the_view_follows_a_direct_write_to_an_array() -> None:
    structure = marks(0, 5, 6)
    assert structure.entries == {1: 5, 2: 6}
    structure.mark[:] = [7, 0, 6]
    assert structure.entries == {0: 7, 2: 6}
    structure.mark[2] = 0
    assert structure.entries == {0: 7}


def test_the_view_follows_a_write_through_another_array_of_the_same_memory() -> None:
    structure = marks(0, 5, 6)
    assert structure.entries == {1: 5, 2: 6}
    structure.mark.view(np.uint8)[0] = 9
    assert structure.entries == {0: 9, 1: 5, 2: 6}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 9)), max_size=30))
def test_the_view_follows_any_writes(writes: list[tuple[int, int, int]]) -> None:
    pair = Pair(marks(0, 1, 0, 2, 0), marks(9, 9, 9, 9, 9))
    for index, what, value in writes:
        arrays: list[Any] = [*pair.left[:2], *pair.right[:2]]
        arrays[what][index] = value
        if value % 2:  # not after each write: some changes are seen together
            weights = {i: int(pair.left.weight[i]) for i in range(5) if pair.left.mark[i]}
            assert {i: w for i, (_, w) in pair.left.weighed.items()} == weights
            assert pair.sums == {i: w + int(pair.right.weight[i]) for i, w in weights.items()}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=20))
def test_the_view_of_a_flow_table_follows_its_parts(steps: list[tuple[int, int]]) -> None:
    table = new_flow_table(4)
    for now, (number, age) in enumerate(steps):
        key = FlowKey(0, 17, 1, number, 2, 3)
        index = table.find(key)
        if index >= 0:
            table.touch(index, now)
        else:
            table.add(key, now)
        table.expire(now - age)
        afresh = copied(table)
        assert table.entries == afresh.entries
        assert all(isinstance(flow, Flow) for flow in table.entries.values())


def copied(part: Any) -> Any:
    """A structure that shares no array with this one."""
    if isinstance(part, tuple):
        return type(part)(*map(copied, part))
    return part.copy() if isinstance(part, np.ndarray) else part


def test_only_what_has_changed_is_computed_again() -> None:
    structure = marks(*range(1000))
    assert len(structure.entries) == 999
    evaluated.clear()
    assert len(structure.weighed) == 999
    assert len(evaluated) == 999
    evaluated.clear()
    structure.mark[[3, 500]] = [0, 7]
    assert 3 not in structure.weighed
    assert structure.weighed[500] == (500, 5000)
    assert set(evaluated) == {500}


def test_a_part_of_a_structure_is_followed_too() -> None:
    pair = Pair(marks(1, 1), marks(1, 1))
    assert pair.sums == {0: 0, 1: 20}
    pair.right.weight[1] = 100
    assert pair.sums == {0: 0, 1: 110}
    pair.left.mark[0] = 0
    assert pair.sums == {1: 110}


def test_the_caller_may_change_what_it_got() -> None:
    structure = marks(0, 5)
    structure.entries[0] = 99
    assert structure.entries == {1: 5}


def test_other_scalars_are_another_structure() -> None:
    structure = marks(1, 2)
    assert structure.highest == (1, 2)
    assert structure._replace(scale=10).highest == (10, 20)
    assert structure.highest == (1, 2)


def test_within_an_evaluation_a_view_is_computed_once() -> None:
    structure = marks(1, 2)
    with evaluation:
        assert structure.entries is structure.entries
    assert structure.entries is not structure.entries
    structure.mark[0] = 5
    with evaluation:
        assert structure.entries == {0: 5, 1: 2}


def test_structures_that_come_and_go_within_an_evaluation_are_not_confused() -> None:
    kept = marks(5)
    with evaluation:
        assert kept.entries == {0: 5}
        for value in range(1, 100):
            assert len(Remembered(marks(value)).state.versions) == 2
            assert marks(value).entries == {0: value}


def test_nothing_is_remembered_of_an_array_that_is_gone() -> None:
    gc.collect()
    before = len(view_module._watched)
    structure = marks(1, 2)
    assert structure.entries
    assert len(view_module._watched) == before + 2
    del structure
    gc.collect()
    assert len(view_module._watched) == before


def test_views_of_these_forms_are_pointwise() -> None:
    assert FlowTable.entries.is_pointwise(new_flow_table(2))
    assert Marks.weighed.is_pointwise(marks(1))
    assert Pair.sums.is_pointwise(Pair(marks(1), marks(1)))


def test_a_cell_that_all_depend_on_changes_all() -> None:
    outer = Outer(Limited(marks(1, 1, 0, 1), np.array([10])))
    assert Outer.entries.is_pointwise(outer)
    assert outer.entries == {1: 20, 3: 60}
    outer.inner.marks.weight[0] = 40
    evaluated.clear()
    assert outer.entries == {0: 80, 1: 20, 3: 60}
    assert set(evaluated) == {0}  # what has changed, alone
    outer.inner.limit[0] = 30
    assert outer.entries == {0: 80, 3: 60}
    outer.inner.limit[0] = 0
    outer.inner.marks.mark[2] = 1
    assert outer.entries == {0: 80, 1: 20, 2: 40, 3: 60}


class Computed(NamedTuple):
    row: I64

    @property
    def tail(self) -> I64:
        return self.row[1:]

    @view
    def moved(self) -> dict[int, int]:
        return {i: int(self.tail[i]) for i in range(len(self.tail))}

    @view
    def limited(self) -> dict[int, int]:
        return {i: int(self.row[i]) for i in range(len(self.row)) if self.row[i] >= self.tail[0]}


def test_what_a_property_computes_is_not_taken_for_a_field() -> None:
    computed = Computed(np.array([1, 2, 3, 4]))
    assert (computed.moved, computed.limited) == ({0: 2, 1: 3, 2: 4}, {1: 2, 2: 3, 3: 4})
    computed.row[3] = 9
    assert (computed.moved, computed.limited) == ({0: 2, 1: 3, 2: 9}, {1: 2, 2: 3, 3: 9})
    computed.row[1] = 3
    assert computed.limited == {1: 3, 2: 3, 3: 9}


def test_a_view_of_rows_of_rows_is_not() -> None:
    table = Marks(np.zeros((2, 2), np.int32), np.zeros(2, np.int64))
    assert not Marks.weighed.is_pointwise(table)


def shifted(self: Any) -> dict[int, int]:
    return {i: self.mark[i + 1] for i in range(len(self.mark))}


def whole(self: Any) -> dict[int, int]:
    return {i: len(self.mark) for i in range(len(self.mark))}


def passed_on(self: Any) -> dict[int, int]:
    return {i: self.mark[i] + noted(self) for i in range(len(self.mark))}


def from_one(self: Any) -> dict[int, int]:
    return {i: self.mark[i] for i in range(1, len(self.mark))}


def other_key(self: Any) -> dict[int, int]:
    return {self.mark[i]: i for i in range(len(self.mark))}


def twice(self: Any) -> dict[int, int]:
    return {i: j for i in range(len(self.mark)) for j in range(len(self.mark))}


def prepared(self: Any) -> dict[int, int]:
    limit = self.mark[0]
    return {i: limit for i in range(len(self.mark))}  # noqa: C420 (it is what must be refused)


@pytest.mark.parametrize(
    "function", [shifted, whole, passed_on, from_one, other_key, twice, prepared]
)
def test_views_of_other_forms_are_not(function: Any) -> None:
    assert pointwise(function) is None
