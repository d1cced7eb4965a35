"""Preconditions of libVig, the invariant kept and set up, and the next call."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100)
class Config(NamedTuple):
    mac: Macs


@compiled_class
@invariant(lambda self: self.flows.capacity == 4)
@invariant(
    lambda self: all(f.key.device < len(self.config.mac) for f in self.flows.entries.values())
)
class Nf(NamedTuple):
    config: Config
    flows: FlowTable

    # fails anywhere: @require(lambda self, packet: packet.device <= len(self.config.mac))
    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: all(f.time <= now for f in self.flows.entries.values()))
    def process(self, packet: Packet, now: Time) -> int:
        # fails: key = FlowKey(packet.device, 256, 1, 2, 3, 4)
        key = FlowKey(packet.device, 6, 1, 2, 3, 4)
        index = self.flows.find(key)
        # fails at touch: if index >= -1:
        if index >= 0:
            # at touch
            self.flows.touch(index, now)
        else:
            # fails: index = self.flows.add(key, now - 1)
            index = self.flows.add(key, now)
        if index >= 0 and self.flows.holds(index):
            # fails: return self.device_of(index + 1)
            return self.device_of(index)
        return -1

    @require(lambda self, index: index in self.flows.entries)
    def device_of(self, index: int) -> int:
        # fails: return int(self.config.mac[self.flows.get(index + 1).device])
        return int(self.config.mac[self.flows.get(index).device])


def new_nf(config: Config) -> Nf:
    # fails: return Nf(config, new_flow_table(5))
    return Nf(config, new_flow_table(4))
