"""MAC-learning bridge (IEEE 802.1Q-2014, 8.6 to 8.8), blind to VLANs.

Stations are learned by the source addresses of their frames and forgotten when they fall silent.
Every frame leaves as it came.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.double_chain import MAX_CAPACITY
from libvig.hash_map import Key
from libvig.key_table import HALF, NO_HINT, KeyTable, new_key_table
from libvig.packet.ethernet import Ethernet, is_group, is_reserved
from libvig.packet.packet import FLOOD, MAX_DEVICES, Packet
from libvig.rows import in_rows
from libvig.station_list import StationList, are_apart, are_behind, new_station_list
from libvig.types import (
    DROP_STATION,
    MAX_TIME,
    Count,
    Devices,
    Duration,
    Mac,
    StaticStations,
    Time,
)
from libvig.vector import Vector, new_vector


class Drop(IntEnum):
    """Why a frame is dropped: verdicts below zero."""

    TRUNCATED = -1  # no whole Ethernet header was captured
    RESERVED = -2  # is for the bridges of this segment alone
    FILTERED = -3  # is for a station that is listed as one to drop for
    LOCAL = -4  # is for a station behind the device that it came in by


@compiled
@ensure(lambda destination, result: not is_reserved(destination) or result == Drop.RESERVED)
@ensure(
    lambda destination, device, result: (
        is_reserved(destination) or device != DROP_STATION or result == Drop.FILTERED
    )
)
@ensure(
    lambda destination, device, came_by, result: (
        is_reserved(destination)
        or device == DROP_STATION
        or result == (Drop.LOCAL if device == came_by else device)
    )
)
def filtered(destination: int, device: int, came_by: int) -> int:
    """The verdict on a frame (8.6.1, 8.6.3) whose destination is behind a device, or anywhere."""
    if is_reserved(destination):
        return Drop.RESERVED
    if device == DROP_STATION:
        return Drop.FILTERED
    if device == came_by:
        return Drop.LOCAL
    return device


@invariant(lambda self: 1 <= self.ageing_time <= MAX_TIME, "ageing-time: at least 1 ns")
@invariant(lambda self: 1 <= self.max_stations <= MAX_CAPACITY, "max-stations: from 1 to 2^30")
@invariant(
    lambda self: are_behind(self.static, self.devices), "static: one of the devices, or drop"
)
@invariant(lambda self: are_apart(self.static), "static: no address twice")
@invariant(lambda self: len(self.static) <= MAX_CAPACITY, "static: at most 2^30 addresses")
@invariant(lambda self: 2 <= self.devices <= MAX_DEVICES, "devices: from 2 to 32768")
class BridgeConfig(NamedTuple):
    """What the operator sets. Its rules are checked from the lowest up."""

    devices: Devices
    static: StaticStations  # 8.8.1: where stations are, whatever they send
    max_stations: Count = 16384  # that are learned
    ageing_time: Duration = 300_000_000_000  # of silence after which a station is forgotten


@compiled_class
@invariant(lambda self: self.learned.capacity == self.config.max_stations)
@invariant(lambda self: self.behind.capacity == self.config.max_stations)
@invariant(
    lambda self: all(0 <= device < self.config.devices for device in self.behind.entries.values())
)
@invariant(lambda self: self.static.devices == self.config.devices)
class Bridge(NamedTuple):
    """The filtering database (8.8): station i of the table is behind device i of `behind`."""

    config: BridgeConfig
    static: StationList
    learned: KeyTable
    behind: Vector

    @require(lambda self, packet: packet.device < self.config.devices)
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: all(entry.time <= now for entry in self.learned.entries.values()))
    def process(self, packet: Packet, now: Time) -> int:
        """The device that the frame leaves by, or FLOOD, or why it is dropped."""
        self.learned.expire(now - self.config.ageing_time)
        ethernet = Ethernet(packet)
        if not ethernet.is_complete():
            return Drop.TRUNCATED
        self._learn(ethernet.source(), packet.device, now)
        destination = ethernet.destination()
        return filtered(destination, self._device_of(destination), packet.device)

    @require(lambda self, packet: packet.device < self.config.devices)
    def look_ahead(self, packet: Packet) -> int:
        """Prefetch where both stations are looked for; return a hint of two for `look_closer`."""
        ethernet = Ethernet(packet)
        if not ethernet.is_complete():
            return NO_HINT
        source = self.learned.look_ahead(Key(ethernet.source(), 0))
        destination = self.learned.look_ahead(Key(ethernet.destination(), 0))
        return destination * HALF + source

    def look_closer(self, hint: int) -> int:
        """Prefetch what is stored of the stations; return a hint of their indices."""
        source = self.learned.look_closer(hint % HALF)
        destination = self.learned.look_at_key(hint // HALF)
        return destination * HALF + source % HALF

    def look_closest(self, hint: int) -> None:
        """Prefetch what changes beside the station that sends."""
        self.learned.look_closest(hint % HALF)

    def _learn(self, source: Mac, device: int, now: int) -> None:
        """The Learning Process (8.7), which sees every frame, dropped or not."""
        listed = self.static.find(source)
        if is_group(source) or listed >= 0:
            return
        index = self.learned.use(Key(source, 0), now)
        if index >= 0:
            self.behind.set(index, device)

    def _device_of(self, destination: Mac) -> int:
        """The device that a station is behind; FLOOD if it may be any."""
        index = self.static.find(destination)
        if index >= 0:
            return self.static.get(index).device
        if is_group(destination):
            return FLOOD
        index = self.learned.find(Key(destination, 0))
        if index >= 0:
            return self.behind.get(index)
        return FLOOD


@in_rows("learned", "behind")
def new_bridge(config: BridgeConfig) -> Bridge:
    return Bridge(
        config,
        new_station_list(config.static, config.devices),
        new_key_table(config.max_stations),
        new_vector(config.max_stations),
    )
