"""Specs of state.py."""

from __future__ import annotations

from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from tests.verify.rules.state import Nf


@spec
def put_back(nf: Nf, packet: Packet, now: Time) -> None:
    old = int(nf.config.mac[0])
    # fails: assert nf.process(packet, now) == old
    assert nf.process(packet, now) == 3
    # fails: assert nf.config.mac[0] == 3
    assert nf.config.mac[0] == old


@spec
def written_before(nf: Nf, packet: Packet, now: Time) -> None:
    mac, old = nf.config.mac, int(nf.config.mac[0])
    nf.config.mac[0] = 17
    nf.process(packet, now)
    # fails: assert mac[0] == old
    assert mac[0] == 17
    # fails: assert old >= mac[0] or old < 16
    assert old >= mac[0] or old < 17


@spec
def said_before(nf: Nf, packet: Packet, now: Time) -> None:
    were_five = all(nf.config.mac[i] == 5 for i in range(len(nf.config.mac)))
    values = {i: int(nf.config.mac[i]) for i in range(len(nf.config.mac))}
    nf.config.mac[0] = 17
    nf.process(packet, now)
    assume(were_five)
    # fails: assert nf.config.mac[0] == 5
    assert nf.config.mac[1] == 5
    # fails: assert values[0] == 17
    assert values[0] == 5
