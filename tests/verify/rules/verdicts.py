"""A device is what `process` requires of one, in whatever words; else that of the packet alone."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Time


class Drop(IntEnum):
    EMPTY = -1


@invariant(lambda self: len(self.mac) == 3)
class Config(NamedTuple):
    mac: Macs


@compiled_class
@invariant(lambda self: len(self.config.mac) == 3)
class Nf(NamedTuple):
    config: Config

    # fails at verdict: @require(lambda packet: packet.wire_length < 3000)
    # fails at verdict: @require(lambda packet: packet.device < 2)
    @require(lambda packet: packet.device < 3)
    @require(lambda now: 0 <= now <= MAX_TIME)
    # at verdict
    def process(self, packet: Packet, now: Time) -> int:
        if packet.length() == 0:
            # fails at verdict: return -2
            return Drop.EMPTY
        # fails at verdict: return packet.device + 1
        return 2 - packet.device if packet.device < 3 else packet.device


def new_nf(config: Config) -> Nf:
    return Nf(config)
