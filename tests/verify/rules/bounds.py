"""Indices, stores and loads stay inside; what is stored fits."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.packet.packet import Packet
from libvig.primitives import load32, store16
from libvig.types import MAX_TIME, Macs, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100)
class Config(NamedTuple):
    mac: Macs


@compiled_class
@invariant(lambda self: len(self.config.mac) >= 2)
class Nf(NamedTuple):
    config: Config

    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        # fails at load: if packet.length() < 3:
        if packet.length() < 4:
            return -1
        # fails at element: if packet.device > len(self.config.mac):
        if packet.device >= len(self.config.mac):
            return -2
        # at load
        value = load32(packet.data, 0)
        # fails: store16(packet.data, 2, value & 0x1FFFF)
        store16(packet.data, 2, value & 0xFFFF)
        # fails: packet.data[0] = value >> 23
        packet.data[0] = value >> 24
        # fails: packet.data[3] = -1
        packet.data[3] = 255
        # at element
        return int(self.config.mac[packet.device]) & 0x7F


def new_nf(config: Config) -> Nf:
    return Nf(config)
