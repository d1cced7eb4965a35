"""No-op: every frame leaves by the other of two devices. The baseline for benchmarks."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.packet.ethernet import Ethernet, are_mac_addresses
from libvig.packet.packet import MAX_DEVICES, Packet
from libvig.types import MAX_TIME, Macs, Time


class Drop(IntEnum):
    """Why a packet is dropped: verdicts below zero."""

    TRUNCATED = -1  # no whole Ethernet header was captured


@invariant(lambda self: are_mac_addresses(self.peer), "peer: addresses of 48 bits")
@invariant(lambda self: are_mac_addresses(self.mac), "mac: addresses of 48 bits")
@invariant(
    lambda self: 2 <= len(self.mac) <= MAX_DEVICES and len(self.peer) == len(self.mac),
    "mac and peer: one address for each of at least two devices",
)
class NopConfig(NamedTuple):
    """What the operator sets: by device, its own Ethernet address and its neighbour's."""

    mac: Macs
    peer: Macs


@compiled_class
@invariant(lambda self: len(self.config.mac) >= 2)
class Nop(NamedTuple):
    """Forwards from device 0 to 1, and from any other to 0."""

    config: NopConfig

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        """The device that the packet leaves by, or why it is dropped."""
        ethernet = Ethernet(packet)
        if not ethernet.is_complete():
            return Drop.TRUNCATED
        device = 1 if packet.device == 0 else 0
        ethernet.set_addresses(int(self.config.mac[device]), int(self.config.peer[device]))
        return device


@ensure(lambda config, result: result.config == config)
def new_nop(config: NopConfig) -> Nop:
    return Nop(config)
