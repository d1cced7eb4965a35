"""What is wrong with a packet's headers, field by field."""

from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP
from scapy.layers.l2 import ARP, Ether

from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.validity import (
    Fault,
    error_fault,
    flow_fault,
    has_ipv4,
    has_ports,
    ipv4_fault,
    is_icmp_error,
    names_a_flow,
    ports_fault,
    quotes_a_flow,
)
from tests.packets import packet_of

DATAGRAM = bytes(Ether() / IP() / UDP() / b"query")
SEGMENT = bytes(Ether() / IP() / TCP() / b"data")
ECHO = bytes(Ether() / IP() / ICMP() / b"data")


def error(about: Any, quoted: int | None = None, kind: int = 3) -> bytes:
    """An ICMP error that quotes so many bytes, or all, of a packet."""
    return bytes(Ether() / IP() / ICMP(type=kind) / bytes(about)[:quoted])


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
    "SCTP": (bytes(Ether() / IP(proto=132) / bytes(20)), Fault.NOT_TCP_OR_UDP),
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

SMALL = IP() / UDP()  # 28 bytes
LARGE = IP() / TCP()  # 40 bytes
OPTIONS = [IPOption_NOP()] * 40

NO_FLOW = {
    "ICMP header cut short": (ECHO[:41], Fault.BAD_IPV4_HEADER),
    "ICMP header behind the frame": (
        bytes(Ether() / IP(proto=1) / bytes(7)),
        Fault.TRUNCATED,
    ),
    "ICMP header behind the datagram": (changed(ECHO, 16, "001b"), Fault.BAD_ICMP_HEADER),
    "later fragment of ICMP": (changed(ECHO, 20, "0001"), Fault.LATER_FRAGMENT),
    "redirect": (error(SMALL, kind=5), Fault.OTHER_ICMP),
    "router advertisement": (changed(ECHO, 34, "09"), Fault.OTHER_ICMP),
    "quoted header cut short": (error(SMALL, 19), Fault.TRUNCATED),
    "quoted header alone": (error(SMALL, 20), Fault.BAD_QUOTED_HEADER),
    "7 bytes of quoted payload": (error(SMALL, 27), Fault.BAD_QUOTED_HEADER),
    "7 bytes of quoted payload, behind options": (
        error(IP(options=OPTIONS) / UDP(), 67),
        Fault.BAD_QUOTED_HEADER,
    ),
    "quoted IPv6": (changed(error(SMALL), 42, "65"), Fault.BAD_QUOTED_HEADER),
    "quoted header of 4 words": (changed(error(SMALL), 42, "44"), Fault.BAD_QUOTED_HEADER),
    "quoted header without room for UDP": (
        changed(error(SMALL), 44, "001b"),
        Fault.BAD_QUOTED_HEADER,
    ),
    "quoted header without room for TCP": (
        changed(error(LARGE), 44, "0027"),
        Fault.BAD_QUOTED_HEADER,
    ),
    "about a later fragment": (error(IP(frag=1) / UDP()), Fault.ABOUT_LATER_FRAGMENT),
    "about SCTP": (error(IP(proto=132) / bytes(20)), Fault.ABOUT_OTHER_PROTOCOL),
    "about an ICMP error": (error(IP() / ICMP(type=11)), Fault.ABOUT_NO_QUERY),
    "about a redirect": (error(IP() / ICMP(type=5)), Fault.ABOUT_NO_QUERY),
}

