"""The scan of a pcapng capture: sections of blocks, which describe interfaces or hold packets.

Source: draft-ietf-opsawg-pcapng.
"""

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.io.bytes import u16, u32
from libvig.io.pcapng_time import nanoseconds, signed
from libvig.io.scan import (
    BAD_LENGTH,
    BAD_SECTION,
    CUT_SHORT,
    FULL,
    MAX_CAPTURED,
    SOUND,
    TOO_MANY_INTERFACES,
    UNKNOWN_INTERFACE,
    Record,
    Records,
    is_packet_of,
)
from libvig.primitives import load8, store8
from libvig.types import I64, MAX_TIME, Bytes

# Every block: type, total length, body, total length again.
SECTION = 0x0A0D0D0A  # reads the same in either byte order
INTERFACE = 1
OLD_PACKET = 2
SIMPLE_PACKET = 3
PACKET = 6
SMALLEST_BLOCK = 12
LARGEST_BLOCK = 2**24  # bytes, as Wireshark has it
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
OPTION_RESOLUTION = 9
OPTION_OFFSET = 14
DEFAULT_RESOLUTION = 6


@compiled_class
@invariant(lambda self: 0 <= self.at <= len(self.data) - SMALLEST_BLOCK)
@invariant(lambda self: 0 <= self.size < 2**32)
class Block(NamedTuple):
    """A block in a capture, the first SMALLEST_BLOCK bytes of it; offsets count from its start."""

    data: Bytes
    at: int
    kind: int
    size: int
    little: bool

    def u8(self, offset: int) -> int:
        return load8(self.data, self.at + offset)

    def u16(self, offset: int) -> int:
        return u16(self.data, self.at + offset, self.little)

    def u32(self, offset: int) -> int:
        return u32(self.data, self.at + offset, self.little)

    def i64(self, offset: int) -> int:
        if self.little:
            return signed(self.u32(offset + 4), self.u32(offset))
        return signed(self.u32(offset), self.u32(offset + 4))

    def is_whole(self) -> bool:
        """Whether the block has its fixed parts and does not end behind the data."""
        return smallest(self.kind) <= self.size <= len(self.data) - self.at


@compiled_class
@invariant(
    lambda self: (
        len(self.number)
        == len(self.link_type)
        == len(self.snap_length)
        == len(self.resolution)
        == len(self.offset)
    )
)
class Interfaces(NamedTuple):
    """The interface descriptions of a capture, over all its sections, in file order."""

    number: I64
    """The id within the section, from 0."""
    link_type: I64
    """What the packets start with; 1 is Ethernet."""
    snap_length: I64
    """The longest captured length in bytes; 0 means no limit."""
    resolution: Bytes
    """The unit of time stamps, as if_tsresol has it: k means 10**-k s, 128 + k means 2**-k s."""
    offset: I64
    """Seconds to add to each time stamp, as if_tsoffset has it: any signed 64-bit number."""

    @require(lambda self, index: 0 <= index < len(self.number))
    @require(lambda block: block.kind == INTERFACE and block.is_whole())
    def read(self, index: int, number: int, block: Block) -> None:
        """Store the description in a block."""
        self.number[index] = number
        self.link_type[index] = block.u16(BODY)
        self.snap_length[index] = block.u32(SNAP_LENGTH)
        store8(self.resolution, index, DEFAULT_RESOLUTION)
        self.offset[index] = 0
        self.read_options(index, block)

    @require(lambda self, index: 0 <= index < len(self.number))
    @require(lambda block: block.kind == INTERFACE and block.is_whole())
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
                store8(self.resolution, index, block.u8(at + 4))
            if code == OPTION_OFFSET and length >= 8:
                self.offset[index] = block.i64(at + 4)
            at += 4 + (length + 3) // 4 * 4

    @require(lambda self, index: 0 <= index < len(self.number))
    def limit(self, index: int) -> int:
        """The longest captured length of this interface in bytes; 0 means no limit."""
        return int(self.snap_length[index])

    @require(lambda self, index: 0 <= index < len(self.number))
    @require(lambda high: 0 <= high < 2**32)
    @require(lambda low: 0 <= low < 2**32)
    def time(self, index: int, high: int, low: int) -> int:
        """The nanoseconds that a stamp of this interface stands for."""
        return nanoseconds(high, low, load8(self.resolution, index), int(self.offset[index]))


class Place(NamedTuple):
    """Where a scan stands, between two blocks, and what it has to know of those before."""

    at: int
    """The offset of the next block."""
    described: int
    """How many interfaces were described."""
    section: int
    """How many of them in sections before this one."""
    time: int
    """Of the last packet in nanoseconds: simple packets have none of their own."""
    little: bool
    """Whether numbers in this section have their lowest byte first."""


