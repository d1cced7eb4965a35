"""Specs of structures.py."""

from __future__ import annotations

from libvig.contracts import all_different
from libvig.flow_key import FlowKey
from libvig.flow_table import Flow
from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from tests.verify.rules.structures import Nf


def key_of(packet: Packet) -> FlowKey:
    return FlowKey(packet.device, 6, 1, 2, 3, 4)


@spec
def one_flow_is_added_or_refreshed(nf: Nf, packet: Packet, now: Time) -> None:
    old = nf.flows.entries
    nf.process(packet, now)
    if nf.flows.entries != old:
        # fails: assert all(i in old for i in nf.flows.entries)
        assert all(i in nf.flows.entries for i in old)
        assert all(f.time == now for i, f in nf.flows.entries.items() if i not in old)
    # fails: assert all_different(f.time for f in nf.flows.entries.values())
    assert all_different(f.key for f in nf.flows.entries.values())


@spec
def known_flow_is_refreshed(nf: Nf, packet: Packet, now: Time) -> None:
    old = nf.flows.entries
    assume(2 in old and old[2].key == key_of(packet))
    nf.process(packet, now)
    # fails: assert nf.flows.entries == old
    assert nf.flows.entries == old | {2: Flow(key_of(packet), now)}
    # fails: assert nf.flows.entries[1].time <= now
    assert 2 in nf.flows.entries and nf.flows.entries[2].time == now


@spec
def others_stay(nf: Nf, packet: Packet, now: Time) -> None:
    old = {i: f.time for i, f in nf.flows.entries.items() if f.key != key_of(packet)}
    nf.process(packet, now)
    new = {i: f.time for i, f in nf.flows.entries.items() if f.key != key_of(packet)}
    assert new == old
    # fails: assert all(t < now for t in old.values())
    assert all(t <= now for t in old.values())
