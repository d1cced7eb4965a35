"""What `any` speaks of has a name of its own: in `process` another than in a spec."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Time


@compiled
@require(lambda packet: len(packet.data) >= 3)
@ensure(lambda packet, result: result == 0 or all(packet.data[i] <= 9 for i in range(3)))
@ensure(lambda result: 0 <= result <= 1)
def begins_small(packet: Packet) -> int:
    for i in range(3):
        if int(packet.data[i]) > 9:
            return 0
    return 1


@invariant(lambda self: len(self.mac) == 2)
class Config(NamedTuple):
    mac: Macs


@invariant(lambda self: any(i == self.offset for i in range(60, 90)))
class Place(NamedTuple):
    offset: int


@compiled_class
@invariant(lambda self: len(self.config.mac) == 2)
class Nf(NamedTuple):
    config: Config

    @require(lambda packet: any(packet.data[i] <= 10 for i in range(3)))
    @require(lambda packet: len(packet.data) >= 100)
    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        return begins_small(packet)


def new_nf(config: Config) -> Nf:
    return Nf(config)
