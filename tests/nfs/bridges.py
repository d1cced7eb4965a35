"""A small bridge and its neighbourhood: three segments, stations on them, and some listed ones."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from scapy.layers.l2 import Ether

from libvig.packet.packet import Packet
from libvig.station import Station
from libvig.types import DROP_STATION
from nfs.bridge import Bridge, BridgeConfig, new_bridge
from tests.packets import packet_of

RED, GREEN, BLUE = 0, 1, 2

ANN = "02:00:00:00:00:0a"
BOB = "02:00:00:00:00:0b"
CAT = "02:00:00:00:00:0c"
PRINTER = "02:00:00:00:00:11"  # listed on green
INTRUDER = "02:00:00:00:00:66"  # listed as one to drop for
EVERYONE = "ff:ff:ff:ff:ff:ff"
GROUP = "01:00:5e:00:00:01"
LISTED_GROUP = "01:00:5e:00:00:02"  # on blue
NEIGHBOUR_BRIDGES = "01:80:c2:00:00:00"
STATIONS = [ANN, BOB, CAT, PRINTER, INTRUDER]
GROUPS = [EVERYONE, GROUP, LISTED_GROUP, NEIGHBOUR_BRIDGES, "01:80:c2:00:00:0f"]

AGEING_TIME = 100


def number(address: str) -> int:
    return int(address.replace(":", ""), 16)


def listed(**devices: int) -> Any:
    """Packed stations, as settings list them."""
    return np.array([Station(number(a), d).pack() for a, d in devices.items()], np.int64)


STATIC = {PRINTER: GREEN, INTRUDER: DROP_STATION, LISTED_GROUP: BLUE}


def config(**settings: Any) -> BridgeConfig:
    """Room for two stations, forgotten after 100 ns, unless other settings are given."""
    small = {"devices": 3, "max_stations": 2, "ageing_time": AGEING_TIME}
    return BridgeConfig(**{"static": listed(**STATIC)} | small | settings)


def new(**settings: Any) -> Bridge:
    return new_bridge(config(**settings))


def frame(source: str, destination: str, device: int) -> Packet:
    return packet_of(Ether(src=source, dst=destination, type=0x88B5) / b"data", device)


def random_frame(random: Random) -> Packet:
    """Mostly from one of few stations to another, wherever they are."""
    source = random.choice([*STATIONS * 3, GROUP])
    destination = random.choice([*STATIONS * 3, *GROUPS])
    packet = frame(source, destination, random.choice([RED, GREEN, BLUE]))
    captured = random.choice([len(packet.data)] * 9 + [14, 13, 0])
    return packet._replace(data=packet.data[:captured])
