"""UDP headers, over bytes written down by hand."""

from collections.abc import Callable
from typing import Any

import icontract
import numpy as np
import pytest

from libvig.packet.checksum import MAX_WORDS
from libvig.packet.udp import Udp
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import bytes_of, packet_of

HEADER = bytes.fromhex(
    "cc 85"  # source port: 52357
    "00 35"  # destination port: 53
    "00 0d"  # length: 13
    "ab cd"  # checksum
)
WITHOUT_CHECKSUM = HEADER[:6] + bytes(2)

ACCESSORS: list[Callable[[Udp], Any]] = [
    lambda udp: udp.source_port(),
    lambda udp: udp.destination_port(),
    lambda udp: udp.length(),
    lambda udp: udp.checksum(),
    lambda udp: udp.set_source_port(0),
    lambda udp: udp.set_destination_port(0),
    lambda udp: udp.update_checksum(0, 0),
]


def test_fields_are_read() -> None:
    udp = Udp(packet_of(bytes(34) + HEADER + b"query"), 34)
    assert udp.is_complete()
    assert (udp.source_port(), udp.destination_port()) == (52357, 53)
    assert (udp.length(), udp.checksum()) == (13, 0xABCD)


def test_ports_are_written_and_nothing_else() -> None:
    packet = packet_of(HEADER + b"query")
    Udp(packet, 0).set_source_port(0xFFFF)
    assert bytes_of(packet) == b"\xff\xff" + HEADER[2:] + b"query"
    Udp(packet, 0).set_destination_port(0xFEFE)
    assert bytes_of(packet) == b"\xff\xff\xfe\xfe" + HEADER[4:] + b"query"


def test_the_checksum_is_updated_and_nothing_else() -> None:
    packet = packet_of(HEADER + b"query")
    Udp(packet, 0).update_checksum(old=53, new=54)  # a larger word, so a smaller checksum
    assert bytes_of(packet) == HEADER[:6] + b"\xab\xcc" + b"query"


def test_where_there_is_no_checksum_none_is_made() -> None:
    packet = packet_of(WITHOUT_CHECKSUM)
    Udp(packet, 0).update_checksum(old=53, new=54)
    assert bytes_of(packet) == WITHOUT_CHECKSUM


def test_a_checksum_that_becomes_zero_is_sent_as_all_ones() -> None:
    udp = Udp(packet_of(HEADER), 0)
    udp.update_checksum(old=0, new=0xABCD)
    assert udp.checksum() == 0xFFFF
    udp.update_checksum(old=0xABCD, new=0)
    assert udp.checksum() == 0xABCD


def test_a_header_alone_is_complete() -> None:
    udp = Udp(packet_of(bytes(34) + HEADER), 34)
    assert udp.is_complete()
    for accessor in ACCESSORS:
        accessor(udp)


@pytest.mark.parametrize("accessor", ACCESSORS)
@pytest.mark.parametrize(("length", "at"), [(41, 34), (34, 34), (0, 34), (8, 1), (8, -1)])
def test_a_header_with_a_byte_less_is_not(
    accessor: Callable[[Udp], Any], length: int, at: int
) -> None:
    udp = Udp(packet_of((bytes(34) + HEADER)[:length], wire_length=60), at)
    assert not udp.is_complete()
    with pytest.raises(icontract.ViolationError, match="is_complete"):
        accessor(udp)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda udp: udp.set_source_port(-1),
        lambda udp: udp.set_source_port(2**16),
        lambda udp: udp.set_destination_port(-1),
        lambda udp: udp.set_destination_port(2**16),
        lambda udp: udp.update_checksum(-1, 0),
        lambda udp: udp.update_checksum(MAX_WORDS + 1, 0),
        lambda udp: udp.update_checksum(0, -1),
        lambda udp: udp.update_checksum(0, MAX_WORDS + 1),
    ],
)
def test_misuse_is_refused(misuse: Callable[[Udp], None]) -> None:
    udp = Udp(packet_of(HEADER), 0)
    with pytest.raises(icontract.ViolationError):
        misuse(udp)
    assert bytes_of(udp.packet) == HEADER


def run(udp: Udp, operations: I64, results: I64) -> None:
    """Perform rows of (what, port or old sum, new sum)."""
    for row in range(len(operations)):
        what, value, new = operations[row]
        if what == 0:
            udp.set_source_port(value & 0xFFFF)
        elif what == 1:
            udp.set_destination_port(value & 0xFFFF)
        elif what == 2:
            udp.update_checksum(value, new)
        elif what == 3:
            results[row] = udp.source_port() << 16 | udp.destination_port()
        elif what == 4:
            results[row] = udp.length() << 16 | udp.checksum()
        else:
            results[row] = udp.is_complete()


@pytest.mark.parametrize("content", [HEADER, WITHOUT_CHECKSUM])
def test_native_code_does_the_same(content: bytes) -> None:
    random = np.random.default_rng(1)
    operations = random.integers([0, 0, 0], [6, MAX_WORDS + 1, MAX_WORDS + 1], (200, 3))
    assert_same_in_both_worlds(run, lambda: Udp(packet_of(bytes(5) + content), 5), operations)
    too_short = np.full((1, 3), 5)
    assert_same_in_both_worlds(run, lambda: Udp(packet_of(content[:7]), 0), too_short)
    to_zero = np.array([[2, 0, 0xABCD], [4, 0, 0]])
    assert_same_in_both_worlds(run, lambda: Udp(packet_of(content), 0), to_zero)
