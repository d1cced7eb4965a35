"""The scan of a pcap capture: a file header, then one record a packet.

Source: draft-ietf-opsawg-pcap.
"""

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.io.bytes import u32
from libvig.io.scan import (
    BAD_LENGTH,
    CUT_SHORT,
    FULL,
    MAX_CAPTURED,
    SOUND,
    Record,
    Records,
    Scan,
    is_packet_of,
)

# File header: magic, version, two unused words, longest captured length, link type.
FILE_HEADER = 24
VERSION = 4
LINK_TYPE = 20

# Record header: seconds, fraction of a second, captured length, length on the wire.
RECORD_HEADER = 16
FRACTION = 4
CAPTURED = 8
ON_WIRE = 12


@compiled
@require(lambda records, first: 0 <= first <= len(records.data))
@ensure(lambda records, first, result: first <= result.end <= len(records.data))
@ensure(lambda records, result: 0 <= result.packets <= len(records.start))
@ensure(lambda records, result: all(is_packet_of(records, i) for i in range(result.packets)))
def scan_pcap(records: Records, first: int, little: bool, microseconds: bool) -> Scan:
    """Find the packets of the part of a capture that `records.data` holds.

    Begins with the record at the offset `first`, and fills `records` as far as it has room.
    `little`: numbers have their lowest byte first; `microseconds`: fractions of a second are
    those, and not nanoseconds.
    """
    found = 0
    at = first
    while len(records.data) - at >= RECORD_HEADER:
        if found == len(records.start):
            return Scan(found, at, FULL)
        captured = u32(records.data, at + CAPTURED, little)
        if captured > MAX_CAPTURED:
            return Scan(found, at, BAD_LENGTH)
        start = at + RECORD_HEADER
        if captured > len(records.data) - start:
            return Scan(found, at, CUT_SHORT)
        fraction = u32(records.data, at + FRACTION, little)
        if microseconds:
            fraction = fraction * 1000
        # At most 2**32 s + 2**32 µs, which is less than MAX_TIME.
        time = u32(records.data, at, little) * 1_000_000_000 + fraction
        wire_length = u32(records.data, at + ON_WIRE, little)
        records.put(found, Record(start, captured, wire_length, time, 0))
        found += 1
        at = start + captured
    if at < len(records.data):
        return Scan(found, at, CUT_SHORT)
    return Scan(found, at, SOUND)
