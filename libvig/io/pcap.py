"""The pcap capture format: its variants, and how it is written.

Source: draft-ietf-opsawg-pcap.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from libvig.errors import InputError
from libvig.io.records import Records
from libvig.io.scan import MAX_CAPTURED
from libvig.io.scan_pcap import RECORD_HEADER, VERSION

MICROSECONDS = 0xA1B2C3D4
NANOSECONDS = 0xA1B23C4D
MODIFIED = 0xA1B2CD34
"""Kuznetzov's patch of libpcap, 1998: records with a longer header."""

ETHERNET = 1
BATCH = 16_384
U32 = 2**32 - 1


class Layout(NamedTuple):
    """The variants of the format."""

    little: bool = True
    """Least significant byte first."""
    unit: int = 1
    """Nanoseconds in a unit of the fraction of a second: 1 or 1000."""


def encode_pcap(records: Records, layout: Layout) -> Iterator[bytes]:
    """The file that holds these records, piece by piece: the header, then batches of packets.

    The interface of a record is lost, and so are nanoseconds if the layout's unit is 1000.
    """
    order = "<" if layout.little else ">"
    magic = NANOSECONDS if layout.unit == 1 else MICROSECONDS
    yield struct.pack(order + "IHHIIII", magic, 2, VERSION, 0, 0, MAX_CAPTURED, ETHERNET)
    headers = _record_headers(records, layout, order).tobytes()
    packets = records.data.data
    ends = records.start + records.length
    for first in range(0, len(ends), BATCH):
        batch = slice(first, first + BATCH)
        parts: list[bytes | memoryview] = []
        at = first * RECORD_HEADER
        for start, end in zip(records.start[batch].tolist(), ends[batch].tolist(), strict=True):
            parts.append(headers[at : at + RECORD_HEADER])
            parts.append(packets[start:end])
            at += RECORD_HEADER
        yield b"".join(parts)


def _record_headers(records: Records, layout: Layout, order: str) -> NDArray[np.void]:
    seconds = np.minimum(records.time // 10**9, U32)
    # A fraction of a second and more, as a few captures have it, stays as it was read.
    fraction = (records.time - seconds * 10**9) // layout.unit
    if (fraction > U32).any():
        raise InputError("a packet after the year 2106 does not fit pcap; write to a .pcapng file")
    headers = np.zeros(len(seconds), [(name, order + "u4") for name in "sfcw"])
    headers["s"], headers["f"] = seconds, fraction
    headers["c"], headers["w"] = records.length, records.wire_length
    return headers
