"""What an NF is to run on: the packets of one or more captures, each with its device and time."""

from typing import NamedTuple

import numpy as np

from libvig.io.records import Records
from libvig.io.runnable import runnable
from libvig.io.split import Split, find_devices
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


def devices_by_source(records: Records, split: Split, *, interpreted: bool = False) -> I64:
    """The device of each packet, by its source address."""
    device = np.empty(len(records.start), np.int64)
    runnable(find_devices, interpreted)(records, split, device)
    return device


def new_trace(records: Records, device: I64, clock: int = 0, tick: int = 1) -> Trace:
    """The trace of these packets, on a clock that shows some time already.

    Where the packets' time goes back, the clock stands still. It shows multiples of a tick, in
    nanoseconds: the last one that was reached.
    """
    time = np.maximum(np.maximum.accumulate(records.time), clock)
    if tick > 1:
        time -= time % tick
    return undecided(*records[:4], time, device)


def undecided(data: Bytes, *columns: I64) -> Trace:
    """The trace of which these are the data and all other columns but the verdicts.

    What is known of a packet lies in one row: native code needs one address for all of it.
    """
    count = len(columns[0])
    rows = np.empty((max(count, 1), len(columns) + 1), np.int64)[:count]  # as far apart, if none
    rows[:, -1] = UNDECIDED
    for place, column in enumerate(columns):
        rows[:, place] = column
    return Trace(data, *rows.T)
