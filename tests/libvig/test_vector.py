"""Vector against a plain list of words."""

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
from libvig.vector import Vector, new_vector
from tests.libvig.native_code import assert_same_in_both_worlds, calls_in, compiled_version

LOWEST, HIGHEST = -(2**63), 2**63 - 1
WORDS = st.one_of(st.integers(-3, 3), st.integers(LOWEST, HIGHEST))


class VectorAndModel(RuleBasedStateMachine):
    """Random operations: the vector does what the list does, with every contract on."""

    @initialize(capacity=st.integers(1, 5))
    def begin(self, capacity: int) -> None:
        self.vector = new_vector(capacity)
        self.model = [0] * capacity

    @rule(data=st.data(), word=WORDS)
    def set(self, data: st.DataObject, word: int) -> None:
        index = data.draw(st.integers(0, len(self.model) - 1))
        self.vector.set(index, word)
        self.model[index] = word

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "vector"):
            assert self.vector.entries == dict(enumerate(self.model))
            for index, word in enumerate(self.model):
                assert self.vector.get(index) == word


TestVectorAndModel = VectorAndModel.TestCase
TestVectorAndModel.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)


def run(vector: Vector, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, word)."""
    for row in range(len(operations)):
        what, index, word = operations[row]
        if what == 0:
            vector.set(index, word)
        else:
            results[row] = vector.get(index)


@pytest.mark.parametrize("capacity", [1, 3, 8])
def test_native_code_does_the_same(capacity: int) -> None:
    random = np.random.default_rng(capacity)
    operations = random.integers([0, 0, LOWEST], [2, capacity, HIGHEST], (200, 3))
    assert_same_in_both_worlds(run, lambda: new_vector(capacity), operations)


class Neighbour(NamedTuple):
    """What a bridge may know of an Ethernet address."""

    address: int
    device: int
    time: int


@compiled_class
class Neighbours(NamedTuple):
    """As an NF does it: structures among its fields, its own values packed into words."""

    stations: Vector
    times: Vector

    def learn(self, index: int, neighbour: Neighbour) -> None:
        self.stations.set(index, neighbour.address << 15 | neighbour.device)
        self.times.set(index, neighbour.time)

    def known(self, index: int) -> Neighbour:
        station = self.stations.get(index)
        return Neighbour(station >> 15, station & 0x7FFF, self.times.get(index))


def learn_and_look(neighbours: Neighbours, index: int, neighbour: Neighbour) -> Neighbour:
    neighbours.learn(index, neighbour)
    return neighbours.known(index)


def test_a_network_function_packs_what_it_knows() -> None:
    neighbour = Neighbour(0xFFFFFFFFFFFF, 2**15 - 1, 2**62 - 1)
    native = njit(**NATIVE_OPTIONS)(learn_and_look)
    for version in (learn_and_look, native):
        neighbours = Neighbours(new_vector(3), new_vector(3))
        assert version(neighbours, 2, neighbour) == neighbour
        assert neighbours.stations.get(1) == neighbours.times.get(1) == 0
    assert calls_in(native) == set()


def test_native_code_is_one_piece() -> None:
    native = compiled_version(run)
    native(new_vector(1), np.zeros((1, 3), np.int64), np.zeros(1, np.int64))
    assert calls_in(native) == set()


def test_words_are_zero_at_first() -> None:
    assert new_vector(2).entries == {0: 0, 1: 0}


def test_a_word_takes_the_place_of_the_one_before() -> None:
    vector = new_vector(3)
    vector.set(1, HIGHEST)
    vector.set(1, LOWEST)
    assert vector.entries == {0: 0, 1: LOWEST, 2: 0}


@pytest.mark.parametrize(
    "misuse",
    [
        lambda vector: vector.get(-1),
        lambda vector: vector.get(2),
        lambda vector: vector.set(-1, 1),
        lambda vector: vector.set(2, 1),
        lambda _: new_vector(0),
        lambda _: new_vector(2**30 + 1),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    vector = new_vector(2)
    with pytest.raises(icontract.ViolationError):
        misuse(vector)
    assert vector.entries == {0: 0, 1: 0}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("self.words[index] = word", "pass"),
        ("self.words[index] = word", "self.words[0] = word"),
        ("return int(self.words[index])", "return 0"),
        ("return len(self.words)\n", "return len(self.words) + 1\n"),
        ("(np.zeros(capacity, np.int64)", "(np.ones(capacity, np.int64)"),
        ("Vector(np.zeros(capacity", "Vector(np.zeros(capacity - 1"),
        ("{i: int(self.words[i])", "{i - 1: int(self.words[i])"),
    ],
)
def test_contracts_refuse_a_wrong_vector(tmp_path: Path, right: str, wrong: str) -> None:
    text = Path(vector_module.__file__).read_text()
    assert text.count(right) == 1
    (tmp_path / "wrong.py").write_text(text.replace(right, wrong))
    names = runpy.run_path(str(tmp_path / "wrong.py"))
    with pytest.raises(icontract.ViolationError):
        vector = names["new_vector"](3)
        vector.set(1, 5)
        vector.get(1)
