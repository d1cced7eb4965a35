"""A packet reads and writes big-endian numbers in its own bytes, and nowhere else."""

from collections.abc import Callable
from typing import Any

import icontract
import numpy as np
import pytest

from libvig.packet.packet import MAX_DEVICES, MAX_WIRE_LENGTH, Packet
from libvig.types import I64
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import bytes_of, packet_of

CONTENT = bytes.fromhex("11 22 33 44 55 66 77 88")

GETTERS: list[tuple[Callable[..., int], int]] = [
    (Packet.u8, 1),
    (Packet.u16, 2),
    (Packet.u32, 4),
    (Packet.u48, 6),
]
SETTERS: list[tuple[Callable[..., None], int]] = [
    (Packet.set_u8, 1),
    (Packet.set_u16, 2),
    (Packet.set_u32, 4),
    (Packet.set_u48, 6),
]


def test_numbers_are_big_endian() -> None:
    packet = packet_of(CONTENT)
    assert packet.length() == 8
    assert packet.u8(1) == 0x22
    assert packet.u16(1) == 0x2233
    assert packet.u32(1) == 0x22334455
    assert packet.u48(1) == 0x223344556677


@pytest.mark.parametrize(
    ("setter", "value", "content"),
    [
        (Packet.set_u8, 0xAB, "11 ab 33 44 55 66 77 88"),
        (Packet.set_u16, 0xABCD, "11 ab cd 44 55 66 77 88"),
        (Packet.set_u32, 0xABCDEF01, "11 ab cd ef 01 66 77 88"),
        (Packet.set_u48, 0xABCDEF012345, "11 ab cd ef 01 23 45 88"),
    ],
)
def test_a_setter_writes_its_bytes_only(setter: Any, value: int, content: str) -> None:
    packet = packet_of(CONTENT)
    setter(packet, 1, value)
    assert bytes_of(packet) == bytes.fromhex(content)


@pytest.mark.parametrize(("getter", "size"), GETTERS)
def test_the_last_bytes_are_read_and_none_behind_them(getter: Any, size: int) -> None:
    packet = packet_of(CONTENT)
    assert getter(packet, 8 - size) == int.from_bytes(CONTENT[-size:], "big")
    for at in (9 - size, -1):
        with pytest.raises(IndexError):
            getter(packet, at)


@pytest.mark.parametrize(("setter", "size"), SETTERS)
def test_the_last_bytes_are_written_and_none_behind_them(setter: Any, size: int) -> None:
    packet = packet_of(CONTENT)
    setter(packet, 8 - size, 256**size - 1)
    assert bytes_of(packet) == CONTENT[:-size] + b"\xff" * size
    for at in (9 - size, -1):
        with pytest.raises(IndexError):
            setter(packet, at, 0)
    with pytest.raises(OverflowError):
        setter(packet, 0, 256**size)


def test_a_packet_is_written_in_the_buffer_that_it_is_a_part_of() -> None:
    buffer = np.zeros(10, np.uint8)
    Packet(buffer[2:8], 6, 0).set_u48(0, 0xA1A2A3A4A5A6)
    assert buffer.tobytes().hex() == "0000a1a2a3a4a5a60000"


def test_a_packet_may_be_longer_on_the_wire_than_what_was_captured() -> None:
    packet = packet_of(CONTENT, wire_length=MAX_WIRE_LENGTH)
    assert (packet.length(), packet.wire_length) == (8, MAX_WIRE_LENGTH)


@pytest.mark.parametrize(
    ("wire_length", "device"), [(7, 0), (MAX_WIRE_LENGTH + 1, 0), (8, -1), (8, MAX_DEVICES)]
)
def test_impossible_packets_are_refused(wire_length: int, device: int) -> None:
    with pytest.raises(icontract.ViolationError):
        Packet(np.zeros(8, np.uint8), wire_length, device)


def run(packet: Packet, operations: I64, results: I64) -> None:
    """Perform rows of (what, offset, value)."""
    for row in range(len(operations)):
        what, at, value = operations[row]
        if what == 0:
            packet.set_u8(at, value & 0xFF)
        elif what == 1:
            packet.set_u16(at, value & 0xFFFF)
        elif what == 2:
            packet.set_u32(at, value & 0xFFFFFFFF)
        elif what == 3:
            packet.set_u48(at, value)
        elif what == 4:
            results[row] = packet.u8(at)
        elif what == 5:
            results[row] = packet.u16(at)
        elif what == 6:
            results[row] = packet.u32(at)
        elif what == 7:
            results[row] = packet.u48(at)
        else:
            results[row] = packet.length()


def test_native_code_does_the_same() -> None:
    random = np.random.default_rng(1)
    operations = random.integers([0, 0, 0], [9, 3, 2**48], (300, 3))
    assert_same_in_both_worlds(run, lambda: packet_of(CONTENT), operations)
