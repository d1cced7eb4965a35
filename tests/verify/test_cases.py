"""The state of an NF that is kept and put back, and `process` that is not run twice."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from libvig.packet.packet import Packet
from libvig.types import I32, I64, Bytes
from verify import once
from verify.cases import State
from verify.once import processed_once


class Table(NamedTuple):
    """A part of an NF."""

    numbers: I32
    grid: I64


class Counting(NamedTuple):
    """Counts the packets that it has had and, outside of its state, how often it was run."""

    table: Table
    same_numbers: I32
    settings: tuple[Bytes, int]
    runs: list[int]

    def process(self, packet: Packet, now: int) -> int:
        self.runs[0] += 1
        self.table.grid[1, 0] += 1
        packet.set_u8(0, int(self.table.grid[1, 0]))
        return now + int(self.table.grid[1, 0])


def new_counting() -> Counting:
    numbers = np.arange(3, dtype=np.int32)
    grid = np.arange(4, dtype=np.int64).reshape(2, 2)
    return Counting(Table(numbers, grid), numbers, (np.arange(5, dtype=np.uint8), 7), [0])


def packet_of(*values: int) -> Packet:
    return Packet(np.array(values, np.uint8), len(values), 0)


def test_a_state_holds_what_the_nf_held() -> None:
    nf, state = new_counting(), State(new_counting())
    assert isinstance(state.nf, Counting) and isinstance(state.nf.table, Table)
    assert state.nf.table.numbers.tolist() == [0, 1, 2] and state.nf.table.numbers.dtype == np.int32
    assert state.nf.table.grid.tolist() == nf.table.grid.tolist()
    assert state.nf.settings[0].tolist() == [0, 1, 2, 3, 4] and state.nf.settings[1] == 7


def test_one_array_in_two_places_stays_one() -> None:
    nf = State(new_counting()).nf
    nf.table.numbers[1] = 9
    assert nf.same_numbers.tolist() == [0, 9, 2]


def test_what_was_kept_comes_back() -> None:
    state = State(new_counting())
    state.nf.table.grid[0, 0] = 5
    state.save()
    state.nf.table.grid[:] = 8
    state.nf.settings[0][:] = 8
    state.nf.same_numbers[2] = 8
    state.restore()
    assert state.nf.table.grid.tolist() == [[5, 1], [2, 3]]
    assert state.nf.settings[0].tolist() == [0, 1, 2, 3, 4]
    assert state.nf.table.numbers.tolist() == [0, 1, 2]


def test_changes_are_made_again() -> None:
    state = State(new_counting())
    state.nf.table.grid[0, 1] = 5
    first = state.changes()
    state.restore()
    state.nf.settings[0][4] = 6
    second = state.changes()
    state.change(second, first)
    assert state.nf.table.grid.tolist() == [[0, 5], [2, 3]]
    assert state.nf.settings[0].tolist() == [0, 1, 2, 3, 4]


def sent(nf: Any, packet: Packet, now: int) -> tuple[int, int, int]:
    """The verdict, the byte that was written, and the state after that."""
    return nf.process(packet, now), packet.u8(0), int(nf.table.grid[1, 0])


def test_process_runs_once_for_each_state_packet_and_time() -> None:
    state = State(new_counting())
    nf = state.nf
    with processed_once(state) as calls:
        for _ in range(3):
            assert sent(nf, packet_of(1, 2), 10) == (13, 3, 3)
            assert sent(nf, packet_of(1, 2), 10) == (14, 4, 4)  # in the state after the first
            state.restore()
        assert nf.runs == [2]
        assert sent(nf, packet_of(1, 3), 10) == (13, 3, 3)
        state.restore()
        assert sent(nf, packet_of(1, 2), 11) == (14, 3, 3)
        state.restore()
        nf.table.numbers[0] = 1  # as if a spec had
        assert sent(nf, packet_of(1, 2), 10) == (13, 3, 3)
        assert nf.runs == [5] and nf.table.numbers[0] == 1
        state.save()
        calls.forget()
        assert sent(nf, packet_of(1, 2), 10) == (14, 4, 4)
        assert nf.runs == [6]


def test_another_object_of_the_class_is_run() -> None:
    state, other = State(new_counting()), new_counting()
    with processed_once(state):
        assert sent(state.nf, packet_of(1), 0) == (3, 3, 3)
        assert sent(other, packet_of(1), 0) == sent(new_counting(), packet_of(1), 0)
        assert other.runs == [1]
    assert sent(other, packet_of(1), 0) == (4, 4, 4)


def test_a_large_state_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    state = State(new_counting())
    monkeypatch.setattr(once, "LARGEST", len(state.memory) - 1)
    with processed_once(state):
        for _ in range(2):
            assert sent(state.nf, packet_of(1), 0) == (3, 3, 3)
            state.restore()
    assert state.nf.runs == [2]
