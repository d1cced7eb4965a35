"""Packet blocks of a pcapng capture, written: in nanoseconds, lowest bytes first.

Source: draft-ietf-opsawg-pcapng.
"""

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.io.bytes import copy, put_u32
from libvig.io.scan import Records, is_packet_of
from libvig.io.scan_pcapng import (
    BODY,
    CAPTURED,
    LENGTH,
    ON_WIRE,
    PACKET,
    PACKET_DATA,
    PACKET_SIZE,
    TIME_HIGH,
    TIME_LOW,
)
from libvig.io.write import NO_ROOM, WRITTEN, Written
from libvig.types import Bytes


@compiled
@require(lambda records, first: 0 <= first <= len(records.start))
@require(lambda records: all(is_packet_of(records, i) for i in range(len(records.start))))
@ensure(lambda records, first, result: first <= result.next <= len(records.start))
@ensure(lambda into, result: 0 <= result.size <= len(into))
def write_pcapng(into: Bytes, records: Records, first: int) -> Written:
    """Write the records from `first` on to the beginning of `into`, as far as there is room."""
    at = 0
    index = first
    while index < len(records.start):
        length = int(records.length[index])
        size = PACKET_SIZE + (length + 3) // 4 * 4
        if size > len(into) - at:
            return Written(index, at, NO_ROOM)
        time = int(records.time[index])
        put_u32(into, at + size - 8, 0, True)  # the padding; what is no padding is yet to come
        put_u32(into, at, PACKET, True)
        put_u32(into, at + LENGTH, size, True)
        put_u32(into, at + BODY, int(records.interface[index]), True)
        put_u32(into, at + TIME_HIGH, time >> 32, True)
        put_u32(into, at + TIME_LOW, time & 0xFFFFFFFF, True)
        put_u32(into, at + CAPTURED, length, True)
        put_u32(into, at + ON_WIRE, int(records.wire_length[index]), True)
        copy(into, at + PACKET_DATA, records.data, int(records.start[index]), length)
        put_u32(into, at + size - 4, size, True)
        at += size
        index += 1
    return Written(index, at, WRITTEN)
