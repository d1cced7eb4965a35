"""What `process` asks of state and time together holds at start-up and after every packet."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Time


@invariant(lambda self: len(self.latest) == 2)
class Config(NamedTuple):
    latest: Macs


@compiled_class
@invariant(lambda self: self.config.latest[1] >= 0)
class Nf(NamedTuple):
    config: Config

    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: self.config.latest[0] <= now)
    # at kept
    def process(self, packet: Packet, now: Time) -> int:
        # fails at kept: self.config.latest[0] = now + 1
        self.config.latest[0] = now
        # fails at kept: self.config.latest[1] = int(self.config.latest[1]) - 1
        self.config.latest[1] = int(self.config.latest[1]) // 2
        return 0


# fails at built: @require(lambda config: config.latest[0] >= -(2**62))
@require(lambda config: config.latest[0] == -(2**63))
@require(lambda config: config.latest[1] == 0)
# fails at built: @ensure(lambda config, result: result.config.latest[1] > config.latest[1])
@ensure(lambda config, result: result.config.latest[1] >= config.latest[1])
# at built
def new_nf(config: Config) -> Nf:
    return Nf(config)
