"""Specs of loops.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.packet.word_sum import word_sum
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from tests.verify.rules.loops import Nf


@spec
def four_bytes_are_written(nf: Nf, packet: Packet, now: Time) -> None:
    assume(nf.process(packet, now) >= 0)
    # fails: assert all(packet.u8(at) == 3 * at for at in range(4, 9))
    assert all(packet.u8(at) == 3 * at for at in range(4, 8))


@spec
def sums(nf: Nf, packet: Packet, now: Time) -> None:
    assume(packet.length() >= 24)
    sent, even = snapshot(packet), header_sum(packet, 4)
    nf.process(packet, now)
    before = sent.u16(4) + sent.u16(6)
    change = packet.u16(4) + packet.u16(6) - before
    # fails: assert (header_sum(packet, 4) - even) % 0xFFFF == 0
    assert (header_sum(packet, 4) - even - change) % 0xFFFF == 0
    assert word_sum(packet.data, 5, 7) - word_sum(sent.data, 5, 7) == packet.u16(5) - sent.u16(5)


def header_sum(packet: Packet, start: int) -> int:
    return word_sum(packet.data, start, 24)
