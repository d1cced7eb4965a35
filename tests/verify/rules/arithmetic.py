"""Every value fits 64 bits; divisors, shifts and masks mean what Python means."""

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
        x = packet.device - 20000
        # fails: y = now * 3
        y = now * 2
        # fails: z = (now << 3) * 15
        z = (now >> 3) * 15
        low, high = x % 8, x // 8
        if high * 8 + low != x or low != x & 7 or high != x >> 3:
            return int(self.config.mac[200])
        # fails: if -x != ~x + 1 or (x << 64) // 4 != x:
        if -x != ~x + 1 or (x << 2) // 4 != x:
            return int(self.config.mac[200])
        # fails: if x // 0 > 1277 or x % 10 > 9:
        if x // 10 > 1277 or x % 10 > 9:
            return int(self.config.mac[200])
        if y < 0 or z < 0:
            return int(self.config.mac[200])
        return min(max(x, 0), 5)


def new_nf(config: Config) -> Nf:
    return Nf(config)
