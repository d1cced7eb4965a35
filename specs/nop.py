"""What a no-op does: it hands every frame on, and touches nothing but the Ethernet addresses."""

from __future__ import annotations

from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet
from libvig.packet.packet import Packet
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from nfs.nop import Nop


@spec
def frames_leave_by_the_other_device(nop: Nop, packet: Packet, now: Time) -> None:
    assume(Ethernet(packet).is_complete())
    assert nop.process(packet, now) == (1 if packet.device == 0 else 0)


@spec
def frames_without_a_header_are_dropped(nop: Nop, packet: Packet, now: Time) -> None:
    assume(packet.length() < ETHERNET_HEADER)
    assert nop.process(packet, now) < 0


@spec
def only_the_ethernet_addresses_change(nop: Nop, packet: Packet, now: Time) -> None:
    sent = snapshot(packet)
    nop.process(packet, now)
    assert all(packet.u8(at) == sent.u8(at) for at in range(12, packet.length()))


@spec
def frames_carry_the_addresses_of_the_next_hop(nop: Nop, packet: Packet, now: Time) -> None:
    device = nop.process(packet, now)
    assume(device >= 0)
    assert Ethernet(packet).source() == nop.config.mac[device]
    assert Ethernet(packet).destination() == nop.config.peer[device]
