"""Specs of looks.py."""

from __future__ import annotations

from libvig.flow_key import FlowKey
from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from tests.verify.rules.looks import Nf


@spec
def the_same_backend_as_before(nf: Nf, packet: Packet, now: Time, later: Time) -> None:
    assume(later >= now)
    before = nf.pool.choose(later)
    nf.process(packet, now)
    assert nf.pool.choose(later) == before


@spec
def equal_keys_have_the_same_backend(nf: Nf, packet: Packet, now: Time, other: Packet) -> None:
    # fails anywhere: assume(packet.device <= other.device)
    assume(packet.device == other.device)
    nf.process(packet, now)
    first = nf.chosen(FlowKey(packet.device, 6, 1, 2, 3, 4))
    # fails: assert nf.chosen(FlowKey(other.device, 6, 1, 2, 3, 5)) == first
    assert nf.chosen(FlowKey(other.device, 6, 1, 2, 3, 4)) == first
