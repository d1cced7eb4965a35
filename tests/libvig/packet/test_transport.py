"""TCP, UDP or ICMP by the protocol number, and their checksums against scapy."""

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import example, given
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from libvig.packet.checksum import MAX_WORDS, words
from libvig.packet.ipv4 import Ipv4
from libvig.packet.transport import Transport
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import (
    ADDRESSES,
    PORTS,
    bytes_of,
    frames,
    packet_of,
    transport_in,
    with_checksums,
)

TCP_HEADER = bytes.fromhex("04d2 0050 00000001 00000002 5018 2000 abcd 0000")
UDP_HEADER = bytes.fromhex("cc85 0035 000d abcd")
ECHO_REQUEST = bytes.fromhex("0800 abcd 04d2 0001")

# The computed checksum of this one is zero as soon as its source port is 0x1235.
TO_ZERO = Ether() / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=0x1234, dport=53) / b"\xd9\x6d"


def test_the_protocol_decides_where_the_checksum_is() -> None:
    for protocol, header, at in [(6, TCP_HEADER, 16), (17, UDP_HEADER, 6)]:
        packet = packet_of(header)
        transport = Transport(packet, 0, protocol)
        assert transport.source_port() == int.from_bytes(header[:2], "big")
        assert transport.destination_port() == int.from_bytes(header[2:4], "big")
        transport.set_source_port(0x0102)
        transport.set_destination_port(0x0304)
        transport.update_checksum(old=0, new=1)
        assert bytes_of(packet) == (
            bytes([1, 2, 3, 4]) + header[4:at] + b"\xab\xcc" + header[at + 2 :]
        )


def test_the_identifier_of_a_query_is_its_port() -> None:
    packet = packet_of(ECHO_REQUEST)
    transport = Transport(packet, 0, 1)
    assert transport.source_port() == transport.destination_port() == 0x04D2
    transport.set_source_port(0x0102)
    assert bytes_of(packet) == ECHO_REQUEST[:4] + bytes([1, 2]) + ECHO_REQUEST[6:]
    transport.set_destination_port(0x0304)
    transport.update_checksum(old=0, new=1)
    assert bytes_of(packet) == bytes.fromhex("0800 abcc 0304 0001")


@pytest.mark.parametrize(
    ("protocol", "covered"), [(6, 0x0A00 + 2 + 53), (17, 0x0A00 + 2 + 53), (1, 53)]
)
def test_only_the_checksum_of_icmp_covers_no_address(protocol: int, covered: int) -> None:
    transport = Transport(packet_of(TCP_HEADER), 0, protocol)
    assert transport.covered(0x0A000002, 53) == covered


@pytest.mark.parametrize(
    ("protocol", "length", "expected"),
    [
        (6, 20, True),
        (6, 19, False),
        (17, 8, True),
        (17, 7, False),
        (1, 8, True),
        (1, 7, False),
        (0, 20, False),
        (132, 20, False),  # SCTP, which has ports too, but another checksum
    ],
)
def test_a_whole_header_of_these_is_complete(protocol: int, length: int, expected: bool) -> None:
    transport = Transport(packet_of(TCP_HEADER[:length], wire_length=60), 0, protocol)
    assert transport.is_complete() == expected
    assert not Transport(transport.packet, 1, protocol).is_complete()
    assert not Transport(transport.packet, -1, protocol).is_complete()


ACCESSORS: list[Callable[[Transport], Any]] = [
    lambda transport: transport.source_port(),
    lambda transport: transport.destination_port(),
    lambda transport: transport.set_source_port(0),
    lambda transport: transport.set_destination_port(0),
    lambda transport: transport.checksum_at(),
    lambda transport: transport.covered(0, 0),
    lambda transport: transport.update_checksum(0, 0),
]


@pytest.mark.parametrize("accessor", ACCESSORS)
@pytest.mark.parametrize(("protocol", "length"), [(6, 7), (17, 7), (1, 7), (132, 20)])
def test_without_ports_none_are_looked_at(
    accessor: Callable[[Transport], Any], protocol: int, length: int
) -> None:
    transport = Transport(packet_of(TCP_HEADER[:length], wire_length=60), 0, protocol)
    assert not transport.has_ports()
    with pytest.raises(icontract.ViolationError, match="has_"):
        accessor(transport)


