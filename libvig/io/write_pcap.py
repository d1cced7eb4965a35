"""Packet records of a pcap capture, written.

Source: draft-ietf-opsawg-pcap.
"""

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.io.bytes import copy, put_u32
from libvig.io.scan import Records, is_packet_of
from libvig.io.scan_pcap import CAPTURED, FRACTION, ON_WIRE, RECORD_HEADER
from libvig.io.write import NO_ROOM, TOO_LATE, WRITTEN, Written
from libvig.types import Bytes

SECOND = 1_000_000_000
U32 = 2**32 - 1


@compiled
@require(lambda records, first: 0 <= first <= len(records.start))
@require(lambda records: all(is_packet_of(records, i) for i in range(len(records.start))))
@ensure(lambda records, first, result: first <= result.next <= len(records.start))
@ensure(lambda into, result: 0 <= result.size <= len(into))
def write_pcap(
    into: Bytes, records: Records, first: int, little: bool, microseconds: bool
) -> Written:
    """Write the records from `first` on to the beginning of `into`, as far as there is room.

    `little` and `microseconds` are as in a scan. The interface of a record is lost, and so is
    what is less than a microsecond if those are asked for.
    """
    at = 0
    index = first
    while index < len(records.start):
        length = int(records.length[index])
        if length > len(into) - at - RECORD_HEADER:
            return Written(index, at, NO_ROOM)
        time = int(records.time[index])
        seconds = min(time // SECOND, U32)
        # A fraction of a second and more, as a few captures have it, stays as it was read.
        fraction = time - seconds * SECOND
        if microseconds:
            fraction = fraction // 1000
        if fraction > U32:
            return Written(index, at, TOO_LATE)
        put_u32(into, at, seconds, little)
        put_u32(into, at + FRACTION, fraction, little)
        put_u32(into, at + CAPTURED, length, little)
        put_u32(into, at + ON_WIRE, int(records.wire_length[index]), little)
        copy(into, at + RECORD_HEADER, records.data, int(records.start[index]), length)
        at += RECORD_HEADER + length
        index += 1
    return Written(index, at, WRITTEN)
