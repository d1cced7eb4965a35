"""The packet records of a capture: where each packet lies, and what the capture says about it."""

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.types import I64, Bytes

MAX_CAPTURED = 262_144
"""The longest packet that a record may hold, in bytes: libpcap's MAXIMUM_SNAPLEN. Every tool
refuses longer ones, so a greater length is a damaged record and not a packet."""

SOUND = 0
"""Outcome of a scan: the capture ends where a record ends."""
CUT_SHORT = 1
"""Outcome of a scan: the capture ends in the middle of a record."""
BAD_LENGTH = 2
"""Outcome of a scan: the lengths in a record contradict each other or exceed MAX_CAPTURED."""
BAD_SECTION = 3
"""Outcome of a scan: a pcapng section without a byte-order magic, or of an unknown version."""
UNKNOWN_INTERFACE = 4
"""Outcome of a scan: a pcapng packet of an interface that its section does not describe."""
TOO_MANY_INTERFACES = 5
"""Outcome of a scan: more pcapng interface descriptions than there can be devices."""


class Record(NamedTuple):
    """One packet record; the fields are those of `Records`."""

    start: int
    length: int
    wire_length: int
    time: int
    interface: int


@compiled_class
class Records(NamedTuple):
    """Packet records in file order; the arrays after `data` have one element a record."""

    data: Bytes
    """The bytes that `start` refers to: as a rule the whole file."""
    start: I64
    """Offset in `data` of the first byte of the packet."""
    length: I64
    """Number of bytes that were captured; start + length <= len(data)."""
    wire_length: I64
    """Number of bytes on the wire, as the capture says it: 0..2**32-1. Some writers claim less
    than they captured."""
    time: I64
    """Nanoseconds since 1970, 0..MAX_TIME."""
    interface: I64
    """The interface that saw the packet; 0 in pcap, the id within its section in pcapng."""

    def put(self, index: int, record: Record) -> None:
        """Store one record; an index beyond the arrays' end is ignored, to count records only."""
        if index < len(self.start):
            self.start[index] = record.start
            self.length[index] = record.length
            self.wire_length[index] = record.wire_length
            self.time[index] = record.time
            self.interface[index] = record.interface


def new_records(data: Bytes, count: int) -> Records:
    """Room for `count` records of the capture `data`."""
    return Records(data, *(np.zeros(count, np.int64) for _ in range(5)))


def select(records: Records, chosen: I64) -> Records:
    """The records at the indices `chosen`, in that order."""
    return Records(records.data, *(column[chosen] for column in records[1:]))
