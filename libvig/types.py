"""The words that NFs, their settings and the structures use for integers and arrays.

Every quantity is a plain `int`; the alias says what it measures, and the `Quantity` inside says
which values make sense, for settings and for error messages.
"""

from typing import Annotated, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
I32: TypeAlias = NDArray[np.int32]
I64: TypeAlias = NDArray[np.int64]

MAX_TIME = 2**62 - 1
"""Latest time, in nanoseconds: a sum or difference of two times still fits 64 bits."""


class Quantity(NamedTuple):
    """Range of the sensible values of an alias, both ends included."""

    name: str
    lowest: int
    highest: int


Time: TypeAlias = Annotated[int, Quantity("time", 0, MAX_TIME)]
"""Nanoseconds since any fixed moment."""

Duration: TypeAlias = Annotated[int, Quantity("duration", 0, MAX_TIME)]
"""Nanoseconds between two moments."""

Rate: TypeAlias = Annotated[int, Quantity("rate", 1, 2**63 - 1)]
"""Bytes per second."""

Size: TypeAlias = Annotated[int, Quantity("size", 1, 2**32 - 1)]
"""Bytes, as many as a packet can have at most."""

Address: TypeAlias = Annotated[int, Quantity("address", 0, 2**32 - 1)]
"""IPv4 address as a number: 192.0.2.1 is 0xC0000201."""

Mac: TypeAlias = Annotated[int, Quantity("Ethernet address", 0, 2**48 - 1)]
"""MAC address as a number: 02:00:00:00:00:01 is 0x020000000001."""

Port: TypeAlias = Annotated[int, Quantity("port", 0, 2**16 - 1)]
"""Layer 4 port (TCP, UDP). What others call a port of a switch is a `Device` here."""

Device: TypeAlias = Annotated[int, Quantity("device", 0, 2**15 - 1)]
"""Number of a network interface, from 0."""

Devices: TypeAlias = Annotated[int, Quantity("number of devices", 1, 2**15)]
"""How many devices there are: settings count their names."""

Count: TypeAlias = Annotated[int, Quantity("count", 1, 2**30)]
"""How many of something."""

Macs: TypeAlias = Annotated[I64, Quantity("MAC address", 0, 2**48 - 1)]
"""One MAC address a device, each as a 48-bit number."""

DROP_STATION = 2**16 - 1
"""In place of a station's device: frames to it are dropped."""

Stations: TypeAlias = Annotated[I64, Quantity("station", 0, 2**15 - 1)]
"""Stations and their devices (`libvig.station.Station`, packed), by address, none twice."""

StaticStations: TypeAlias = Annotated[I64, Quantity("station", 0, DROP_STATION)]
"""The same, but the word "drop" may stand for a device."""
