"""MyNf: storm control between two devices. Frames pass, but not too many broadcasts.

A frame to one station passes as it is. Of frames to several stations (broadcast and multicast),
at most `limit` from each device pass in an `interval`; it begins with the first one of them.

`pyvigor verify my_nf.py` proves that no packet, at any time, makes this file fail, and that what
specs/my_nf.py says holds. It follows a part of Python: integers, tuples, `if`, bounded `for`,
functions, and the structures of libvig. What lies outside is refused, with what to write instead.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.packet.ethernet import Ethernet, is_group
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Count, Devices, Duration, Time
from libvig.vector import Vector, new_vector


class Drop(IntEnum):
    """Why a packet is dropped: a verdict below zero. One of 0 or more is a device to leave by."""

    TRUNCATED = -1  # no whole Ethernet header was captured
    STORM = -2  # more broadcasts than may pass


# Rules of the settings. Who sets what they forbid gets the text, and nothing starts.
@invariant(lambda self: 1 <= self.interval <= MAX_TIME, "interval: at least 1 ns")
@invariant(lambda self: 1 <= self.limit <= 2**30, "limit: from 1 to 2**30")
@invariant(lambda self: self.devices == 2, "devices: two, such as lan and wan")
class MyNfConfig(NamedTuple):
    """What the operator sets, by `pyvigor run my_nf.py --set limit=10` or in a TOML file."""

    devices: Devices = 2
    limit: Count = 100  # broadcasts that pass in an interval
    interval: Duration = 1_000_000_000  # nanoseconds, as all times are


# What holds of the state between any two packets, for ever. The verifier may count on it before a
# packet, and must prove it after the packet; without it, it would have to reckon with any numbers.
@compiled_class
@invariant(
    lambda self: all(0 <= count <= self.config.limit for count in self.passed.entries.values())
)
@invariant(lambda self: all(time >= 0 for time in self.began.entries.values()))
@invariant(lambda self: self.began.capacity == self.passed.capacity == self.config.devices)
class MyNf(NamedTuple):
    """State is in structures such as a vector; the object itself never changes."""

    config: MyNfConfig
    began: Vector  # by device: when its interval began
    passed: Vector  # by device: how many broadcasts passed since then

    # What the caller promises: the device exists, and the clock does not go back.
    @require(lambda self, packet: packet.device < self.config.devices)
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: all(time <= now for time in self.began.entries.values()))
    def process(self, packet: Packet, now: Time) -> int:
        """The device that the packet leaves by, or why it is dropped."""
        ethernet = Ethernet(packet)
        if not ethernet.is_complete():  # leave this out, and the next line is refuted
            return Drop.TRUNCATED
        if is_group(ethernet.destination()) and not self._may_pass(packet.device, now):
            return Drop.STORM
        return 1 - packet.device

    def _may_pass(self, device: int, now: int) -> bool:
        """Whether one more broadcast from a device may pass; counts it if so."""
        if now - self.began.get(device) >= self.config.interval:
            self.began.set(device, now)
            self.passed.set(device, 1)
            return True
        passed = self.passed.get(device)
        if passed == self.config.limit:
            return False
        self.passed.set(device, passed + 1)
        return True


def new_my_nf(config: MyNfConfig) -> MyNf:
    """The network function at start-up. That the invariants hold of it is proved, too."""
    return MyNf(config, new_vector(config.devices), new_vector(config.devices))
