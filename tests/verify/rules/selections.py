"""`select` is one of two numbers, both of which are evaluated, whichever it is."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.packet.packet import Packet
from libvig.primitives import select
from libvig.types import MAX_TIME, Macs, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100)
class Config(NamedTuple):
    mac: Macs


@compiled
@ensure(lambda a, b, result: result >= a and result >= b and result <= max(a, b))
# at larger
def larger(a: int, b: int) -> int:
    # fails at larger: return select(a > b, b, a)
    return select(a > b, a, b)


@compiled_class
@invariant(lambda self: len(self.config.mac) >= 2)
class Nf(NamedTuple):
    config: Config

    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        length = packet.length()
        if length == 0:
            return 0
        # fails anywhere: first = select(length > 1, packet.u8(1), 0)
        first = select(length > 1, packet.u8(length - 1), 0)
        # fails anywhere: of_mac = select(first < 2, int(self.config.mac[first]), 0)
        of_mac = select(first < 2, int(self.config.mac[select(first < 2, first, 1)]), 0)
        # fails anywhere: nested = select(first > 7, select(length > 5, packet.u8(5), 1), 2)
        nested = select(first > 7, select(length > 5, packet.u8(0), 1), 2)
        # fails anywhere: if self.config.mac[select(length > 2, 0, 2)] == now:
        if self.config.mac[select(length > 2, 0, 1)] == now:
            return 1
        return larger(nested, first) + (1 if of_mac > 0 else 0)


def new_nf(config: Config) -> Nf:
    return Nf(config)
