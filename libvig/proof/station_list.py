"""The map has the address of every station under the station's index, and no other key."""

from __future__ import annotations

from libvig.hash_map import HashMap, Key
from libvig.proof.notation import about, always, decreases, loop
from libvig.station import unpack_station
from libvig.station_list import StationList, new_station_list
from libvig.types import I64


@about
class Mapped(StationList):
    """A list with a map of its addresses."""

    @always
    def every_address_is_mapped(self) -> bool:
        return all(
            index in self.addresses.entries
            and self.addresses.entries[index]
            == Key(unpack_station(int(self.words[index])).address, 0)
            for index in range(len(self.words))
        )

    @always
    def nothing_else_is(self) -> bool:
        return all(0 <= index < len(self.words) for index in self.addresses.entries)


@loop(new_station_list)
def index_in_range(index: int, stations: I64) -> bool:
    return 0 <= index <= len(stations)


@loop(new_station_list)
def words_are_copied(index: int, words: I64, stations: I64) -> bool:
    return all(words[i] == stations[i] for i in range(index))


@loop(new_station_list)
def addresses_are_mapped(index: int, addresses: HashMap, stations: I64) -> bool:
    return all(
        i in addresses.entries
        and addresses.entries[i] == Key(unpack_station(int(stations[i])).address, 0)
        for i in range(index)
    )


@loop(new_station_list)
def no_others_are(index: int, addresses: HashMap) -> bool:
    return all(0 <= i < index for i in addresses.entries)


@decreases(new_station_list)
def left(index: int, stations: I64) -> int:
    return len(stations) - index
