"""What a scan of a capture finds: where each packet lies, what is said of it, how the scan ended.

Scans are fed with bytes that anyone may have written, and run natively without checks. So what
they consist of, scan*.py, bytes.py and pcapng_time.py, lies inside the verified subset.
"""

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.types import I64, MAX_TIME, Bytes

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
FULL = 6
"""Outcome of a scan: another packet comes, for which there is no room among the records."""


class Scan(NamedTuple):
    """How a scan ended; it can go on from there."""

    packets: int
    """How many packet records were found."""
    end: int
    """The offset at which scanning ended, which is that of a record or of the data's end."""
    outcome: int


class Record(NamedTuple):
    """One packet record; the fields are those of `Records`."""

    start: int
    length: int
    wire_length: int
    time: int
    interface: int


@compiled_class
@invariant(
    lambda self: (
        len(self.start)
        == len(self.length)
        == len(self.wire_length)
        == len(self.time)
        == len(self.interface)
    )
)
class Records(NamedTuple):
    """Packet records in file order; the arrays after `data` have one element a record."""

    data: Bytes
    """The bytes that `start` refers to: a part of the capture, or the whole."""
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

    @require(lambda self, index: 0 <= index < len(self.start))
    def put(self, index: int, record: Record) -> None:
        """Store one record."""
        self.start[index] = record.start
        self.length[index] = record.length
        self.wire_length[index] = record.wire_length
        self.time[index] = record.time
        self.interface[index] = record.interface


def is_packet_of(records: Records, index: int) -> bool:
    """Whether this record says where in the data a packet lies; for contracts."""
    return (
        0 <= int(records.length[index]) <= MAX_CAPTURED
        and 0 <= int(records.start[index]) <= len(records.data) - int(records.length[index])
        and 0 <= int(records.wire_length[index]) < 2**32
        and 0 <= int(records.time[index]) <= MAX_TIME
        and 0 <= int(records.interface[index]) < 2**32
    )
