"""What is wrong with a packet's headers, field by field."""

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from libvig.packet.validity import Fault, has_ipv4, has_ports, ipv4_fault, ports_fault
from tests.packets import packet_of

DATAGRAM = bytes(Ether() / IP() / UDP() / b"query")
SEGMENT = bytes(Ether() / IP() / TCP() / b"data")


def changed(frame: bytes, at: int, field: str) -> bytes:
    new_bytes = bytes.fromhex(field)
    return frame[:at] + new_bytes + frame[at + len(new_bytes) :]


NO_IPV4 = {
    "no bytes": (b"", Fault.TRUNCATED),
    "Ethernet header cut short": (DATAGRAM[:13], Fault.TRUNCATED),
    "IPv4 header cut short": (DATAGRAM[:33], Fault.TRUNCATED),
    "ARP": (bytes(Ether() / ARP()), Fault.NOT_IPV4),
    "IPv6 by its type": (changed(DATAGRAM, 12, "86dd"), Fault.NOT_IPV4),
    "type alone": (changed(DATAGRAM, 12, "86dd")[:14], Fault.NOT_IPV4),
    "version 6 under the type of IPv4": (changed(DATAGRAM, 14, "65"), Fault.BAD_IPV4_HEADER),
    "IPv4 header of 4 words": (changed(DATAGRAM, 14, "44"), Fault.BAD_IPV4_HEADER),
    "shorter than its IPv4 header": (changed(DATAGRAM, 16, "0013"), Fault.BAD_IPV4_HEADER),
    "longer than its frame": (DATAGRAM[:-1], Fault.BAD_IPV4_HEADER),
}

NO_PORTS = {
    "last fragment": (changed(DATAGRAM, 20, "0001"), Fault.LATER_FRAGMENT),
    "fragment in the middle": (changed(DATAGRAM, 20, "2001"), Fault.LATER_FRAGMENT),
    "ICMP": (bytes(Ether() / IP() / ICMP()), Fault.NOT_TCP_OR_UDP),
    "UDP header behind the frame": (
        bytes(Ether() / IP(proto=17) / b"1234567"),
        Fault.TRUNCATED,
    ),
    "UDP header behind the datagram": (changed(DATAGRAM, 16, "001b"), Fault.BAD_UDP_HEADER),
    "UDP header behind the first fragment": (
        changed(changed(DATAGRAM, 16, "001b"), 20, "2000"),
        Fault.BAD_UDP_HEADER,
    ),
    "UDP length of 7": (changed(DATAGRAM, 38, "0007"), Fault.BAD_UDP_HEADER),
    "UDP longer than its datagram": (changed(DATAGRAM, 38, "000e"), Fault.BAD_UDP_HEADER),
    "TCP header behind the frame": (bytes(Ether() / IP(proto=6) / bytes(19)), Fault.TRUNCATED),
    "TCP header of 4 words": (changed(SEGMENT, 46, "40"), Fault.BAD_TCP_HEADER),
    "TCP header behind the datagram": (changed(SEGMENT, 46, "70"), Fault.BAD_TCP_HEADER),
}

GOOD = {
    "UDP": DATAGRAM,
    "UDP that ends before its datagram": changed(DATAGRAM, 38, "0008"),
    "UDP that ends in a later fragment": changed(changed(DATAGRAM, 20, "2000"), 38, "ffff"),
    "flags other than more fragments": changed(DATAGRAM, 20, "c000"),
    "TCP": SEGMENT,
    "TCP options to the end of the datagram": changed(SEGMENT, 46, "60"),
}


@pytest.mark.parametrize(("frame", "fault"), NO_IPV4.values(), ids=NO_IPV4)
def test_what_is_no_ipv4(frame: bytes, fault: Fault) -> None:
    packet = packet_of(frame)
    assert ipv4_fault(packet) == ports_fault(packet) == fault
    assert not has_ipv4(packet)
    assert not has_ports(packet)


@pytest.mark.parametrize(("frame", "fault"), NO_PORTS.values(), ids=NO_PORTS)
def test_what_has_no_ports(frame: bytes, fault: Fault) -> None:
    packet = packet_of(frame)
    assert has_ipv4(packet)
    assert ipv4_fault(packet) == 0
    assert ports_fault(packet) == fault
    assert not has_ports(packet)


@pytest.mark.parametrize("frame", GOOD.values(), ids=GOOD)
def test_what_has_ports(frame: bytes) -> None:
    packet = packet_of(frame)
    assert has_ipv4(packet)
    assert has_ports(packet)
    assert ipv4_fault(packet) == ports_fault(packet) == 0


def test_every_fault_is_found_in_some_packet() -> None:
    assert {fault for _, fault in [*NO_IPV4.values(), *NO_PORTS.values()]} == {*Fault}
