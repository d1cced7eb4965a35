"""Specs of packets.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from tests.verify.rules.packets import Nf


@spec
def twice_the_same(nf: Nf, packet: Packet, now: Time) -> None:
    assume(packet.length() > 0)
    nf.process(packet, now)
    # fails: assert nf.process(packet, now) > 0
    assert nf.process(packet, now) == 0


@spec
def the_other_first(nf: Nf, packet: Packet, now: Time, second: Packet) -> None:
    assume(packet.length() > 0 and second.length() > 0)
    one, other = packet.u8(0), second.u8(0)
    # fails: assert nf.process(second, now) == one
    assert nf.process(second, now) == other
    # fails: assert packet.u8(0) == 0
    assert packet.u8(0) == one
    # fails: assert nf.process(packet, now) == other
    assert nf.process(packet, now) == one


@spec
def another_nf(nf: Nf, packet: Packet, now: Time, other: Nf) -> None:
    copy = snapshot(packet)
    assert nf.process(packet, now) == other.process(copy, now)
    # fails: assert packet.length() == 0 or packet.u8(0) == 1
    assert packet.length() == 0 or packet.u8(0) == 0


@spec
def written_before(nf: Nf, packet: Packet, now: Time) -> None:
    assume(packet.length() > 0 and packet.u8(0) == 7)
    packet.set_u8(0, 9)
    # fails: assert nf.process(packet, now) == 7
    assert nf.process(packet, now) == 9


@spec
def maybe(nf: Nf, packet: Packet, now: Time) -> None:
    verdict = nf.process(packet, now) if packet.device == 0 else -2
    # fails: assert verdict >= -1
    assert verdict >= -1 or packet.device > 0


@spec
# at nothing
def not_about_nothing(nf: Nf, packet: Packet, now: Time) -> None:
    verdict = nf.process(packet, now)
    # unknown at nothing: assume(verdict > 255)
    assume(verdict > 254)
    # unknown at claim: if packet.length() < 1:
    if packet.length() > 1:
        # at claim
        assert verdict == 255
