"""Ethernet frames with TCP or UDP over IPv4, many at a time; their payload is zeros."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from libvig.types import I64

TCP, UDP = 6, 17
IP_AT, L4_AT = 14, 34  # without IP options
CHECKSUM_AT = {TCP: L4_AT + 16, UDP: L4_AT + 6}
FCS = 4  # bytes at the end of a frame that are not captured
SMALLEST = 64  # bytes, with the FCS
LARGEST = 1518

Rows = NDArray[np.uint8]
"""One frame a row."""


class FiveTuples(NamedTuple):
    """Columns, one element a packet; addresses are 32-bit numbers."""

    protocol: I64
    source: I64
    source_port: I64
    destination: I64
    destination_port: I64

    def reversed(self) -> FiveTuples:
        """Those of the answers."""
        return FiveTuples(self.protocol, *self[3:], *self[1:3])

    def where(self, chosen: NDArray[np.bool_], others: FiveTuples) -> FiveTuples:
        """These where `chosen`, the others elsewhere."""
        pairs = zip(self, others, strict=True)
        return FiveTuples(*(np.where(chosen, mine, theirs) for mine, theirs in pairs))


def build(size: int, flows: FiveTuples, destination_mac: I64, source_mac: I64) -> Rows:
    """Frames of `size` bytes with the FCS, which they come without; their checksums are right."""
    rows = np.zeros((len(flows.protocol), size - FCS), np.uint8)
    length = size - FCS - L4_AT
    _put(rows, 0, 6, destination_mac)
    _put(rows, 6, 6, source_mac)
    _put(rows, 12, 2, 0x0800)
    _put(rows, 14, 2, 0x4500)
    _put(rows, 16, 2, 20 + length)
    _put(rows, 22, 1, 64)
    _put(rows, 23, 1, flows.protocol)
    _put(rows, 26, 4, flows.source)
    _put(rows, 30, 4, flows.destination)
    _put(rows, 34, 2, flows.source_port)
    _put(rows, 36, 2, flows.destination_port)
    is_tcp = flows.protocol == TCP
    _put(rows, 38, 4, np.where(is_tcp, 1, length << 16))  # sequence number, or UDP length
    _put(rows, 42, 4, np.where(is_tcp, 1, 0))  # acknowledgement
    _put(rows, 46, 4, np.where(is_tcp, 5 << 28 | 0x10 << 16 | 8192, 0))  # offset, flags, window
    _put(rows, 24, 2, _checksum(_sum(rows, IP_AT, L4_AT)))
    total = _sum(rows, 26, L4_AT + 20) + flows.protocol + length
    transport = _checksum(total)
    # RFC 768: a computed UDP checksum of zero is sent as all ones.
    transport = np.where(~is_tcp & (transport == 0), 0xFFFF, transport)
    for protocol, at in CHECKSUM_AT.items():
        chosen = flows.protocol == protocol
        rows[chosen, at : at + 2] = _bytes(transport[chosen], 2)
    return rows


def _put(rows: Rows, at: int, size: int, value: I64 | int) -> None:
    rows[:, at : at + size] = _bytes(np.broadcast_to(np.asarray(value, np.int64), len(rows)), size)


def _bytes(values: NDArray[np.int64], size: int) -> Rows:
    """The last `size` bytes of each value, the highest first."""
    return values.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 8 - size :]


def _sum(rows: Rows, start: int, stop: int) -> I64:
    """Of the 16-bit words of these bytes."""
    total = np.zeros(len(rows), np.int64)
    for at in range(start, stop, 2):
        total += rows[:, at].astype(np.int64) << 8 | rows[:, at + 1]
    return total


def _checksum(total: I64) -> I64:
    """Of words that sum to `total`, which is not 0 (RFC 1071)."""
    return (0xFFFF - total % 0xFFFF) % 0xFFFF
