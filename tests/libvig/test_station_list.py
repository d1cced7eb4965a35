"""StationList against a dictionary."""

import runpy
from pathlib import Path
from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libvig import station_list as station_list_module
from libvig.station import Station
from libvig.station_list import StationList, new_station_list
from libvig.types import DROP_STATION, I64
from tests.libvig.native_code import assert_same_in_both_worlds, calls_in, compiled_version

ADDRESSES = st.one_of(
    st.integers(0, 5), st.integers(2**47 - 3, 2**47 + 3), st.integers(0, 2**48 - 1)
)


def packed(devices: dict[int, int]) -> I64:
    """The stations as settings list them, but in any order."""
    return np.array([Station(*entry).pack() for entry in devices.items()], np.int64)


def device_of(stations: StationList, address: int) -> int | None:
    index = stations.find(address)
    if index < 0:
        return None
    assert stations.get(index).address == address
    return stations.get(index).device


@given(devices=st.dictionaries(ADDRESSES, st.integers(0, 2**16 - 1)), other=ADDRESSES)
def test_what_is_listed_is_found_and_nothing_else(devices: dict[int, int], other: int) -> None:
    stations = new_station_list(packed(devices), 2**16)
    for address in (*devices, other, 2**48):
        assert device_of(stations, address) == devices.get(address)


def test_stations_keep_their_places() -> None:
    stations = new_station_list(packed({2**48 - 1: 1, 0: DROP_STATION, 2**47: 3}), 4)
    assert (stations.capacity, stations.devices) == (3, 4)
    assert stations.entries == {
        0: Station(2**48 - 1, 1),
        1: Station(0, DROP_STATION),
        2: Station(2**47, 3),
    }


def test_a_list_is_not_changed_by_what_it_was_made_of() -> None:
    words = packed({1: 2, 3: 4})
    stations = new_station_list(words, 5)
    words[:] = 0
    assert device_of(stations, 3) == 4


def find_all(stations: StationList, operations: I64, results: I64) -> None:
    for row in range(len(operations)):
        index = stations.find(operations[row])
        results[row] = stations.get(index).device if index >= 0 else -1


@pytest.mark.parametrize("size", [0, 1, 2, 7, 8])
def test_native_code_does_the_same(size: int) -> None:
    devices = {2**47 - 8 + 3 * i: i for i in range(size)}
    assert_same_in_both_worlds(
        find_all,
        lambda: new_station_list(packed(devices), 2**16),
        np.arange(2**47 - 10, 2**47 + 20, dtype=np.int64),
    )


def test_native_code_is_one_piece() -> None:
    native = compiled_version(find_all)
    native(new_station_list(packed({}), 1), np.zeros(1, np.int64), np.zeros(1, np.int64))
    assert calls_in(native) == set()


@pytest.mark.parametrize(
    "misuse",
    [
        lambda stations: stations.get(-1),
        lambda stations: stations.get(2),
        lambda stations: stations.find(-1),
        lambda _: new_station_list(packed({1: 1, 2: 2})[[0, 0]], 3),
        lambda _: new_station_list(packed({1: 1, 2: 2}), 2),
        lambda _: new_station_list(np.array([Station(1, 1).pack(), Station(1, 2).pack()]), 3),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    with pytest.raises(icontract.ViolationError):
        misuse(new_station_list(packed({1: 1, 2: 2}), 3))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Key(address, 0)", "Key(address, 1)"),
        ("Key(address, 0)", "Key(address + 1, 0)"),
        ("words[index] = stations[index]", "words[index] = index"),
        (
            "return unpack_station(int(self.words[index]))\n",
            "return unpack_station(int(self.words[0]))\n",
        ),
    ],
)
def test_contracts_refuse_a_wrong_list(tmp_path: Path, right: str, wrong: str) -> None:
    text = Path(station_list_module.__file__).read_text()
    assert text.count(right) == 1
    (tmp_path / "wrong.py").write_text(text.replace(right, wrong))
    names = runpy.run_path(str(tmp_path / "wrong.py"))
    with pytest.raises(icontract.ViolationError):
        stations = names["new_station_list"](packed({1: 1, 2: 2, 3: 3}), 4)
        for address in range(5):
            index = stations.find(address)
            if index >= 0:
                stations.get(index)
