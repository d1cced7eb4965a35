"""A search halves the part of the list that it has not ruled out.

What is before that part has lower addresses than the one that is sought, what is behind it has
that or higher ones. So in the end, the first station that is not before it is the only candidate.

That each address is lower than the next makes it lower than all that follow; the constructor sees
this, one station after another.
"""

from __future__ import annotations

from libvig.proof.notation import about, always, decreases, loop
from libvig.station import unpack_station
from libvig.station_list import StationList, new_station_list
from libvig.types import I64


@about
class Sorted(StationList):
    """A list in the order of its addresses."""

    def indices(self) -> range:
        return range(len(self.words))

    @always
    def addresses_rise(self) -> bool:
        return all(
            self._address(one) < self._address(other)
            for one in self.indices()
            for other in self.indices()
            if one < other
        )

    @loop(StationList.find)
    def rest_is_a_part(self, low: int, high: int) -> bool:
        return 0 <= low <= high <= len(self.words)

    @loop(StationList.find)
    def those_before_are_lower(self, low: int, address: int) -> bool:
        return all(self._address(index) < address for index in self.indices() if index < low)

    @loop(StationList.find)
    def those_behind_are_not(self, high: int, address: int) -> bool:
        return all(address <= self._address(index) for index in self.indices() if high <= index)

    @decreases(StationList.find)
    def rest(self, low: int, high: int) -> int:
        return high - low


@loop(new_station_list)
def index_in_range(index: int, stations: I64) -> bool:
    return 0 <= index <= len(stations)


@loop(new_station_list)
def words_are_copied(index: int, words: I64, stations: I64) -> bool:
    return all(words[i] == stations[i] for i in range(index))


@loop(new_station_list)
def addresses_rise_so_far(index: int, stations: I64) -> bool:
    return all(
        unpack_station(int(stations[one])).address < unpack_station(int(stations[other])).address
        for one in range(index)
        for other in range(index)
        if one < other
    )


@loop(new_station_list)
def last_is_highest(index: int, stations: I64) -> bool:
    return all(
        unpack_station(int(stations[one])).address
        < unpack_station(int(stations[index - 1])).address
        for one in range(index - 1)
    )


@decreases(new_station_list)
def left(index: int, stations: I64) -> int:
    return len(stations) - index
