"""The pcapng capture format, written: one section, a description of each interface, the packets.

Source: draft-ietf-opsawg-pcapng.
"""

import struct
from collections.abc import Iterator, Sequence

from libvig.io.records import Records
from libvig.io.scan import MAX_CAPTURED
from libvig.io.scan_pcapng import (
    BYTE_ORDER,
    INTERFACE,
    OPTION_RESOLUTION,
    PACKET,
    PACKET_SIZE,
    SECTION,
    SMALLEST_BLOCK,
)

OPTION_NAME = 2  # of an interface
OPTION_APPLICATION = 4  # of a section

ETHERNET = 1
BATCH = 16_384
U32 = 2**32 - 1
OPTIONS_END = bytes(4)
HEADER = struct.Struct("<7I")  # of a packet block
TRAILER = struct.Struct("<I")


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
