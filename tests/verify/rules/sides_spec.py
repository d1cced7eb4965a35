"""Specs of sides.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import spec
from libvig.types import Time
from tests.verify.rules.sides import Nf


@spec
def the_verdict_is_by_the_mode(nf: Nf, packet: Packet, now: Time) -> None:
    mode = nf.config.mode
    # fails: assert nf.process(packet, now) == mode
    assert nf.process(packet, now) == (1 if mode == 1 else 0)


@spec
def no_address_is_zero_in_other_modes(nf: Nf, packet: Packet, now: Time) -> None:
    # fails anywhere: assert nf.process(packet, now) == 0 and nf.config.mac[0] > 0
    assert nf.process(packet, now) == 1 or nf.config.mac[0] > 0
