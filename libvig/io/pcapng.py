"""The pcapng capture format: sections of blocks, which describe interfaces or hold packets.

Source: draft-ietf-opsawg-pcapng. The scanner lies inside the verified subset: it is fed with bytes
that anyone may have written, and runs natively without checks.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.io.bytes import u16, u32
from libvig.io.pcapng_time import nanoseconds, signed_seconds
from libvig.io.records import (
    BAD_LENGTH,
    BAD_SECTION,
    CUT_SHORT,
    MAX_CAPTURED,
    SOUND,
    TOO_MANY_INTERFACES,
    UNKNOWN_INTERFACE,
    Record,
    Records,
)
from libvig.primitives import load8
from libvig.types import I64, Bytes

# Every block: type, total length, body, total length again.
SECTION = 0x0A0D0D0A
INTERFACE = 1
OLD_PACKET = 2
SIMPLE_PACKET = 3
PACKET = 6
SMALLEST_BLOCK = 12
SECTION_SIZE = 28
INTERFACE_SIZE = 20
SIMPLE_PACKET_SIZE = 16
PACKET_SIZE = 32

BYTE_ORDER = 0x1A2B3C4D

# Offsets from the start of a block.
LENGTH = 4
BODY = 8
MAJOR_VERSION = 12
SNAP_LENGTH = 12
INTERFACE_OPTIONS = 16
TIME_HIGH = 12
TIME_LOW = 16
CAPTURED = 20
ON_WIRE = 24
PACKET_DATA = 28
SIMPLE_DATA = 12

OPTION_END = 0
OPTION_NAME = 2  # of an interface
OPTION_APPLICATION = 4  # of a section
OPTION_RESOLUTION = 9
OPTION_OFFSET = 14

MAX_INTERFACES = 2**15
ETHERNET = 1
BATCH = 16_384
U32 = 2**32 - 1
OPTIONS_END = bytes(4)
HEADER = struct.Struct("<7I")  # of a packet block
TRAILER = struct.Struct("<I")


@compiled_class
class Block(NamedTuple):
    """A block in a capture; offsets count from its start."""

    data: Bytes
    at: int
    size: int
    little: bool

    def u16(self, offset: int) -> int:
        return u16(self.data, self.at + offset, self.little)

    def u32(self, offset: int) -> int:
        return u32(self.data, self.at + offset, self.little)

    def u8(self, offset: int) -> int:
        return load8(self.data, self.at + offset)


@compiled_class
class Interfaces(NamedTuple):
    """The interface descriptions of a capture, over all its sections, in file order."""

    number: I64
    """The id within the section, from 0."""
    link_type: I64
    """What the packets start with; 1 is Ethernet."""
    snap_length: I64
    """The longest captured length in bytes; 0 means no limit."""
    resolution: I64
    """The unit of time stamps, as if_tsresol has it: k means 10**-k s, 128 + k means 2**-k s."""
    offset: I64
    """Seconds to add to each time stamp, -OFFSET_LIMIT..OFFSET_LIMIT."""

    def read(self, index: int, number: int, block: Block) -> None:
        """Store the description in a block of INTERFACE_SIZE bytes or more."""
        self.number[index] = number
        self.link_type[index] = block.u16(BODY)
        self.snap_length[index] = block.u32(SNAP_LENGTH)
        self.resolution[index] = 6
        self.offset[index] = 0
        self.read_options(index, block)

    def read_options(self, index: int, block: Block) -> None:
        """Store what the options say of time stamps; each option takes 4 bytes or more."""
        at = INTERFACE_OPTIONS
        end = block.size - 4
        while at + 4 <= end:
            code = block.u16(at)
            length = block.u16(at + 2)
            if code == OPTION_END or at + 4 + length > end:
                return
            if code == OPTION_RESOLUTION and length >= 1:
                self.resolution[index] = block.u8(at + 4)
            if code == OPTION_OFFSET and length >= 8:
                if block.little:
                    self.offset[index] = signed_seconds(block.u32(at + 8), block.u32(at + 4))
                else:
                    self.offset[index] = signed_seconds(block.u32(at + 4), block.u32(at + 8))
            at += 4 + (length + 3) // 4 * 4

    def limit(self, index: int) -> int:
        """The longest captured length of this interface in bytes; 0 means no limit."""
        return int(self.snap_length[index])

    def time(self, index: int, high: int, low: int) -> int:
        """The nanoseconds that a stamp of this interface stands for."""
        return nanoseconds(high, low, int(self.resolution[index]), int(self.offset[index]))


def new_interfaces() -> Interfaces:
    """Room for as many interfaces as there can be devices."""
    return Interfaces(*(np.zeros(MAX_INTERFACES, np.int64) for _ in range(5)))


@compiled
def scan_pcapng(data: Bytes, interfaces: Interfaces, records: Records) -> tuple[int, int, int, int]:
    """Find the interfaces and packets of a capture.

    Fills `interfaces`, and `records` as far as it has room; returns how many records and
    interfaces there are, the offset where scanning ended, and the outcome. Each turn of the loop
    advances by 12 bytes or more. Blocks of unknown type are skipped.
    """
    count = 0
    declared = 0
    section = 0  # the number of interfaces before this section
    time = 0  # simple packets have none: they get that of the packet before
    little = True
    at = 0
    while at < len(data):
        if at + SMALLEST_BLOCK > len(data):
            return count, declared, at, CUT_SHORT
        kind = u32(data, at, little)
        if kind == SECTION:
            little = u32(data, at + BODY, True) == BYTE_ORDER
            section = declared
        block = Block(data, at, u32(data, at + LENGTH, little), little)
        problem = check_block(block)
        if problem != SOUND:
            return count, declared, at, problem
        if kind == INTERFACE:
            if declared == MAX_INTERFACES:
                return count, declared, at, TOO_MANY_INTERFACES
            interfaces.read(declared, declared - section, block)
            declared += 1
        elif is_packet(kind):
            interface = interface_of(block)
            described = section + interface
            if described >= declared:
                return count, declared, at, UNKNOWN_INTERFACE
            if kind == SIMPLE_PACKET:
                start = SIMPLE_DATA
                wire_length = block.u32(BODY)
                captured = simple_length(block, interfaces.limit(described))
            else:
                start = PACKET_DATA
                wire_length = block.u32(ON_WIRE)
                captured = block.u32(CAPTURED)
                time = interfaces.time(described, block.u32(TIME_HIGH), block.u32(TIME_LOW))
            if captured > MAX_CAPTURED or start + captured + 4 > block.size:
                return count, declared, at, BAD_LENGTH
            records.put(count, Record(at + start, captured, wire_length, time, interface))
            count += 1
        at += block.size
    return count, declared, at, SOUND


@compiled
def check_block(block: Block) -> int:
    """Whether a block, of which 12 bytes are there, is all there and of a plausible length."""
    kind = block.u32(0)
    if kind == SECTION and block.u32(BODY) != BYTE_ORDER:
        return BAD_SECTION
    if block.size < smallest(kind) or block.size % 4 != 0:
        return BAD_LENGTH
    if block.at + block.size > len(block.data):
        return CUT_SHORT
    if block.u32(block.size - 4) != block.size:
        return BAD_LENGTH
    if kind == SECTION and block.u16(MAJOR_VERSION) != 1:
        return BAD_SECTION
    return SOUND


@compiled
def is_packet(kind: int) -> bool:
    """Whether blocks of this type hold a packet."""
    return kind in (PACKET, OLD_PACKET, SIMPLE_PACKET)


@compiled
def smallest(kind: int) -> int:
    """The size of the fixed parts of a block of this type."""
    if kind == SECTION:
        return SECTION_SIZE
    if kind == INTERFACE:
        return INTERFACE_SIZE
    if kind == SIMPLE_PACKET:
        return SIMPLE_PACKET_SIZE
    if is_packet(kind):
        return PACKET_SIZE
    return SMALLEST_BLOCK


@compiled
def interface_of(block: Block) -> int:
    """The id, within its section, of the interface that saw the packet in this block."""
    kind = block.u32(0)
    if kind == PACKET:
        return block.u32(BODY)
    if kind == OLD_PACKET:
        return block.u16(BODY)
    return 0


@compiled
def simple_length(block: Block, limit: int) -> int:
    """The captured length of a simple packet, which does not say it; a limit of 0 is none."""
    captured = min(block.u32(BODY), block.size - SIMPLE_PACKET_SIZE)
    if limit > 0:
        captured = min(captured, limit)
    return captured


def encode_pcapng(records: Records, names: Sequence[str]) -> Iterator[bytes]:
    """The file that holds these records, in nanoseconds; `names` are those of the interfaces."""
    yield _section(names)
    packets = records.data.data
    columns = records.start, records.length, records.wire_length, records.time, records.interface
    for first in range(0, len(records.start), BATCH):
        parts: list[bytes | memoryview] = []
        batch = (column[first : first + BATCH].tolist() for column in columns)
        for start, length, wire_length, time, interface in zip(*batch, strict=True):
            padding = -length % 4
            size = PACKET_SIZE + length + padding
            body = (interface, time >> 32, time & U32, length, wire_length)
            parts.append(HEADER.pack(PACKET, size, *body))
            parts.append(packets[start : start + length])
            parts.append(bytes(padding) + TRAILER.pack(size))
        yield b"".join(parts)


def _section(names: Sequence[str]) -> bytes:
    version = struct.pack("<IHHq", BYTE_ORDER, 1, 0, -1)  # -1: the section's length is not given
    blocks = [_block(SECTION, version + _option(OPTION_APPLICATION, b"pyvigor") + OPTIONS_END)]
    for name in names:
        options = _option(OPTION_NAME, name.encode()) + _option(OPTION_RESOLUTION, b"\x09")
        header = struct.pack("<HHI", ETHERNET, 0, MAX_CAPTURED)
        blocks.append(_block(INTERFACE, header + options + OPTIONS_END))
    return b"".join(blocks)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes) -> bytes:
    size = SMALLEST_BLOCK + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)
