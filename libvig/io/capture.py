"""Captures as a whole, in memory."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from libvig.io import pcap
from libvig.io.reader import Reader
from libvig.io.records import Records, new_records


class Capture(NamedTuple):
    """What a capture file holds."""

    name: str
    records: Records
    interfaces: int
    """How many interfaces a section describes at most; 1 in pcap."""
    layout: pcap.Layout | None
    """The variant of pcap; None if the capture is pcapng."""
    damage: str
    """One line that says where and why reading ended too early; empty if it did not."""


def read_capture(name: str, *, interpreted: bool = False) -> Capture:
    """Read all of the capture with this file name; "-" is standard input.

    `interpreted` runs the scanners in CPython instead of natively. Raises InputError if there is
    no such file, or it is not a capture of Ethernet frames.
    """
    reader = Reader(name, interpreted=interpreted)
    records = joined(iter(reader.read, None))
    return Capture(name, records, reader.interfaces, reader.layout, reader.damage)


def joined(parts: Iterable[Records]) -> Records:
    """Records that follow each other, as one; the parts need last until the next only."""
    kept, size = [new_records(np.empty(0, np.uint8), 0)], 0
    for part in parts:
        own = trimmed(part)
        kept.append(own._replace(start=own.start + size))
        size += len(own.data)
    return Records(*(np.concatenate(column) for column in zip(*kept, strict=True)))


def trimmed(records: Records) -> Records:
    """A copy of records, with no more of the data than they refer to."""
    if not len(records.start):
        return new_records(np.empty(0, np.uint8), 0)
    first, last = int(records.start.min()), int((records.start + records.length).max())
    columns = (column.copy() for column in records[2:])
    return Records(records.data[first:last].copy(), records.start - first, *columns)
