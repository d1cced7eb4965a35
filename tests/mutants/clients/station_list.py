"""What callers of a station list count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.hash_map import MAX_CAPACITY
from libvig.station import unpack_station
from libvig.station_list import StationList, are_apart, new_station_list
from libvig.types import DROP_STATION, I64


@require(lambda stations: len(stations) <= MAX_CAPACITY)
@require(
    lambda stations, devices: all(
        unpack_station(int(stations[i])).device < devices
        or unpack_station(int(stations[i])).device == DROP_STATION
        for i in range(len(stations))
    )
)
@require(lambda stations: are_apart(stations))  # noqa: PLW0108 (a contract is a lambda)
@ensure(lambda result: result)
def stations_are_as_listed(stations: I64, devices: int, index: int) -> bool:
    made = new_station_list(stations, devices)
    is_listed = 0 <= index < len(stations)
    if is_listed and made.get(index) != unpack_station(int(stations[index])):
        return False
    return made.devices == devices and (index in made.entries) == is_listed


@ensure(lambda result: result)
def stations_are_within_the_capacity(stations: StationList, index: int) -> bool:
    return (index in stations.entries) == (0 <= index < stations.capacity)


@require(lambda stations, index: index in stations.entries)
@ensure(lambda result: result)
def stations_are_behind_devices(stations: StationList, index: int) -> bool:
    device = stations.get(index).device
    return device < stations.devices or device == DROP_STATION


@require(lambda stations, one: one in stations.entries)
@require(lambda stations, other: other in stations.entries)
@require(lambda one, other: one != other)
@ensure(lambda result: result)
def two_stations_have_two_addresses(stations: StationList, one: int, other: int) -> bool:
    return stations.get(one).address != stations.get(other).address


@require(lambda stations, index: index in stations.entries)
@require(lambda address: address >= 0)
@ensure(lambda result: result)
def who_has_the_address_is_found(stations: StationList, index: int, address: int) -> bool:
    found = stations.find(address)
    if found >= 0 and stations.get(found).address != address:
        return False
    return (found == index) == (stations.get(index).address == address)
