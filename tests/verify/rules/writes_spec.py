"""Specs of writes.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from tests.verify.rules.writes import Nf


def first(packet: Packet) -> int:
    return packet.u8(0)


@spec
def the_last_write_counts(nf: Nf, packet: Packet, now: Time) -> None:
    assume(packet.length() >= 8)
    sent = snapshot(packet)
    i, j = sent.u8(0) % 8, sent.u8(1) % 8
    # fails: assert nf.process(packet, now) == 0x23
    assert nf.process(packet, now) == (0x33 if j == 3 else 0x23)
    # fails: assert packet.u8(i) == 1
    assert packet.u8(i) == (3 if i == 3 else 2 if i == j else 1)


@spec
def others_stay(nf: Nf, packet: Packet, now: Time) -> None:
    sent = snapshot(packet)
    nf.process(packet, now)
    i = sent.u8(0) % 8 if sent.length() > 0 else 0
    j = sent.u8(1) % 8 if sent.length() > 1 else 0
    assert all(
        packet.u8(at) == sent.u8(at)
        for at in range(packet.length())
        if at != i
        # fails anywhere: if at >= 0
        if at != j
        if at != 3
    )


@spec
def what_looks_sees_what_is_written(nf: Nf, packet: Packet, now: Time) -> None:
    assume(packet.length() >= 8)
    sent, before = snapshot(packet), first(packet)
    packet.set_u8(0, 9)
    # fails: assert first(packet) == before
    assert first(sent) == before
    packet.set_u8(0, 8)
    # fails: assert first(packet) == 9
    assert first(packet) == 8
    nf.process(packet, now)
