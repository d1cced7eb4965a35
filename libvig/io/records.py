"""Room for what a scan finds in a capture, and choices among the packet records in it."""

import numpy as np

from libvig.io.scan import Records
from libvig.io.scan_pcapng import Interfaces
from libvig.types import I64, Bytes

__all__ = ["Records", "new_columns", "new_interfaces", "new_records", "select"]

MAX_INTERFACES = 2**15


def new_records(data: Bytes, count: int) -> Records:
    """Room for `count` records of the capture `data`."""
    return Records(data, *new_columns(count))


def new_columns(count: int) -> tuple[I64, ...]:
    """Room for all of `count` records but the data."""
    return tuple(np.zeros(count, np.int64) for _ in range(5))


def new_interfaces() -> Interfaces:
    """Room for as many interfaces as there can be devices."""
    number, link_type, snap_length, offset = (np.zeros(MAX_INTERFACES, np.int64) for _ in range(4))
    resolution = np.zeros(MAX_INTERFACES, np.uint8)
    return Interfaces(number, link_type, snap_length, resolution, offset)


def select(records: Records, chosen: I64) -> Records:
    """The records at the indices `chosen`, in that order."""
    return Records(records.data, *(column[chosen] for column in records[1:]))
