"""Stations that the operator lists, found by their addresses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.hash_map import EMPTY, MAX_CAPACITY, HashMap, Key, new_hash_map
from libvig.station import Station, unpack_station
from libvig.types import DROP_STATION, I64


def are_apart(stations: I64) -> bool:
    """No address is there twice among packed stations."""
    return all_different(unpack_station(int(stations[i])).address for i in range(len(stations)))


@compiled
def is_behind(station: Station, devices: int) -> bool:
    """The station is behind one of the devices, or frames to it are dropped."""
    return station.device < devices or station.device == DROP_STATION


def are_behind(stations: I64, devices: int) -> bool:
    return all(is_behind(unpack_station(int(stations[i])), devices) for i in range(len(stations)))


@compiled_class
@invariant(lambda self: all(is_behind(s, self.devices) for s in self.entries.values()))
@invariant(lambda self: all_different(station.address for station in self.entries.values()))
@invariant(lambda self: all(index in self.entries for index in range(self.capacity)))
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
class StationList(NamedTuple):
    """Any number of stations, which stay as they are."""

    devices: int  # how many there are
    words: I64
    addresses: HashMap

    @property
    def capacity(self) -> int:
        """How many stations there are."""
        return len(self.words)

    @view
    def entries(self) -> dict[int, Station]:
        """The stations as they were listed."""
        return {i: unpack_station(int(self.words[i])) for i in range(len(self.words))}

    @require(lambda address: address >= 0)
    @ensure(
        lambda self, address, result: all(
            index == result for index, station in self.entries.items() if station.address == address
        )
    )
    @ensure(
        lambda self, address, result: (
            result < 0 or (result in self.entries and self.entries[result].address == address)
        )
    )
    def find(self, address: int) -> int:
        """Return the index of the station with this address, or -1 if it is not listed."""
        if len(self.words) == 0:  # as in most networks: there is nothing to hash for
            return EMPTY
        return self.addresses.find(Key(address, 0))

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> Station:
        """Return the station at an index."""
        return unpack_station(int(self.words[index]))


@require(lambda stations: len(stations) <= MAX_CAPACITY)
@require(lambda stations, devices: are_behind(stations, devices))  # noqa: PLW0108 (a lambda)
@require(lambda stations: are_apart(stations))  # noqa: PLW0108 (a contract is a lambda)
@ensure(lambda devices, result: result.devices == devices)
@ensure(
    lambda stations, result: (
        result.entries == {i: unpack_station(int(stations[i])) for i in range(len(stations))}
    )
)
def new_station_list(stations: I64, devices: int) -> StationList:
    """Return a list of packed stations, at most MAX_CAPACITY, no two with the same address.

    Each is behind one of the devices, or it is DROP_STATION that stands for its device.
    """
    words = np.zeros(len(stations), np.int64)
    addresses = new_hash_map(max(len(stations), 1))
    index = 0
    while index < len(stations):
        words[index] = stations[index]
        addresses.insert(index, Key(unpack_station(int(stations[index])).address, 0))
        index += 1
    return StationList(devices, words, addresses)
