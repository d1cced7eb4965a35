"""IPv4 headers, over bytes written down by hand and against scapy."""

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import given
from scapy.layers.inet import IP

from libvig.packet.checksum import internet_checksum
from libvig.packet.ipv4 import Ipv4
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import ADDRESSES, bytes_of, frames, packet_of

HEADER = bytes.fromhex(
    "45"  # version 4, 5 words of header
    "00"  # type of service
    "00 73"  # total length: 115
    "ab cd"  # identification
    "40 00"  # don't fragment, offset 0
    "40"  # time to live: 64
    "11"  # protocol: UDP
    "0c 94"  # header checksum
    "c0 a8 00 01"  # source: 192.168.0.1
    "c0 a8 00 c7"  # destination: 192.168.0.199
)

FRAGMENT = bytes.fromhex(
    "46"  # version 4, 6 words of header
    "00"  # type of service
    "00 20"  # total length: 32
    "00 01"  # identification
    "20 b9"  # more fragments, offset 185 * 8
    "40"  # time to live
    "06"  # protocol: TCP
    "90 de"  # header checksum
    "0a 00 00 01"  # source: 10.0.0.1
    "c6 33 64 07"  # destination: 198.51.100.7
    "94 04 00 00"  # option: router alert (RFC 2113)
    "00 01 02 03 04 05 06 07"  # payload
)

ACCESSORS: list[Callable[[Ipv4], Any]] = [
    lambda ip: ip.is_consistent(),
    lambda ip: ip.version(),
    lambda ip: ip.header_length(),
    lambda ip: ip.total_length(),
    lambda ip: ip.payload_at(),
    lambda ip: ip.payload_length(),
    lambda ip: ip.more_fragments(),
    lambda ip: ip.fragment_offset(),
    lambda ip: ip.protocol(),
    lambda ip: ip.checksum(),
    lambda ip: ip.source(),
    lambda ip: ip.destination(),
    lambda ip: ip.set_source(0),
    lambda ip: ip.set_destination(0),
]


def test_fields_are_read() -> None:
    ip = Ipv4(packet_of(HEADER.ljust(115)), 0)
    assert ip.is_complete() and ip.is_consistent()
    assert ip.version() == 4
    assert (ip.header_length(), ip.total_length()) == (20, 115)
    assert (ip.payload_at(), ip.payload_length()) == (20, 95)
    assert not ip.more_fragments() and ip.fragment_offset() == 0
    assert (ip.protocol(), ip.checksum()) == (17, 0x0C94)
    assert (ip.source(), ip.destination()) == (0xC0A80001, 0xC0A800C7)


def test_fields_of_a_fragment_with_options_are_read() -> None:
    ip = Ipv4(packet_of(bytes(14) + FRAGMENT), 14)
    assert ip.is_complete() and ip.is_consistent()
    assert (ip.header_length(), ip.total_length()) == (24, 32)
    assert (ip.payload_at(), ip.payload_length()) == (38, 8)
    assert ip.more_fragments() and ip.fragment_offset() == 185
    assert (ip.protocol(), ip.checksum()) == (6, 0x90DE)
    assert (ip.source(), ip.destination()) == (0x0A000001, 0xC6336407)


def test_the_checksums_above_are_right() -> None:
    assert internet_checksum(packet_of(HEADER).data, 0, 20) == 0
    assert internet_checksum(packet_of(FRAGMENT).data, 0, 24) == 0


@pytest.mark.parametrize(
    ("flags_and_offset", "more_fragments", "fragment_offset"),
    [
        ("0000", False, 0),
        ("4000", False, 0),  # don't fragment
        ("8000", False, 0),  # reserved
        ("2000", True, 0),
        ("0001", False, 1),
        ("1fff", False, 8191),
        ("3fff", True, 8191),
    ],
)
def test_flags_are_no_part_of_the_offset(
    flags_and_offset: str, more_fragments: bool, fragment_offset: int
) -> None:
    ip = Ipv4(packet_of(HEADER[:6] + bytes.fromhex(flags_and_offset) + HEADER[8:]), 0)
    assert (ip.more_fragments(), ip.fragment_offset()) == (more_fragments, fragment_offset)


def test_a_written_address_is_in_the_checksum() -> None:
    packet = packet_of(HEADER)
    Ipv4(packet, 0).set_source(0xC0000201)
    assert bytes_of(packet).hex(" ", 4) == "45000073 abcd4000 40110b3c c0000201 c0a800c7"
    Ipv4(packet, 0).set_destination(0xFFFFFFFF)
    assert bytes_of(packet).hex(" ", 4) == "45000073 abcd4000 4011ccab c0000201 ffffffff"