class BlockScan(NamedTuple):
    """How a scan ended; it can go on from there."""

    packets: int
    """How many packet records were found."""
    place: Place
    outcome: int


@compiled
@require(lambda records, place: 0 <= place.at <= len(records.data))
@require(lambda interfaces, place: 0 <= place.section <= place.described <= len(interfaces.number))
@require(lambda place: 0 <= place.time <= MAX_TIME)
@ensure(lambda records, place, result: place.at <= result.place.at <= len(records.data))
@ensure(
    lambda interfaces, result: (
        0 <= result.place.section <= result.place.described <= len(interfaces.number)
    )
)
@ensure(lambda result: 0 <= result.place.time <= MAX_TIME)
@ensure(lambda records, result: 0 <= result.packets <= len(records.start))
@ensure(lambda records, result: all(is_packet_of(records, i) for i in range(result.packets)))
def scan_pcapng(records: Records, interfaces: Interfaces, place: Place) -> BlockScan:
    """Find the interfaces and packets of the part of a capture that `records.data` holds.

    Begins at `place`, and fills `interfaces`, and `records` as far as it has room. Blocks of
    unknown type are skipped.
    """
    found = 0
    described = place.described
    section = place.section
    time = place.time
    little = place.little
    at = place.at
    while at < len(records.data):
        here = Place(at, described, section, time, little)
        if len(records.data) - at < SMALLEST_BLOCK:
            return BlockScan(found, here, CUT_SHORT)
        kind = u32(records.data, at, little)
        if kind == SECTION:
            little = u32(records.data, at + BODY, True) == BYTE_ORDER
            section = described
        size = u32(records.data, at + LENGTH, little)
        block = Block(records.data, at, kind, size, little)
        problem = check_block(block)
        if problem != SOUND:
            return BlockScan(found, here, problem)
        if kind == INTERFACE:
            if described == len(interfaces.number):
                return BlockScan(found, here, TOO_MANY_INTERFACES)
            interfaces.read(described, described - section, block)
            described += 1
        elif is_packet(kind):
            if found == len(records.start):
                return BlockScan(found, here, FULL)
            interface = interface_of(block)
            if interface >= described - section:
                return BlockScan(found, here, UNKNOWN_INTERFACE)
            index = section + interface
            if kind == SIMPLE_PACKET:
                start = SIMPLE_DATA
                wire_length = block.u32(BODY)
                captured = simple_length(block, interfaces.limit(index))
            else:
                start = PACKET_DATA
                wire_length = block.u32(ON_WIRE)
                captured = block.u32(CAPTURED)
                time = interfaces.time(index, block.u32(TIME_HIGH), block.u32(TIME_LOW))
            if captured > MAX_CAPTURED or start + captured + 4 > size:
                return BlockScan(found, here, BAD_LENGTH)
            records.put(found, Record(at + start, captured, wire_length, time, interface))
            found += 1
        at += size
    return BlockScan(found, Place(at, described, section, time, little), SOUND)


@compiled
@ensure(lambda block, result: result != SOUND or block.is_whole())
def check_block(block: Block) -> int:
    """Whether a block is all there and of a plausible length."""
    if block.kind == SECTION and block.u32(BODY) != BYTE_ORDER:
        return BAD_SECTION
    if block.size < smallest(block.kind) or block.size % 4 != 0 or block.size > LARGEST_BLOCK:
        return BAD_LENGTH
    if block.size > len(block.data) - block.at:
        return CUT_SHORT
    if block.u32(block.size - 4) != block.size:
        return BAD_LENGTH
    if block.kind == SECTION and block.u16(MAJOR_VERSION) != 1:
        return BAD_SECTION
    return SOUND


@compiled
def is_packet(kind: int) -> bool:
    """Whether blocks of this type hold a packet."""
    return kind == PACKET or kind == OLD_PACKET or kind == SIMPLE_PACKET  # noqa: PLR1714 (no `in`)


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
@require(lambda block: block.is_whole())
@ensure(lambda result: 0 <= result < 2**32)
def interface_of(block: Block) -> int:
    """The id, within its section, of the interface that saw the packet in this block."""
    if block.kind == PACKET:
        return block.u32(BODY)
    if block.kind == OLD_PACKET:
        return block.u16(BODY)
    return 0


@compiled
@require(lambda block: block.kind == SIMPLE_PACKET and block.is_whole())
@ensure(lambda block, result: 0 <= result <= block.size - SIMPLE_PACKET_SIZE)
def simple_length(block: Block, limit: int) -> int:
    """The captured length of a simple packet, which does not say it; a limit of 0 is none."""
    captured = min(block.u32(BODY), block.size - SIMPLE_PACKET_SIZE)
    if limit > 0:
        captured = min(captured, limit)
    return captured
