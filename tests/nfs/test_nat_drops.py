"""What the NAT drops, and why; what is dropped is neither changed nor remembered."""

from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from libvig.packet.packet import Packet
from nfs.nat import Drop, Nat
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

DATAGRAM = bytes_of(outbound(UDP(sport=1111, dport=53) / b"query"))
SEGMENT = bytes_of(outbound(TCP(sport=1111, dport=80) / b"data"))


def check_dropped(nat: Nat, packet: Packet, now: int, reason: Drop) -> None:
    """Expect a drop for this reason that leaves the packet and all flows as they are."""
    sent, flows, ports = bytes_of(packet), nat.flows.entries, nat.ports.entries
    assert nat.process(packet, now) == reason
    assert bytes_of(packet) == sent
    assert (nat.flows.entries, nat.ports.entries) == (flows, ports)


def changed(frame: bytes, at: int, field: str) -> bytes:
    new_bytes = bytes.fromhex(field)
    return frame[:at] + new_bytes + frame[at + len(new_bytes) :]


MALFORMED = {
    "no bytes": (b"", Drop.TRUNCATED),
    "Ethernet header cut short": (DATAGRAM[:13], Drop.TRUNCATED),
    "IPv4 header cut short": (DATAGRAM[:33], Drop.TRUNCATED),
    "ARP": (bytes(Ether() / ARP()), Drop.NOT_IPV4),
    "IPv6 by its type": (changed(DATAGRAM, 12, "86dd"), Drop.NOT_IPV4),
    "type alone": (changed(DATAGRAM, 12, "86dd")[:14], Drop.NOT_IPV4),
    "version 6 under the type of IPv4": (changed(DATAGRAM, 14, "65"), Drop.BAD_IPV4_HEADER),
    "IPv4 header of 4 words": (changed(DATAGRAM, 14, "44"), Drop.BAD_IPV4_HEADER),
    "shorter than its IPv4 header": (changed(DATAGRAM, 16, "0013"), Drop.BAD_IPV4_HEADER),
    "longer than its frame": (DATAGRAM[:-1], Drop.BAD_IPV4_HEADER),
    "last fragment": (changed(DATAGRAM, 20, "0001"), Drop.LATER_FRAGMENT),
    "fragment in the middle": (changed(DATAGRAM, 20, "2001"), Drop.LATER_FRAGMENT),
    "ICMP": (bytes_of(outbound(ICMP())), Drop.NOT_TCP_OR_UDP),
    "UDP header behind the frame": (
        bytes_of(outbound(b"1234567", proto=17)),
        Drop.TRUNCATED,
    ),
    "UDP header behind the datagram": (
        changed(DATAGRAM, 16, "001b"),
        Drop.BAD_UDP_HEADER,
    ),
    "UDP header behind the first fragment": (
        changed(changed(DATAGRAM, 16, "001b"), 20, "2000"),
        Drop.BAD_UDP_HEADER,
    ),
    "UDP length of 7": (changed(DATAGRAM, 38, "0007"), Drop.BAD_UDP_HEADER),
    "UDP longer than its datagram": (changed(DATAGRAM, 38, "000e"), Drop.BAD_UDP_HEADER),
    "TCP header behind the frame": (
        bytes_of(outbound(bytes(19), proto=6)),
        Drop.TRUNCATED,
    ),
    "TCP header of 4 words": (changed(SEGMENT, 46, "40"), Drop.BAD_TCP_HEADER),
    "TCP header behind the datagram": (changed(SEGMENT, 46, "70"), Drop.BAD_TCP_HEADER),
}


@pytest.mark.parametrize("device", [LAN, WAN])
@pytest.mark.parametrize(("frame", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_packets(frame: bytes, reason: Drop, device: int) -> None:
    check_dropped(new(), packet_of(frame, device), 0, reason)


@pytest.mark.parametrize(
    "frame",
    [
        DATAGRAM,
        changed(DATAGRAM, 38, "0008"),  # UDP may end before its datagram
        changed(changed(DATAGRAM, 20, "2000"), 38, "ffff"),  # or in a later fragment
        changed(DATAGRAM, 20, "c000"),  # flags other than more fragments
        SEGMENT,
        changed(SEGMENT, 46, "60"),  # TCP options to the end of the datagram
    ],
)
def test_their_neighbours_pass(frame: bytes) -> None:
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
