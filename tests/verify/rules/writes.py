"""Writes at offsets that are not known: the last one counts, and no other byte changes."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
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
        if packet.length() < 8:
            return -1
        i, j = packet.u8(0) % 8, packet.u8(1) % 8
        packet.set_u8(i, 1)
        packet.set_u8(j, 2)
        # fails at last: i = packet.u8(j) + 7
        i = packet.u8(j) + 1
        # at last
        packet.set_u8(i, 4)
        packet.data[i] = packet.u8(i) - 1
        return packet.u8(j) * 16 + packet.u8(i)


def new_nf(config: Config) -> Nf:
    return Nf(config)
