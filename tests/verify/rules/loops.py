"""Loops with constant bounds are unrolled; checksums are known modulo 65,535."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.packet.checksum import internet_checksum
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
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
        if packet.length() < 24:
            return -1
        for at in range(4, 8):
            # fails anywhere: packet.set_u8(at, at * 40)
            packet.set_u8(at, at * 3)
        header = Ipv4(packet, 4)
        # fails: header.set_destination(0x101020304)
        header.set_destination(0x01020304)
        # fails: return internet_checksum(packet.data, 4, 25)
        return internet_checksum(packet.data, 4, 24)


def new_nf(config: Config) -> Nf:
    return Nf(config)
