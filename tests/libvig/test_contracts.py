"""Contracts speak up, whoever broke them, and quote what was wrong."""

from __future__ import annotations

import inspect
from typing import NamedTuple

import icontract
import numpy as np
import pytest

from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.double_chain import new_double_chain
from libvig.hash_map import Key, new_hash_map
from libvig.port_allocator import new_port_allocator
from libvig.types import I64

examined: list[int] = []


def small(value: int) -> bool:
    examined.append(value)
    return value < 100


@invariant(lambda self: all(small(value) for value in self.entries.values()))
class Cells(NamedTuple):
    cell: I64

    @property
    def capacity(self) -> int:
        return len(self.cell)

    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.cell[i]) for i in range(len(self.cell)) if self.cell[i] != 0}

    @require(lambda self, index: 0 <= index < self.capacity, "the index is one of a cell")
    @ensure(lambda self, index, value, OLD: self.entries == OLD.entries | {index: value})
    def put(self, index: int, value: int) -> None:
        self.cell[index] = value

    @ensure(lambda self, index, OLD: self.entries == OLD.entries | {index: 1})
    def put_wrongly(self, index: int) -> None:
        self.cell[index] = 2

    def look(self) -> None:
        """Do nothing."""


def cells(*values: int) -> Cells:
    return Cells(np.array(values, np.int64))


def test_a_precondition_is_quoted_with_its_place_and_values() -> None:
    with pytest.raises(icontract.ViolationError) as error:
        cells(1, 2).put(2, 5)
    message = str(error.value)
    line = next(
        number
        for number, text in enumerate(inspect.getsource(Cells).splitlines())
        if "the index is one of a cell" in text
    )
    assert f"line {inspect.getsourcelines(Cells)[1] + line} in Cells" in message
    assert __file__ in message
    assert "the index is one of a cell: 0 <= index < self.capacity" in message
    assert "index was 2" in message
    assert "self.capacity was 2" in message


def test_a_postcondition_compares_with_the_state_before() -> None:
    structure = cells(0, 7)
    structure.put(0, 5)
    assert structure.entries == {0: 5, 1: 7}
    with pytest.raises(icontract.ViolationError) as error:
        structure.put_wrongly(0)
    assert "self.entries == OLD.entries | {index: 1}" in str(error.value)
    assert "OLD.entries was {0: 5, 1: 7}" in str(error.value)
    assert "self.entries was {0: 2, 1: 7}" in str(error.value)


def test_an_invariant_holds_from_the_start() -> None:
    with pytest.raises(icontract.ViolationError, match="small"):
        cells(1, 100)


def test_an_invariant_holds_after_each_method() -> None:
    with pytest.raises(icontract.ViolationError, match="small"):
        cells(1, 2).put(0, 100)


def test_a_corrupted_array_is_noticed_at_the_next_call() -> None:
    structure = cells(1, 2)
    structure.look()
    structure.cell[1] = 1000
    with pytest.raises(icontract.ViolationError, match="small"):
        structure.look()
    structure.cell[1] = 99
    structure.look()


def test_an_invariant_is_not_evaluated_again_for_the_same_content() -> None:
    structure = cells(1, 2)
    examined.clear()
    structure.look()
    assert examined == []
    structure.cell[0] = 3
    structure.look()
    assert sorted(examined) == [2, 3]


def test_corruption_of_a_structure_is_noticed() -> None:
    table = new_hash_map(4)
    table.insert(0, Key(1, 1))
    table.insert(1, Key(2, 2))
    table.first[1] = table.second[1] = 1
    with pytest.raises(icontract.ViolationError, match="all_different"):
        table.find(Key(1, 1))
    ports = new_port_allocator(10, 12, 2)
    ports.port[0] = 13
    with pytest.raises(icontract.ViolationError, match=r"self\.last"):
        ports.holder_of(10)
    chain = new_double_chain(4)
    chain.allocate(10)
    chain.stamp[0] = 11
    with pytest.raises(icontract.ViolationError, match="time <= now"):
        chain.touch(0, 10)


def test_a_condition_with_variables_of_its_surroundings_works() -> None:
    limit = 5

    @require(lambda value: value < limit)
    def below(value: int) -> int:
        return value

    assert below(4) == 4
    with pytest.raises(icontract.ViolationError):
        below(5)


def test_to_compare_objects_costs_no_check() -> None:
    assert not hasattr(Key.__eq__, "__wrapped__")
    assert Key(1, 2) == Key(1, 2)
    assert hash(Key(1, 2)) == hash((1, 2))


@pytest.mark.parametrize(
    ("values", "expected"), [([], True), ([1], True), ([1, 2, 3], True), ([1, 2, 1], False)]
)
def test_all_different(values: list[int], expected: bool) -> None:
    assert all_different(values) == expected
    assert all_different(iter(values)) == expected
