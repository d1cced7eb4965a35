"""Specs of witnesses.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from tests.verify.rules.witnesses import Nf, Place


@spec
def bytes_at_the_beginning_are_small(nf: Nf, packet: Packet, now: Time, place: Place) -> None:
    assume(nf.process(packet, now) == 1)
    # fails: assert packet.data[place.offset] <= 9
    assert packet.data[place.offset - place.offset] <= 9