@given(frames(), ADDRESSES, ADDRESSES)
def test_scapy_agrees_with_every_field_and_change(
    frame: Any, source: int, destination: int
) -> None:
    packet = packet_of(frame)
    ip, header = Ipv4(packet, 14), frame[IP]
    assert ip.is_consistent() and ip.version() == header.version
    assert ip.header_length() == header.ihl * 4 and ip.total_length() == header.len
    assert ip.protocol() == header.proto and ip.checksum() == header.chksum
    assert ip.source() == int(IPv4Address(header.src))
    assert ip.destination() == int(IPv4Address(header.dst))
    ip.set_source(source)
    ip.set_destination(destination)
    assert internet_checksum(packet.data, 14, ip.payload_at()) == 0
    header.src, header.dst = str(IPv4Address(source)), str(IPv4Address(destination))
    header.chksum = None  # to be computed anew
    assert bytes_of(packet) == bytes(frame)


def test_a_fixed_header_alone_is_complete() -> None:
    ip = Ipv4(packet_of(bytes(14) + HEADER), 14)
    assert ip.is_complete()
    for accessor in ACCESSORS:
        accessor(ip)


@pytest.mark.parametrize("accessor", ACCESSORS)
@pytest.mark.parametrize(("length", "at"), [(33, 14), (14, 14), (0, 14), (20, 1), (20, -1)])
def test_a_fixed_header_with_a_byte_less_is_not(
    accessor: Callable[[Ipv4], Any], length: int, at: int
) -> None:
    ip = Ipv4(packet_of((bytes(14) + HEADER)[:length], wire_length=200), at)
    assert not ip.is_complete()
    with pytest.raises(icontract.ViolationError, match="is_complete"):
        accessor(ip)


@pytest.mark.parametrize("address", [-1, 2**32])
def test_an_address_of_more_than_32_bits_is_refused(address: int) -> None:
    ip = Ipv4(packet_of(HEADER), 0)
    for setter in (ip.set_source, ip.set_destination):
        with pytest.raises(icontract.ViolationError):
            setter(address)
    assert bytes_of(ip.packet) == HEADER


@pytest.mark.parametrize(
    ("first_byte", "total_length", "wire_length", "expected"),
    [
        (0x45, 115, 115, True),
        (0x45, 115, 114, False),  # the datagram ends behind the frame
        (0x45, 20, 115, True),
        (0x45, 19, 115, False),  # shorter than its header
        (0x44, 115, 115, False),  # a header of less than 20 bytes
        (0x46, 23, 115, False),
        (0x46, 24, 115, True),
        (0x4F, 59, 115, False),
        (0x4F, 60, 115, True),
        (0x55, 115, 115, False),  # version 5
        (0x65, 115, 115, False),
    ],
)
def test_lengths_must_fit_into_each_other(
    first_byte: int, total_length: int, wire_length: int, expected: bool
) -> None:
    header = bytes([first_byte, 0]) + total_length.to_bytes(2, "big") + HEADER[4:]
    assert Ipv4(packet_of(header, wire_length=wire_length), 0).is_consistent() == expected
    behind_ethernet = packet_of(bytes(14) + header, wire_length=14 + wire_length)
    assert Ipv4(behind_ethernet, 14).is_consistent() == expected


def run(ip: Ipv4, operations: I64, results: I64) -> None:
    """Perform rows of (what, address)."""
    for row in range(len(operations)):
        what, address = operations[row]
        if what == 0:
            ip.set_source(address)
        elif what == 1:
            ip.set_destination(address)
        elif what == 2:
            results[row] = ip.source()
        elif what == 3:
            results[row] = ip.destination()
        elif what == 4:
            results[row] = ip.checksum()
        elif what == 5:
            results[row] = ip.version() << 24 | ip.header_length() << 16 | ip.total_length()
        elif what == 6:
            results[row] = ip.payload_at() << 32 | ip.payload_length() << 8 | ip.protocol()
        elif what == 7:
            results[row] = ip.fragment_offset() << 1 | ip.more_fragments()
        else:
            results[row] = ip.is_complete() and ip.is_consistent()


@pytest.mark.parametrize("content", [HEADER, FRAGMENT])
def test_native_code_does_the_same(content: bytes) -> None:
    random = np.random.default_rng(1)
    operations = random.integers([0, 0], [9, 2**32], (200, 2))
    assert_same_in_both_worlds(run, lambda: Ipv4(packet_of(content), 0), operations)
    assert_same_in_both_worlds(run, lambda: Ipv4(packet_of(bytes(3) + content), 3), operations)
    too_short = np.full((1, 2), 8)
    assert_same_in_both_worlds(run, lambda: Ipv4(packet_of(content[:19]), 0), too_short)
