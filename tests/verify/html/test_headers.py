"""The headers of a packet as they are drawn, beside scapy, which makes the packets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror, IPOption_NOP, UDPerror
from scapy.layers.l2 import ARP, Dot1Q, Ether

from verify.html.headers import Layer, layers_of

ETHERNET = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
HEADER = IP(src="192.0.2.1", dst="198.51.100.7", ttl=64, id=7)


def drawn(frame: Any) -> list[Layer]:
    return layers_of(bytes(frame))


def cells(layer: Layer) -> dict[str, str]:
    return {cell.name: cell.value for cell in layer.cells}


def test_udp() -> None:
    frame = Ether(bytes(ETHERNET / HEADER / UDP(sport=53, dport=4096) / b"hello"))
    ethernet, ip, udp, payload = drawn(frame)
    assert cells(ethernet) == {
        "Destination": "02:00:00:00:00:02", "Source": "02:00:00:00:00:01", "Type": "0x0800 IPv4",
    }  # fmt: skip
    assert cells(ip) == {
        "Version": "4", "IHL": "5", "DSCP": "0", "ECN": "0", "Total length": "33",
        "Identification": "7", "Flags": "none", "Fragment offset": "0", "TTL": "64",
        "Protocol": "17 UDP", "Header checksum": f"{frame[IP].chksum:#06x}",
        "Source": "192.0.2.1", "Destination": "198.51.100.7",
    }  # fmt: skip
    assert cells(udp) == {
        "Source port": "53", "Destination port": "4096", "Length": "13",
        "Checksum": f"{frame[UDP].chksum:#06x}",
    }  # fmt: skip
    assert (payload.name, payload.start, payload.stop) == ("Payload", 42, 47)


def test_tcp_with_options_in_both_headers() -> None:
    header = HEADER.copy()
    header.options, header.flags = [IPOption_NOP()] * 4, "DF"
    tcp = TCP(sport=1, dport=65535, seq=5, flags="SA", options=[("MSS", 1460)])
    _, ip, segment = drawn(ETHERNET / header / tcp)
    assert cells(ip)["Options"] == "01010101" and cells(ip)["Flags"] == "DF"
    assert cells(segment)["Flags"] == "ACK SYN" and cells(segment)["Sequence number"] == "5"
    assert cells(segment)["Options"] == "020405b4"
    assert (segment.start, segment.stop) == (38, 62)


def test_an_icmp_error_shows_the_packet_that_it_is_about() -> None:
    about = IPerror(src="192.0.2.1", dst="203.0.113.9") / UDPerror(sport=1024, dport=53)
    _, _, error, quoted, udp = drawn(ETHERNET / HEADER / ICMP(type=3, code=4) / about)
    assert cells(error)["Type"] == "3 destination unreachable" and cells(error)["Code"] == "4"
    assert quoted.name == "Quoted IPv4" and cells(quoted)["Destination"] == "203.0.113.9"
    assert udp.name == "Quoted UDP" and cells(udp)["Source port"] == "1024"


def test_an_icmp_query_has_an_identifier() -> None:
    (*_, echo) = drawn(ETHERNET / HEADER / ICMP(type=8, id=77, seq=2))
    assert cells(echo)["Identifier"] == "77" and cells(echo)["Type"] == "8 echo"


def test_vlan_tags_and_what_is_not_ipv4() -> None:
    ethernet, tag, payload = drawn(ETHERNET / Dot1Q(vlan=100, prio=5) / ARP())
    assert cells(ethernet)["Type"] == "0x8100 802.1Q"
    assert cells(tag) == {"Priority": "5", "DEI": "0", "VLAN": "100", "Type": "0x0806 ARP"}
    assert (payload.name, payload.start) == ("Payload", 18)


def test_a_later_fragment_has_no_ports() -> None:
    header = HEADER.copy()
    header.frag, header.proto = 185, 17
    assert [layer.name for layer in drawn(ETHERNET / header / b"12345678")] == [
        "Ethernet", "IPv4", "Payload",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("length", "names", "missing"),
    [
        (0, ["Ethernet"], 14),
        (13, ["Ethernet"], 1),
        (14, ["Ethernet"], 0),
        (24, ["Ethernet", "IPv4"], 10),
        (34, ["Ethernet", "IPv4"], 0),
        (37, ["Ethernet", "IPv4", "UDP"], 5),
    ],
)
def test_a_header_that_is_cut_off(length: int, names: list[str], missing: int) -> None:
    layers = layers_of(bytes(ETHERNET / HEADER / UDP(sport=53, dport=1))[:length])
    assert [layer.name for layer in layers] == names
    assert layers[-1].missing == missing and layers[-1].stop == length


@given(st.binary(max_size=120))
def test_any_bytes_are_drawn_once_each(data: bytes) -> None:
    layers = layers_of(data)
    assert [layer.start for layer in layers[1:]] == [layer.stop for layer in layers[:-1]]
    assert layers[0].start == 0 and layers[-1].stop == len(data)


@given(st.binary(max_size=90))
def test_any_bytes_behind_an_ipv4_header_are_drawn_once_each(data: bytes) -> None:
    for protocol in (1, 6, 17):
        header = HEADER.copy()
        header.proto = protocol
        frame = bytes(ETHERNET / header) + data
        layers = layers_of(frame)
        assert [layer.start for layer in layers[1:]] == [layer.stop for layer in layers[:-1]]
        assert layers[-1].stop == len(frame)
