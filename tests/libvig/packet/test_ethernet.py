"""Ethernet headers, over bytes written down by hand."""

from collections.abc import Callable
from typing import Any

import icontract
import numpy as np
import pytest

from libvig.packet.ethernet import (
    ETHERTYPE_IPV4,
    Ethernet,
    are_mac_addresses,
    is_group,
    is_reserved,
)
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import bytes_of, packet_of

HEADER = bytes.fromhex(
    "02 00 5e 10 00 01"  # destination
    "02 00 5e 10 00 02"  # source
    "08 00"  # type: IPv4
)

ACCESSORS: list[Callable[[Ethernet], Any]] = [
    lambda ethernet: ethernet.destination(),
    lambda ethernet: ethernet.source(),
    lambda ethernet: ethernet.ethertype(),
    lambda ethernet: ethernet.set_addresses(0, 0),
]


def test_fields_are_read() -> None:
    ethernet = Ethernet(packet_of(HEADER + b"payload"))
    assert ethernet.is_complete()
    assert ethernet.destination() == 0x02005E100001
    assert ethernet.source() == 0x02005E100002
    assert ethernet.ethertype() == ETHERTYPE_IPV4


def test_addresses_are_written_and_nothing_else() -> None:
    packet = packet_of(HEADER + b"payload")
    Ethernet(packet).set_addresses(source=0xA1A2A3A4A5A6, destination=0xB1B2B3B4B5B6)
    assert bytes_of(packet) == bytes.fromhex("b1b2b3b4b5b6 a1a2a3a4a5a6 0800") + b"payload"


def test_a_header_alone_is_complete() -> None:
    ethernet = Ethernet(packet_of(HEADER))
    assert ethernet.is_complete()
    for accessor in ACCESSORS:
        accessor(ethernet)


@pytest.mark.parametrize("accessor", ACCESSORS)
@pytest.mark.parametrize("length", [0, 13])
def test_a_header_with_a_byte_less_is_not(accessor: Callable[[Ethernet], Any], length: int) -> None:
    ethernet = Ethernet(packet_of(HEADER[:length], wire_length=60))
    assert not ethernet.is_complete()
    with pytest.raises(icontract.ViolationError, match="is_complete"):
        accessor(ethernet)


@pytest.mark.parametrize("addresses", [(-1, 0), (0, -1), (2**48, 0), (0, 2**48)])
def test_an_address_of_more_than_48_bits_is_refused(addresses: tuple[int, int]) -> None:
    packet = packet_of(HEADER)
    with pytest.raises(icontract.ViolationError):
        Ethernet(packet).set_addresses(*addresses)
    assert bytes_of(packet) == HEADER


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], True),
        ([0, 2**48 - 1], True),
        ([0, 2**48], False),
        ([-1, 0], False),
    ],
)
def test_mac_addresses_have_48_bits(values: list[int], expected: bool) -> None:
    assert are_mac_addresses(np.array(values, np.int64)) == expected


def run(ethernet: Ethernet, operations: I64, results: I64) -> None:
    """Perform rows of (what, source, destination)."""
    for row in range(len(operations)):
        what, source, destination = operations[row]
        if what == 0:
            ethernet.set_addresses(source, destination)
        elif what == 1:
            results[row] = ethernet.destination()
        elif what == 2:
            results[row] = ethernet.source()
        elif what == 3:
            results[row] = ethernet.ethertype()
        else:
            results[row] = ethernet.is_complete()


def test_native_code_does_the_same() -> None:
    random = np.random.default_rng(1)
    operations = random.integers([0, 0, 0], [5, 2**48, 2**48], (100, 3))
    assert_same_in_both_worlds(run, lambda: Ethernet(packet_of(HEADER)), operations)
    too_short = np.full((1, 3), 4)
    assert_same_in_both_worlds(run, lambda: Ethernet(packet_of(HEADER[:13])), too_short)


@pytest.mark.parametrize(
    ("address", "group", "reserved"),
    [
        (0x0180C2000000, True, True),  # the spanning tree protocol's
        (0x0180C200000F, True, True),
        (0x0180C2000010, True, False),
        (0x0180C1FFFFFF, True, False),
        (0x0080C2000000, False, False),
        (0xFFFFFFFFFFFF, True, False),
        (0x01005E000001, True, False),
        (0xFEFFFFFFFFFF, False, False),
        (0, False, False),
    ],
)
def test_some_addresses_are_of_groups_and_some_of_these_reserved(
    address: int, group: bool, reserved: bool
) -> None:
    assert (is_group(address), is_reserved(address)) == (group, reserved)
