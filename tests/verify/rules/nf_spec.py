"""Specs of nf.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import spec
from libvig.types import Time
from tests.verify.rules.nf import Nf


@spec
def the_limit_is_five_at_most(nf: Nf, packet: Packet, now: Time) -> None:
    # fails: assert nf.process(packet, now) == 1
    assert nf.process(packet, now) == 0 or nf.limit <= 5
