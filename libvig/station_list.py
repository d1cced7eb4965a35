"""Stations that the operator lists, found by their addresses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.station import Station, unpack_station
from libvig.types import I64


def are_by_address(stations: I64) -> bool:
    """Packed stations are in ascending order of their addresses, and no address is there twice."""
    return all(
        unpack_station(int(stations[i])).address < unpack_station(int(stations[i + 1])).address
        for i in range(len(stations) - 1)
    )


@compiled_class
@invariant(lambda self: all_different(station.address for station in self.entries.values()))
class StationList(NamedTuple):
    """Any number of stations, which stay as they are."""

    words: I64

    @view
    def entries(self) -> dict[int, Station]:
        """The stations in the order of their addresses."""
        return {i: unpack_station(int(self.words[i])) for i in range(len(self.words))}

    @ensure(
        lambda self, address, result: (
            (result in self.entries and self.entries[result].address == address)
            if result >= 0
            else all(station.address != address for station in self.entries.values())
        )
    )
    def find(self, address: int) -> int:
        """Return the index of the station with this address, or -1 if it is not listed."""
        low = 0
        high = len(self.words)
        while low < high:
            middle = low + (high - low) // 2
            if self._address(middle) < address:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.words) and self._address(low) == address else -1

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> Station:
        """Return the station at an index."""
        return unpack_station(int(self.words[index]))

    def _address(self, index: int) -> int:
        return unpack_station(int(self.words[index])).address


@require(lambda stations: are_by_address(stations))  # noqa: PLW0108 (contracts are lambdas)
@ensure(
    lambda stations, result: (
        result.entries == {i: unpack_station(int(stations[i])) for i in range(len(stations))}
    )
)
def new_station_list(stations: I64) -> StationList:
    """Return a list of packed stations, which are in ascending order of their addresses."""
    words = np.zeros(len(stations), np.int64)
    index = 0
    while index < len(stations):
        words[index] = stations[index]
        index += 1
    return StationList(words)
