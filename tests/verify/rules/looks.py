"""What only looks at a structure gives the same for the same, until something writes to it."""

from __future__ import annotations

from typing import NamedTuple

from libvig.backend_pool import BackendPool, new_backend_pool
from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.flow_key import FlowKey
from libvig.packet.packet import Packet
from libvig.types import I64, MAX_TIME, Macs, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100 and len(self.listed) == 0)
class Config(NamedTuple):
    mac: Macs
    listed: I64


@compiled_class
@invariant(lambda self: self.pool.capacity == 3)
@invariant(lambda self: all(backend.time <= MAX_TIME for backend in self.pool.entries.values()))
class Nf(NamedTuple):
    config: Config
    pool: BackendPool

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        # fails anywhere: if self.pool.hear(packet.device, now) >= 0:
        if packet.device > 0:
            return 1
        return 0

    def chosen(self, key: FlowKey) -> int:
        return self.pool.choose(key.pack().hash())


def new_nf(config: Config) -> Nf:
    return Nf(config, new_backend_pool(3, 7, config.listed))
