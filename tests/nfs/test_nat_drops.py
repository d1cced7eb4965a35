"""What the NAT drops, and why; what is dropped is neither changed nor remembered."""

from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether

from libvig.packet.packet import Packet
from nfs.nat import Drop, Nat
from tests.libvig.packet.test_validity import FLOWS, GOOD, NO_FLOW, NO_IPV4, NO_PORTS
from tests.nfs.nats import (
    CLIENT,
    LAN,
    SERVER,
    STRANGER,
    WAN,
    inbound,
    new,
    outbound,
    source_port,
)
from tests.packets import bytes_of, packet_of


def check_dropped(nat: Nat, packet: Packet, now: int, reason: Drop) -> None:
    """Expect a drop for this reason that leaves the packet and all flows as they are."""
    sent, flows, ports = bytes_of(packet), nat.flows.entries, nat.ports.entries
    assert nat.process(packet, now) == reason
    assert bytes_of(packet) == sent
    assert (nat.flows.entries, nat.ports.entries) == (flows, ports)


MALFORMED = {
    name: (frame, Drop(fault)) for name, (frame, fault) in (NO_IPV4 | NO_PORTS | NO_FLOW).items()
}


@pytest.mark.parametrize("device", [LAN, WAN])
@pytest.mark.parametrize(("frame", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_packets(frame: bytes, reason: Drop, device: int) -> None:
    check_dropped(new(), packet_of(frame, device), 0, reason)


@pytest.mark.parametrize("frame", GOOD.values(), ids=GOOD)
def test_their_neighbours_pass(frame: bytes) -> None:
    assert new().process(packet_of(frame, LAN), 0) == WAN


@pytest.mark.parametrize("device", [LAN, WAN])
@pytest.mark.parametrize("frame", FLOWS.values(), ids=FLOWS)
def test_icmp_without_a_flow(frame: bytes, device: int) -> None:
    error = frame[34] in (3, 4, 11, 12)
    frame = frame[:30] + bytes([192, 0, 2, 1]) + frame[34:]
    if device == WAN:
        reason = Drop.ABOUT_NO_FLOW if error else Drop.UNSOLICITED
        check_dropped(new(), packet_of(frame, WAN), 0, reason)
    elif error:
        check_dropped(new(), packet_of(frame, LAN), 0, Drop.ABOUT_NO_FLOW)
    else:
        assert new().process(packet_of(frame, LAN), 0) == WAN


@pytest.mark.parametrize("port", [0, 4999, 5000, 5002, 5004, 5005, 65535])
@pytest.mark.parametrize("protocol", [TCP, UDP])
def test_what_nobody_asked_for(protocol: Any, port: int) -> None:
    check_dropped(new(), inbound(protocol(sport=53, dport=port)), 0, Drop.UNSOLICITED)


def test_what_is_not_for_the_external_address() -> None:
    nat, packet = new(), outbound(UDP(sport=1111, dport=53))
    nat.process(packet, 0)
    for address in (CLIENT, STRANGER, "192.0.2.2"):
        reply = inbound(UDP(sport=53, dport=source_port(packet)), dst=address)
        check_dropped(nat, reply, 1, Drop.NOT_FOR_THIS_ADDRESS)


@pytest.mark.parametrize("protocol", [TCP, UDP])
def test_what_comes_from_another_remote_endpoint(protocol: Any) -> None:
    nat, packet = new(), outbound(protocol(sport=1111, dport=53))
    nat.process(packet, 0)
    port, other = source_port(packet), TCP if protocol is UDP else UDP
    spoofed = [
        inbound(protocol(sport=53, dport=port), src=STRANGER),
        inbound(protocol(sport=54, dport=port)),
        inbound(other(sport=53, dport=port)),
    ]
    for reply in spoofed:
        check_dropped(nat, reply, 1, Drop.WRONG_REMOTE)
    assert nat.process(inbound(protocol(sport=53, dport=port)), 1) == LAN


def test_new_flows_when_the_table_is_full() -> None:
    nat = new(max_flows=2)
    first, second = outbound(UDP(sport=1, dport=53)), outbound(UDP(sport=2, dport=53))
    assert [nat.process(first, 0), nat.process(second, 1)] == [WAN, WAN]
    check_dropped(nat, outbound(UDP(sport=3, dport=53)), 2, Drop.TABLE_FULL)
    for packet, port in [(first, 1), (second, 2)]:
        reply = inbound(UDP(sport=53, dport=source_port(packet)))
        assert nat.process(reply, 3) == LAN
        assert nat.process(outbound(UDP(sport=port, dport=53)), 3) == WAN
    check_dropped(nat, outbound(UDP(sport=3, dport=53)), 4, Drop.TABLE_FULL)


def test_a_packet_from_outside_does_not_go_outside() -> None:
    reflected = inbound(UDP(sport=1111, dport=53), src=CLIENT, dst=SERVER)
    check_dropped(new(), reflected, 0, Drop.NOT_FOR_THIS_ADDRESS)
    assert IP in Ether(bytes_of(reflected))
