"""The NAT translates: what leaves is, byte for byte, the frame that scapy builds."""

from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, UDP, IPOption_NOP, IPOption_RR

from libvig.packet.packet import Packet
from nfs.nat import Drop
from tests.nfs.nats import (
    CLIENT,
    EXTERNAL,
    LAN,
    SERVER,
    WAN,
    inbound,
    leaving,
    new,
    outbound,
    source_port,
)
from tests.packets import bytes_of, packet_of, seen, transport_in

QUERY = UDP(sport=1111, dport=53) / b"query"
REQUEST = TCP(sport=1111, dport=80, flags="S", seq=7) / b"odd"

OPTIONS = [[], [IPOption_NOP()] * 4, [IPOption_RR(routers=["10.0.0.1"] * 9)]]


def under_port(transport: Any, port: int) -> Any:
    changed = transport.copy()
    changed.sport = port
    return changed


def answer_to(packet: Packet, data: bytes) -> Any:
    """The transport layer of an answer to a packet that has left."""
    transport = transport_in(seen(packet))
    return type(transport)(sport=transport.dport, dport=transport.sport) / data


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("transport", [QUERY, REQUEST])
def test_a_new_flow_leaves_under_the_external_address_and_a_port(
    transport: Any, options: Any
) -> None:
    packet = outbound(transport, ttl=9, options=options)
    assert new().process(packet, 0) == WAN
    port = source_port(packet)
    assert 5000 <= port <= 5004
    ip = IP(src=EXTERNAL, dst=SERVER, ttl=9, options=options)
    assert bytes_of(packet) == leaving(WAN, ip, under_port(transport, port))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("transport", [QUERY, REQUEST])
def test_a_reply_comes_back_to_the_client(transport: Any, options: Any) -> None:
    nat, packet = new(), outbound(transport)
    nat.process(packet, 0)
    reply = inbound(answer_to(packet, b"reply"), ttl=50, options=options)
    assert nat.process(reply, 1) == LAN
    ip = IP(src=SERVER, dst=CLIENT, ttl=50, options=options)
    to_client = type(transport)(sport=transport.dport, dport=transport.sport) / b"reply"
    assert bytes_of(reply) == leaving(LAN, ip, to_client)


def test_further_packets_of_a_flow_keep_its_port() -> None:
    nat, ports = new(), set()
    for now in range(5):
        packet = outbound(QUERY)
        assert nat.process(packet, now) == WAN
        ports.add(source_port(packet))
    assert len(ports) == 1


def test_flows_that_differ_in_any_part_have_ports_of_their_own() -> None:
    nat, ports = new(max_flows=5), set()
    packets = [
        outbound(QUERY),
        outbound(QUERY, src="10.0.0.3"),
        outbound(QUERY, dst="198.51.100.8"),
        outbound(UDP(sport=1112, dport=53)),
        outbound(TCP(sport=1111, dport=53)),
    ]
    for packet in packets:
        assert nat.process(packet, 0) == WAN
        ports.add(source_port(packet))
    assert ports == set(range(5000, 5005))


def test_udp_without_a_checksum_stays_without() -> None:
    nat, packet = new(), outbound(UDP(sport=1111, dport=53, chksum=0) / b"query")
    assert nat.process(packet, 0) == WAN
    transport = UDP(sport=source_port(packet), dport=53, chksum=0) / b"query"
    assert bytes_of(packet) == leaving(WAN, IP(src=EXTERNAL, dst=SERVER), transport)
    reply = inbound(UDP(sport=53, dport=source_port(packet), chksum=0) / b"reply")
    assert nat.process(reply, 0) == LAN
    assert seen(reply)[UDP].chksum == 0


def test_a_udp_checksum_that_becomes_zero_is_sent_as_all_ones() -> None:
    first = outbound(QUERY)
    new().process(first, 0)
    port = source_port(first)  # that of the first flow of every new NAT
    # With the checksum over data of zeros as the data, the checksum is zero.
    zeros = leaving(WAN, IP(src=EXTERNAL, dst=SERVER), UDP(sport=port, dport=53) / bytes(2))
    packet = outbound(UDP(sport=1111, dport=53) / zeros[40:42])
    assert seen(packet)[UDP].chksum not in (0, 0xFFFF)
    assert new().process(packet, 0) == WAN
    assert source_port(packet) == port
    assert seen(packet)[UDP].chksum == 0xFFFF
    transport = UDP(sport=port, dport=53) / zeros[40:42]
    assert bytes_of(packet) == leaving(WAN, IP(src=EXTERNAL, dst=SERVER), transport)


@pytest.mark.parametrize("transport", [QUERY, REQUEST])
def test_a_wrong_checksum_is_not_made_right(transport: Any) -> None:
    """The receiver must see that the packet was damaged before it came here."""
    wrong = transport.copy()
    wrong.chksum = 0x1234
    packet = outbound(wrong, chksum=0x4321)
    assert new().process(packet, 0) == WAN
    right = leaving(WAN, IP(src=EXTERNAL, dst=SERVER), under_port(transport, source_port(packet)))
    assert seen(packet)[IP].chksum != int.from_bytes(right[24:26], "big")
    assert transport_in(seen(packet)).chksum != transport_in(seen(packet_of(right))).chksum


@pytest.mark.parametrize("transport", [QUERY, REQUEST])
def test_a_frame_may_be_padded(transport: Any) -> None:
    packet = packet_of(bytes_of(outbound(transport)) + b"\xee" * 18)
    assert new().process(packet, 0) == WAN
    ip = IP(src=EXTERNAL, dst=SERVER)
    expected = leaving(WAN, ip, under_port(transport, source_port(packet)))
    assert bytes_of(packet) == expected + b"\xee" * 18


@pytest.mark.parametrize(("transport", "headers"), [(QUERY, 14 + 20 + 8), (REQUEST, 14 + 20 + 20)])
def test_a_packet_of_which_the_headers_were_captured_is_translated(
    transport: Any, headers: int
) -> None:
    whole = bytes_of(outbound(transport))
    packet = packet_of(whole[:headers], LAN, wire_length=len(whole))
    assert new().process(packet, 0) == WAN
    ip = IP(src=EXTERNAL, dst=SERVER)
    expected = leaving(WAN, ip, under_port(transport, source_port(packet)))
    assert bytes_of(packet) == expected[:headers]
    cut_in_a_header = packet_of(whole[: headers - 1], LAN, wire_length=len(whole))
    assert new().process(cut_in_a_header, 0) == Drop.TRUNCATED


def test_a_first_fragment_is_translated_and_later_ones_are_dropped() -> None:
    nat = new()
    datagram = bytes(IP(src=CLIENT, dst=SERVER) / UDP(sport=1111, dport=53) / bytes(64))[20:]
    first = outbound(datagram[:32], proto=17, flags="MF", id=77)
    later = outbound(datagram[32:], proto=17, frag=4, id=77)
    assert nat.process(first, 0) == WAN
    assert seen(first)[IP].src == EXTERNAL
    sent = bytes_of(later)
    assert nat.process(later, 0) == Drop.LATER_FRAGMENT
    assert bytes_of(later) == sent
    # Put together, the datagram has the checksum that scapy computes.
    port = int.from_bytes(bytes_of(first)[34:36], "big")
    whole = leaving(WAN, IP(src=EXTERNAL, dst=SERVER), UDP(sport=port, dport=53) / bytes(64))
    assert bytes_of(first)[34:] + datagram[32:] == whole[34:]
