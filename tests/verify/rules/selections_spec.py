"""Specs of selections.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from tests.verify.rules.selections import Nf


@spec
def small_packets(nf: Nf, packet: Packet, now: Time) -> None:
    assume(packet.length() == 1)
    # fails: assert nf.process(packet, now) >= 3
    assert nf.process(packet, now) >= 1
