"""A function is not taken for a field of its name, though the file is called like the NF."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Time


@compiled
@ensure(lambda result: result <= 5)
def limit() -> int:
    return 5


@invariant(lambda self: len(self.mac) == 2)
class Config(NamedTuple):
    mac: Macs


@compiled_class
@invariant(lambda self: self.limit >= 4)
class Nf(NamedTuple):
    config: Config
    limit: int

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        return 1 if self.limit == limit() else 0


def new_nf(config: Config) -> Nf:
    return Nf(config, 4)