FLOWS = {
    "echo": ECHO,
    "echo without data": bytes(Ether() / IP() / ICMP()),
    "address mask reply": changed(ECHO, 34, "12"),
    "first fragment of echo": changed(ECHO, 20, "2000"),
    "about UDP": error(SMALL),
    "about UDP of which more is quoted": error(IP() / UDP() / bytes(100)),
    "about TCP": error(LARGE),
    "about TCP, 8 bytes of it": error(LARGE, 28),
    "about TCP behind options": error(IP(options=OPTIONS) / TCP(), 68),
    "about echo": error(IP() / ICMP()),
    "about a first fragment": error(IP(flags="MF") / UDP()),
    "source quench": error(SMALL, kind=4),
    "time exceeded": error(SMALL, kind=11),
    "parameter problem": error(SMALL, kind=12),
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
    assert flow_fault(packet) == fault
    assert not has_ipv4(packet)
    assert not has_ports(packet)
    assert not names_a_flow(packet)


@pytest.mark.parametrize(("frame", "fault"), NO_PORTS.values(), ids=NO_PORTS)
def test_what_has_no_ports(frame: bytes, fault: Fault) -> None:
    packet = packet_of(frame)
    assert has_ipv4(packet)
    assert ipv4_fault(packet) == 0
    assert ports_fault(packet) == flow_fault(packet) == fault
    assert not has_ports(packet)
    assert not names_a_flow(packet)


@pytest.mark.parametrize("frame", GOOD.values(), ids=GOOD)
def test_what_has_ports(frame: bytes) -> None:
    packet = packet_of(frame)
    assert has_ipv4(packet)
    assert has_ports(packet)
    assert names_a_flow(packet)
    assert ipv4_fault(packet) == ports_fault(packet) == flow_fault(packet) == 0


def fault_of(packet: Packet) -> int:
    """What an NF that takes ICMP, too, finds wrong."""
    if is_icmp_error(packet):
        return error_fault(Ipv4(packet, 14))
    return flow_fault(packet)


def is_of_a_flow(packet: Packet) -> bool:
    if is_icmp_error(packet):
        return quotes_a_flow(Ipv4(packet, 14))
    return names_a_flow(packet)


@pytest.mark.parametrize(("frame", "fault"), NO_FLOW.values(), ids=NO_FLOW)
def test_what_is_no_icmp_message_of_a_flow(frame: bytes, fault: Fault) -> None:
    packet = packet_of(frame)
    assert fault_of(packet) == fault
    assert not is_of_a_flow(packet)
    assert ports_fault(packet) < 0


@pytest.mark.parametrize("frame", FLOWS.values(), ids=FLOWS)
def test_what_is_an_icmp_message_of_a_flow(frame: bytes) -> None:
    packet = packet_of(frame)
    assert fault_of(packet) == 0
    assert is_of_a_flow(packet)
    assert ports_fault(packet) == Fault.NOT_TCP_OR_UDP
    assert not has_ports(packet)


def test_an_error_is_not_of_the_flow_that_it_is_about() -> None:
    for kind in (3, 4, 11, 12):
        packet = packet_of(error(SMALL, kind=kind))
        assert is_icmp_error(packet)
        assert flow_fault(packet) == Fault.OTHER_ICMP
        assert not names_a_flow(packet)


@pytest.mark.parametrize(
    "frame",
    [
        ECHO,
        DATAGRAM,
        error(SMALL, kind=5),
        error(SMALL)[:41],
        changed(error(SMALL), 20, "0001"),  # a later fragment
        changed(error(SMALL), 12, "86dd"),
        changed(error(SMALL), 23, "11"),
    ],
)
def test_what_is_no_error(frame: bytes) -> None:
    assert not is_icmp_error(packet_of(frame, wire_length=70))


@pytest.mark.parametrize(
    ("frame", "least"),
    [
        (ECHO, 42),
        (error(SMALL), 70),
        (error(IP() / UDP() / bytes(100)), 70),
        (error(LARGE, 28), 70),  # the checksum is not in the message
        (error(LARGE), 80),  # the checksum is
        (error(IP() / TCP() / bytes(100)), 80),
    ],
)
def test_what_must_be_captured(frame: bytes, least: int) -> None:
    whole, cut = (
        packet_of(frame[:length], wire_length=len(frame)) for length in (least, least - 1)
    )
    assert (fault_of(whole), fault_of(cut)) == (0, Fault.TRUNCATED)
    assert (is_of_a_flow(whole), is_of_a_flow(cut)) == (True, False)


def test_what_follows_the_datagram_is_not_quoted() -> None:
    padded = error(LARGE, 28) + bytes(12)  # as long as if the checksum was quoted, too
    assert fault_of(packet_of(padded)) == 0
    assert fault_of(packet_of(error(SMALL, 27) + bytes(1))) == Fault.BAD_QUOTED_HEADER


def test_every_fault_is_found_in_some_packet() -> None:
    assert {fault for _, fault in [*NO_IPV4.values(), *NO_PORTS.values(), *NO_FLOW.values()]} == {
        *Fault
    }
