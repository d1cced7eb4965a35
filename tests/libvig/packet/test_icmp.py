"""ICMP messages, over bytes written down by hand."""

from collections.abc import Callable
from typing import Any

import icontract
import numpy as np
import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether

from libvig.packet.checksum import MAX_WORDS
from libvig.packet.icmp import Icmp, icmp_of
from libvig.packet.ipv4 import Ipv4
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import bytes_of, packet_of

REQUEST = bytes.fromhex(
    "08"  # type: echo
    "00"  # code
    "ab cd"  # checksum
    "12 34"  # identifier
    "00 01"  # sequence number
)

QUERIES = {0, 8, 13, 14, 15, 16, 17, 18}
ERRORS = {3, 4, 11, 12}

ACCESSORS: list[Callable[[Icmp], Any]] = [
    lambda icmp: icmp.kind(),
    lambda icmp: icmp.code(),
    lambda icmp: icmp.is_query(),
    lambda icmp: icmp.is_error(),
    lambda icmp: icmp.checksum(),
    lambda icmp: icmp.identifier(),
    lambda icmp: icmp.set_identifier(0),
    lambda icmp: icmp.update_checksum(0, 0),
]


def test_fields_are_read() -> None:
    icmp = Icmp(packet_of(bytes(34) + REQUEST + b"data"), 34)
    assert icmp.is_complete()
    assert (icmp.kind(), icmp.code(), icmp.checksum(), icmp.identifier()) == (8, 0, 0xABCD, 0x1234)


def test_every_type_is_a_query_or_an_error_or_neither() -> None:
    messages = [Icmp(packet_of(bytes([kind]) + REQUEST[1:]), 0) for kind in range(256)]
    assert {icmp.kind() for icmp in messages if icmp.is_query()} == QUERIES
    assert {icmp.kind() for icmp in messages if icmp.is_error()} == ERRORS


def test_the_quoted_packet_comes_behind_the_header() -> None:
    about = IP(src="192.0.2.1", dst="198.51.100.7") / UDP(sport=1, dport=2)
    error = packet_of(Ether() / IP() / ICMP(type=3, code=3) / about)
    quoted = icmp_of(Ipv4(error, 14)).quoted()
    assert quoted.at == 14 + 20 + 8
    assert (quoted.source(), quoted.destination()) == (0xC0000201, 0xC6336407)
    assert bytes_of(error)[quoted.payload_at() :] == bytes(about)[20:]


def test_the_identifier_is_written_and_nothing_else() -> None:
    packet = packet_of(REQUEST + b"data")
    Icmp(packet, 0).set_identifier(0xFEFF)
    assert bytes_of(packet) == REQUEST[:4] + b"\xfe\xff" + REQUEST[6:] + b"data"


def test_the_checksum_is_updated_and_nothing_else() -> None:
    packet = packet_of(REQUEST + b"data")
    Icmp(packet, 0).update_checksum(old=53, new=54)  # a larger word, so a smaller checksum
    assert bytes_of(packet) == REQUEST[:2] + b"\xab\xcc" + REQUEST[4:] + b"data"


def test_a_header_alone_is_complete() -> None:
    icmp = Icmp(packet_of(bytes(34) + REQUEST), 34)
    assert icmp.is_complete()
    for accessor in ACCESSORS:
        accessor(icmp)


@pytest.mark.parametrize("accessor", ACCESSORS)
@pytest.mark.parametrize(("length", "at"), [(41, 34), (34, 34), (0, 34), (8, 1), (8, -1)])
def test_a_header_with_a_byte_less_is_not(
    accessor: Callable[[Icmp], Any], length: int, at: int
) -> None:
    icmp = Icmp(packet_of((bytes(34) + REQUEST)[:length], wire_length=60), at)
    assert not icmp.is_complete()
    with pytest.raises(icontract.ViolationError, match="is_complete"):
        accessor(icmp)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda icmp: icmp.set_identifier(-1),
        lambda icmp: icmp.set_identifier(2**16),
        lambda icmp: icmp.update_checksum(-1, 0),
        lambda icmp: icmp.update_checksum(MAX_WORDS + 1, 0),
        lambda icmp: icmp.update_checksum(0, -1),
        lambda icmp: icmp.update_checksum(0, MAX_WORDS + 1),
    ],
)
def test_misuse_is_refused(misuse: Callable[[Icmp], None]) -> None:
    icmp = Icmp(packet_of(REQUEST), 0)
    with pytest.raises(icontract.ViolationError):
        misuse(icmp)
    assert bytes_of(icmp.packet) == REQUEST


def run(icmp: Icmp, operations: I64, results: I64) -> None:
    """Perform rows of (what, identifier or old sum, new sum)."""
    for row in range(len(operations)):
        what, value, new = operations[row]
        if what == 0:
            icmp.set_identifier(value & 0xFFFF)
        elif what == 1:
            icmp.update_checksum(value, new)
        elif what == 2:
            results[row] = icmp.identifier() << 16 | icmp.checksum()
        elif what == 3:
            results[row] = icmp.kind() << 8 | icmp.code()
        elif what == 4:
            results[row] = icmp.is_query() + 2 * icmp.is_error()
        elif what == 5:
            results[row] = icmp.quoted().at
        else:
            results[row] = icmp.is_complete()


@pytest.mark.parametrize("content", [REQUEST, b"\x03" + REQUEST[1:], b"\x05" + REQUEST[1:]])
def test_native_code_does_the_same(content: bytes) -> None:
    random = np.random.default_rng(1)
    operations = random.integers([0, 0, 0], [7, MAX_WORDS + 1, MAX_WORDS + 1], (200, 3))
    assert_same_in_both_worlds(run, lambda: Icmp(packet_of(bytes(5) + content), 5), operations)
    too_short = np.full((1, 3), 6)
    assert_same_in_both_worlds(run, lambda: Icmp(packet_of(content[:7]), 0), too_short)
