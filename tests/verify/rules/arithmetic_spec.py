"""Specs of arithmetic.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import spec
from libvig.types import Time
from tests.verify.rules.arithmetic import Nf


@spec
def clamped(nf: Nf, packet: Packet, now: Time) -> None:
    # fails: assert 0 <= nf.process(packet, now) < 5
    assert 0 <= nf.process(packet, now) <= 5


@spec
def rounds_down(nf: Nf, packet: Packet, now: Time) -> None:
    nf.process(packet, now)
    x = packet.device - 10
    # fails: assert x // 4 * 4 < x
    assert x // 4 * 4 <= x
    # fails: assert x >= 0 or x // 100000 == 0
    assert x >= 0 or x // 100000 == -1
