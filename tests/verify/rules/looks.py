"""What only looks at a structure gives the same for the same, until something writes to it."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.flow_key import FlowKey
from libvig.maglev import MaglevTable, new_maglev_table
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100)
class Config(NamedTuple):
    mac: Macs


@compiled_class
@invariant(lambda self: self.table.backends == 3)
class Nf(NamedTuple):
    config: Config
    table: MaglevTable

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        # fails anywhere: self.table.set_live(2, packet.device == 0)
        if packet.device > 0:
            return 1
        return 0

    def chosen(self, key: FlowKey) -> int:
        return self.table.lookup(key.pack().hash())


def new_nf(config: Config) -> Nf:
    return Nf(config, new_maglev_table(3, 7))
