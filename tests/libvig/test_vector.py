"""Vector against a plain list of records."""

import runpy
from pathlib import Path
from typing import Any, NamedTuple

import icontract
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from numba import njit

from libvig import vector as vector_module
from libvig.compile import compiled_class
from libvig.numba_glue import NATIVE_OPTIONS
from libvig.types import I64
from libvig.vector import Record, Vector, new_vector
from tests.libvig.native_code import assert_same_in_both_worlds, calls_in, compiled_version

LOWEST, HIGHEST = -(2**63), 2**63 - 1
WORDS = st.one_of(st.integers(-3, 3), st.integers(LOWEST, HIGHEST))


class VectorAndModel(RuleBasedStateMachine):
    """Random operations: the vector does what the list does, with every contract on."""

    @initialize(capacity=st.integers(1, 5))
    def begin(self, capacity: int) -> None:
        self.vector = new_vector(capacity)
        self.model = [Record(0, 0)] * capacity

    @rule(data=st.data(), record=st.builds(Record, WORDS, WORDS))
    def set(self, data: st.DataObject, record: Record) -> None:
        index = data.draw(st.integers(0, len(self.model) - 1))
        self.vector.set(index, record)
        self.model[index] = record

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "vector"):
            assert self.vector.entries == dict(enumerate(self.model))
            for index, record in enumerate(self.model):
                assert self.vector.get(index) == record


TestVectorAndModel = VectorAndModel.TestCase
TestVectorAndModel.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)


def run(vector: Vector, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, first, second)."""
    for row in range(len(operations)):
        what, index, first, second = operations[row]
        if what == 0:
            vector.set(index, Record(first, second))
        else:
            record = vector.get(index)
            results[row] = record.first if what == 1 else record.second


@pytest.mark.parametrize("capacity", [1, 3, 8])
def test_native_code_does_the_same(capacity: int) -> None:
    random = np.random.default_rng(capacity)
    limits = [3, capacity, HIGHEST, HIGHEST]
    operations = random.integers([0, 0, LOWEST, LOWEST], limits, (200, 4), endpoint=False)
    assert_same_in_both_worlds(run, lambda: new_vector(capacity), operations)


class Neighbour(NamedTuple):
    """What a bridge may know of an Ethernet address."""

    address: int
    device: int
    time: int


@compiled_class
class Neighbours(NamedTuple):
    """As an NF does it: a structure among its fields, its own values packed into records."""

    records: Vector

    def learn(self, index: int, neighbour: Neighbour) -> None:
        first = neighbour.address << 15 | neighbour.device
        self.records.set(index, Record(first, neighbour.time))

    def known(self, index: int) -> Neighbour:
        record = self.records.get(index)
        return Neighbour(record.first >> 15, record.first & 0x7FFF, record.second)


def learn_and_look(neighbours: Neighbours, index: int, neighbour: Neighbour) -> Neighbour:
    neighbours.learn(index, neighbour)
    return neighbours.known(index)


def test_a_network_function_packs_what_it_knows() -> None:
    neighbour = Neighbour(0xFFFFFFFFFFFF, 2**15 - 1, 2**62 - 1)
    native = njit(**NATIVE_OPTIONS)(learn_and_look)
    for version in (learn_and_look, native):
        neighbours = Neighbours(new_vector(3))
        assert version(neighbours, 2, neighbour) == neighbour
        assert neighbours.records.get(1) == Record(0, 0)
    assert calls_in(native) == set()


def test_native_code_is_one_piece() -> None:
    native = compiled_version(run)
    native(new_vector(1), np.zeros((1, 4), np.int64), np.zeros(1, np.int64))
    assert calls_in(native) == set()


def test_records_are_zero_at_first() -> None:
    assert new_vector(2).entries == {0: Record(0, 0), 1: Record(0, 0)}


def test_a_record_takes_the_place_of_the_one_before() -> None:
    vector = new_vector(3)
    vector.set(1, Record(1, 2))
    vector.set(1, Record(LOWEST, HIGHEST))
    assert vector.entries == {0: Record(0, 0), 1: Record(LOWEST, HIGHEST), 2: Record(0, 0)}


@pytest.mark.parametrize(
    "misuse",
    [
        lambda vector: vector.get(-1),
        lambda vector: vector.get(2),
        lambda vector: vector.set(-1, Record(1, 1)),
        lambda vector: vector.set(2, Record(1, 1)),
        lambda _: new_vector(0),
        lambda _: new_vector(2**30 + 1),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    vector = new_vector(2)
    with pytest.raises(icontract.ViolationError):
        misuse(vector)
    assert vector.entries == {0: Record(0, 0), 1: Record(0, 0)}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("self.first[index] = record.first", "pass"),
        ("self.second[index] = record.second", "self.second[0] = record.second"),
        ("Record(int(self.first[index]), int(self.second[index]))", "Record(0, 0)"),
        ("return len(self.first)\n", "return len(self.first) + 1\n"),
        ("(np.zeros(capacity, np.int64)", "(np.ones(capacity, np.int64)"),
        ("Vector(np.zeros(capacity", "Vector(np.zeros(capacity - 1"),
        ("{i: Record(int(self.first[i])", "{i - 1: Record(int(self.first[i])"),
    ],
)
def test_contracts_refuse_a_wrong_vector(tmp_path: Path, right: str, wrong: str) -> None:
    text = Path(vector_module.__file__).read_text()
    assert text.count(right) == 1
    (tmp_path / "wrong.py").write_text(text.replace(right, wrong))
    names = runpy.run_path(str(tmp_path / "wrong.py"))
    with pytest.raises(icontract.ViolationError):
        vector = names["new_vector"](3)
        vector.set(1, names["Record"](5, 7))
        vector.get(1)