@pytest.mark.parametrize(("protocol", "length"), [(6, 8), (6, 19), (17, 8), (1, 8)])
def test_what_an_icmp_error_quotes_has_ports(protocol: int, length: int) -> None:
    transport = Transport(packet_of(TCP_HEADER[:length], wire_length=60), 0, protocol)
    assert transport.has_ports()
    assert transport.is_complete() == (protocol != 6)
    assert transport.source_port() == (0 if protocol == 1 else 0x04D2)


def test_a_checksum_that_was_not_captured_is_not_updated() -> None:
    for length, is_there in [(17, False), (18, True)]:
        transport = Transport(packet_of(TCP_HEADER[:length], wire_length=60), 0, 6)
        if is_there:
            transport.update_checksum(0, 1)
            assert bytes_of(transport.packet)[16:] == b"\xab\xcc"
        else:
            with pytest.raises(icontract.ViolationError, match="has_checksum"):
                transport.update_checksum(0, 1)


@given(frames(), ADDRESSES, PORTS, ADDRESSES, PORTS)
@example(Ether(bytes(TO_ZERO)), 0x0A000001, 0x1235, 0x0A000002, 53)
def test_updated_checksums_are_those_that_scapy_computes(
    frame: Any, source: int, source_port: int, destination: int, destination_port: int
) -> None:
    packet = packet_of(frame)
    ip = Ipv4(packet, 14)
    transport = Transport(packet, ip.payload_at(), ip.protocol())
    transport.update_checksum(
        words(ip.source()) + transport.source_port(), words(source) + source_port
    )
    transport.set_source_port(source_port)
    ip.set_source(source)
    transport.update_checksum(
        words(ip.destination()) + transport.destination_port(),
        words(destination) + destination_port,
    )
    transport.set_destination_port(destination_port)
    ip.set_destination(destination)

    frame[IP].src, frame[IP].dst = str(IPv4Address(source)), str(IPv4Address(destination))
    transport_in(frame).sport, transport_in(frame).dport = source_port, destination_port
    assert bytes_of(packet) == with_checksums(frame)


def test_scapy_sends_a_computed_zero_as_all_ones() -> None:
    """So the example above is the one that it claims to be."""
    frame = TO_ZERO.copy()
    frame[UDP].sport = 0x1235
    assert Ether(bytes(TO_ZERO))[UDP].chksum == 1
    assert Ether(bytes(frame))[UDP].chksum == 0xFFFF


def run(transport: Transport, operations: I64, results: I64) -> None:
    """Perform rows of (what, port or old sum, new sum)."""
    for row in range(len(operations)):
        what, value, new = operations[row]
        if what == 0:
            transport.set_source_port(value & 0xFFFF)
        elif what == 1:
            transport.set_destination_port(value & 0xFFFF)
        elif what == 2:
            transport.update_checksum(value, new)
        elif what == 3:
            results[row] = transport.source_port() << 16 | transport.destination_port()
        elif what == 4:
            results[row] = transport.covered(value, new & 0xFFFF) << 16 | transport.checksum_at()
        else:
            results[row] = transport.is_complete()


@pytest.mark.parametrize(
    ("protocol", "header"), [(6, TCP_HEADER), (17, UDP_HEADER), (1, ECHO_REQUEST)]
)
def test_native_code_does_the_same(protocol: int, header: bytes) -> None:
    random = np.random.default_rng(1)
    operations = random.integers([0, 0, 0], [6, MAX_WORDS + 1, MAX_WORDS + 1], (200, 3))
    assert_same_in_both_worlds(
        run, lambda: Transport(packet_of(bytes(5) + header), 5, protocol), operations
    )
    incomplete = np.full((1, 3), 5)
    assert_same_in_both_worlds(
        run, lambda: Transport(packet_of(header[:-1]), 0, protocol), incomplete
    )
    assert_same_in_both_worlds(run, lambda: Transport(packet_of(header), 0, 132), incomplete)
