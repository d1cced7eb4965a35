"""Specs of short_circuit.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from tests.verify.rules.short_circuit import Nf


@spec
def counted(nf: Nf, packet: Packet, now: Time) -> None:
    old = int(nf.config.mac[0])
    assume(packet.length() == 0)
    nf.process(packet, now)
    assert nf.config.mac[0] == old


@spec
def not_counted(nf: Nf, packet: Packet, now: Time) -> None:
    old = int(nf.config.mac[0])
    # fails at count: assume(packet.device <= 6)
    assume(packet.device < 6)
    nf.process(packet, now)
    # at count
    assert nf.config.mac[0] == old
