"""Specs of apart.py."""

from __future__ import annotations

from libvig.contracts import all_different
from libvig.packet.packet import Packet
from libvig.spec import spec
from libvig.types import Time
from tests.verify.rules.apart import Nf


@spec
def only_one_table_expires(nf: Nf, packet: Packet, now: Time) -> None:
    one, two = nf.one.entries, nf.two.entries
    nf.process(packet, now)
    # fails: assert nf.one.entries == nf.two.entries
    assert nf.one.entries == one
    # fails: assert nf.two.entries == two
    assert nf.two.entries == {i: f for i, f in two.items() if f.time >= now}


@spec
def a_port_that_nobody_held(nf: Nf, packet: Packet, now: Time) -> None:
    old = nf.ports.entries
    port = nf.process(packet, now)
    # fails: assert all(p < port for p in old.values())
    assert all(p != port for p in old.values())
    # fails: assert nf.ports.entries == old
    assert nf.ports.entries == old | {packet.device % 3: port}
    assert all_different(nf.ports.entries.values())
