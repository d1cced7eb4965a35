"""What looks ahead is within bounds, whatever packet and hint are, and writes nothing."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.hash_map import Key
from libvig.key_table import NO_HINT, KeyTable, new_key_table
from libvig.packet.packet import Packet
from libvig.types import I64, MAX_TIME, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100)
class Config(NamedTuple):
    mac: I64


@compiled_class
@invariant(lambda self: self.table.capacity == 3)
class Nf(NamedTuple):
    config: Config
    table: KeyTable

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        return 0

    @require(lambda self, packet: packet.device < len(self.config.mac))
    # at ahead
    def look_ahead(self, packet: Packet) -> int:
        # fails at load: if packet.length() < 5:
        if packet.length() < 6:
            return NO_HINT
        # fails: if self.config.mac[packet.device + 1] == 5:
        if self.config.mac[packet.device] == 5:
            return NO_HINT
        # at load
        address = packet.u32(2)
        key = Key(address, 0)
        # unknown at ahead: packet.set_u16(0, 0)
        self.table.fetch(address)
        # unknown at ahead: self.table.expire(address)
        self.table.fetch(address + 1)
        return self.table.look_ahead(key)

    def look_closer(self, hint: int) -> int:
        index = self.table.look_closer(hint)
        # fails: if self.config.mac[index] == 4:
        if 0 <= index < len(self.config.mac) and self.config.mac[index] == 4:
            self.table.fetch(index)
        # fails: self.table.fetch(hint + 1)
        self.table.fetch(hint)
        return index

    def look_closest(self, hint: int) -> None:
        # fails: self.table.look_closest(hint * 2)
        self.table.look_closest(hint)


def new_nf(config: Config) -> Nf:
    return Nf(config, new_key_table(3))
