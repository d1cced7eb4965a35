"""What an NF is made of must not be the same thing twice; a structure keeps its own entries."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.flow_table import FlowTable, new_flow_table
from libvig.packet.packet import Packet
from libvig.port_allocator import PortAllocator, new_port_allocator
from libvig.types import MAX_TIME, Macs, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100)
class Config(NamedTuple):
    mac: Macs


@compiled_class
@invariant(lambda self: self.one.capacity == self.two.capacity == self.ports.capacity == 3)
@invariant(lambda self: self.ports.first == 10 and self.ports.last == 14)
class Nf(NamedTuple):
    config: Config
    one: FlowTable
    two: FlowTable
    ports: PortAllocator

    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        holder = packet.device % 3
        self.two.expire(now)
        old = self.ports.port_of(holder)
        new = self.ports.allocate(holder)
        if self.ports.holder_of(new) != holder or self.ports.holder_of(old) >= 0:
            return int(self.config.mac[200])
        # fails: self.one.get(holder)
        self.one.holds(holder)
        return new


def new_nf(config: Config) -> Nf:
    one = new_flow_table(3)
    # unknown anywhere: two = one
    two = new_flow_table(3)
    # fails anywhere: return Nf(config, one, two, new_port_allocator(10, 15, 3))
    return Nf(config, one, two, new_port_allocator(10, 14, 3))
