"""Specs of next_packet.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import spec
from libvig.types import Time
from tests.verify.rules.next_packet import Nf


@spec
def written_before(nf: Nf, packet: Packet, now: Time) -> None:
    # fails at call: nf.config.latest[1] = -3
    nf.config.latest[1] = 3
    # at call
    nf.process(packet, now)
    # fails: assert nf.config.latest[1] == 2
    assert nf.config.latest[1] == 1


@spec
def time_does_not_go_back(nf: Nf, packet: Packet, now: Time, second: Packet, later: Time) -> None:
    nf.process(packet, now)
    # fails at second: if later >= now - 1:
    if later >= now:
        # at second
        nf.process(second, later)
        assert nf.config.latest[0] == later
