"""TCP headers, over bytes written down by hand."""

from collections.abc import Callable
from typing import Any

import icontract
import numpy as np
import pytest

from libvig.packet.checksum import MAX_WORDS
from libvig.packet.tcp import Tcp
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import bytes_of, packet_of

HEADER = bytes.fromhex(
    "04 d2"  # source port: 1234
    "00 50"  # destination port: 80
    "00 00 00 01"  # sequence number
    "00 00 00 02"  # acknowledgment number
    "50"  # data offset: 5 words
    "18"  # PSH, ACK
    "20 00"  # window
    "ab cd"  # checksum
    "00 00"  # urgent pointer
)

ACCESSORS: list[Callable[[Tcp], Any]] = [
    lambda tcp: tcp.source_port(),
    lambda tcp: tcp.destination_port(),
    lambda tcp: tcp.header_length(),
    lambda tcp: tcp.checksum(),
    lambda tcp: tcp.set_source_port(0),
    lambda tcp: tcp.set_destination_port(0),
    lambda tcp: tcp.update_checksum(0, 0),
]


def test_fields_are_read() -> None:
    tcp = Tcp(packet_of(bytes(34) + HEADER + b"GET"), 34)
    assert tcp.is_complete()
    assert (tcp.source_port(), tcp.destination_port()) == (1234, 80)
    assert (tcp.header_length(), tcp.checksum()) == (20, 0xABCD)


@pytest.mark.parametrize(("byte", "length"), [(0x00, 0), (0x4F, 16), (0x5F, 20), (0xF0, 60)])
def test_the_header_length_is_in_words_and_shares_its_byte(byte: int, length: int) -> None:
    tcp = Tcp(packet_of(HEADER[:12] + bytes([byte]) + HEADER[13:]), 0)
    assert tcp.header_length() == length


def test_ports_are_written_and_nothing_else() -> None:
    packet = packet_of(HEADER)
    Tcp(packet, 0).set_source_port(0xFFFF)
    assert bytes_of(packet) == b"\xff\xff" + HEADER[2:]
    Tcp(packet, 0).set_destination_port(0xFEFE)
    assert bytes_of(packet) == b"\xff\xff\xfe\xfe" + HEADER[4:]


def test_the_checksum_is_updated_and_nothing_else() -> None:
    packet = packet_of(HEADER)
    Tcp(packet, 0).update_checksum(old=1234, new=1235)  # a larger word, so a smaller checksum
    assert bytes_of(packet) == HEADER[:16] + b"\xab\xcc" + HEADER[18:]


def test_a_checksum_of_zero_is_one_as_any_other() -> None:
    packet = packet_of(HEADER[:16] + bytes(4))
    Tcp(packet, 0).update_checksum(old=0, new=1)
    assert Tcp(packet, 0).checksum() == 0xFFFE
    Tcp(packet, 0).update_checksum(old=1, new=0xFFFF)
    assert Tcp(packet, 0).checksum() == 0


def test_a_fixed_header_alone_is_complete() -> None:
    tcp = Tcp(packet_of(bytes(34) + HEADER), 34)
    assert tcp.is_complete()
    for accessor in ACCESSORS:
        accessor(tcp)


@pytest.mark.parametrize("accessor", ACCESSORS)
@pytest.mark.parametrize(("length", "at"), [(53, 34), (34, 34), (0, 34), (20, 1), (20, -1)])
def test_a_fixed_header_with_a_byte_less_is_not(
    accessor: Callable[[Tcp], Any], length: int, at: int
) -> None:
    tcp = Tcp(packet_of((bytes(34) + HEADER)[:length], wire_length=60), at)
    assert not tcp.is_complete()
    with pytest.raises(icontract.ViolationError, match="is_complete"):
        accessor(tcp)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda tcp: tcp.set_source_port(-1),
        lambda tcp: tcp.set_source_port(2**16),
        lambda tcp: tcp.set_destination_port(-1),
        lambda tcp: tcp.set_destination_port(2**16),
        lambda tcp: tcp.update_checksum(-1, 0),
        lambda tcp: tcp.update_checksum(MAX_WORDS + 1, 0),
        lambda tcp: tcp.update_checksum(0, -1),
        lambda tcp: tcp.update_checksum(0, MAX_WORDS + 1),
    ],
)
def test_misuse_is_refused(misuse: Callable[[Tcp], None]) -> None:
    tcp = Tcp(packet_of(HEADER), 0)
    with pytest.raises(icontract.ViolationError):
        misuse(tcp)
    assert bytes_of(tcp.packet) == HEADER


def run(tcp: Tcp, operations: I64, results: I64) -> None:
    """Perform rows of (what, port or old sum, new sum)."""
    for row in range(len(operations)):
        what, value, new = operations[row]
        if what == 0:
            tcp.set_source_port(value & 0xFFFF)
        elif what == 1:
            tcp.set_destination_port(value & 0xFFFF)
        elif what == 2:
            tcp.update_checksum(value, new)
        elif what == 3:
            results[row] = tcp.source_port() << 16 | tcp.destination_port()
        elif what == 4:
            results[row] = tcp.header_length() << 16 | tcp.checksum()
        else:
            results[row] = tcp.is_complete()


def test_native_code_does_the_same() -> None:
    random = np.random.default_rng(1)
    operations = random.integers([0, 0, 0], [6, MAX_WORDS + 1, MAX_WORDS + 1], (200, 3))
    assert_same_in_both_worlds(run, lambda: Tcp(packet_of(bytes(5) + HEADER), 5), operations)
    too_short = np.full((1, 3), 5)
    assert_same_in_both_worlds(run, lambda: Tcp(packet_of(HEADER[:19]), 0), too_short)
