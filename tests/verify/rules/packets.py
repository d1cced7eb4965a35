"""Several packets, several NFs: each has its own bytes and state."""

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
        if packet.length() < 1:
            return -1
        value = packet.u8(0)
        packet.set_u8(0, 0)
        return value


def new_nf(config: Config) -> Nf:
    return Nf(config)
