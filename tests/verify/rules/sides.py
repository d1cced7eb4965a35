"""Where an invariant says one thing or another, `process` and a spec mean the same one."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Time


@invariant(
    lambda self: (
        all(self.mac[i] >= 0 for i in range(len(self.mac)))
        if self.mode == 1
        else all(self.mac[i] >= 1 for i in range(len(self.mac)))
    )
)
@invariant(lambda self: len(self.mac) == 2)
class Config(NamedTuple):
    mac: Macs
    mode: int


@compiled_class
@invariant(lambda self: len(self.config.mac) == 2)
class Nf(NamedTuple):
    config: Config

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        # fails anywhere: return 1 if self.config.mode >= 1 else 0
        return 1 if self.config.mode == 1 else 0


def new_nf(config: Config) -> Nf:
    return Nf(config)
