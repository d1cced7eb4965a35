"""What stands behind `and`, `or`, `if … else` and in a chain is evaluated only if need be."""

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
        length = packet.length()
        # fails anywhere: if length >= 0 and packet.u8(length - 1) == 7:
        if length > 0 and packet.u8(length - 1) == 7:
            return 1
        # fails anywhere: if length != 0 or packet.u8(0) == 7:
        if length == 0 or packet.u8(0) == 7:
            return 2
        if 0 <= packet.device < len(self.config.mac) <= int(self.config.mac[packet.device]):
            return 3
        # fails anywhere: first = packet.u8(1) if length > 0 else 0
        first = packet.u8(1) if length > 1 else 0
        if 5 < packet.device < self.visit():
            return first + 256
        return first

    def visit(self) -> int:
        self.config.mac[0] = 1
        return 1000


def new_nf(config: Config) -> Nf:
    return Nf(config)
