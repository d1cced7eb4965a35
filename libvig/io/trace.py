"""What an NF is to run on: the packets of one or more captures, each with its device and time."""

from typing import NamedTuple

import numpy as np

from libvig.io.records import Records
from libvig.types import I64, Bytes


class Trace(NamedTuple):
    """The packets in the order in which an NF gets them, one element a packet."""

    data: Bytes
    """The bytes that `start` refers to; the NF writes its packets in place."""
    start: I64
    """Offset in `data` of the first byte of the packet."""
    length: I64
    """Number of bytes that were captured."""
    wire_length: I64
    """Number of bytes on the wire, as the capture says it."""
    time: I64
    """The NF's clock in nanoseconds, which never goes back."""
    device: I64
    """The device by which the packet comes in."""
    verdict: I64
    """What the NF said: a device to leave by, FLOOD, or a negative reason to drop the packet."""


UNDECIDED = -(2**63)
"""The verdict on a packet that the NF has not had yet."""


class Split(NamedTuple):
    """Which device the packets of a single interface came in by: that of their source address."""

    prefix: int
    """IPv4 network address."""
    mask: int
    """Its netmask."""
    outside: int
    """Device of IPv4 packets from other sources; all others come in by device 0."""


def devices_by_source(records: Records, split: Split) -> I64:
    """The device of each packet, by the prefix of its IPv4 source address."""
    device = np.zeros(len(records.start), np.int64)
    long_enough = np.flatnonzero(records.length >= 30)
    start = records.start[long_enough]
    ipv4 = (_big_endian(records.data, start + 12, 2) == 0x0800) & (
        records.data[start + 14] >> 4 == 4
    )
    outside = _big_endian(records.data, start + 26, 4) & split.mask != split.prefix
    device[long_enough[ipv4 & outside]] = split.outside
    return device


def new_trace(records: Records, device: I64, clock: int = 0) -> Trace:
    """The trace of these packets, on a clock that shows some time already.

    Where the packets' time goes back, the clock stands still.
    """
    time = np.maximum(np.maximum.accumulate(records.time), clock)
    return Trace(*records[:4], time, device, np.full(len(time), UNDECIDED))


def _big_endian(data: Bytes, at: I64, size: int) -> I64:
    value = np.zeros(len(at), np.int64)
    for i in range(size):
        value = value << 8 | data[at + i]
    return value
