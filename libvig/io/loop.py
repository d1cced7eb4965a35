"""The loops that run an NF over a trace, one packet at a time."""

from typing import Any

from libvig.compile import compiled
from libvig.io.trace import Trace
from libvig.packet.packet import Packet
from libvig.primitives import expect, prefetch, window
from libvig.types import I64

SOON = 32
"""So many packets before its turn, the packet itself is asked for."""
FAR = 16
"""So many packets before its turn, it is looked where a packet's search begins."""
NEAR = 10
"""So many packets before its turn, what that search is likely to find is asked for."""
CLOSE = 5
"""So many packets before its turn, what changes beside it is."""
HINTS = 32
"""Room for the hints of the packets in between; a power of two."""


@compiled
def packet_at(trace: Trace, index: int) -> Packet:
    """A packet of the trace."""
    start = int(trace.start[index])
    length = int(trace.length[index])
    # Some writers claim less on the wire than they captured.
    wire_length = max(int(trace.wire_length[index]), length)
    return Packet(window(trace.data, start, length), wire_length, int(trace.device[index]))


def process_all(nf: Any, trace: Trace, first: int, last: int) -> None:
    """Hand the packets first..last-1 to the NF and keep its verdicts; first >= 0, last <= all.

    Each packet must lie within the data, 0 <= start <= start + length <= len(data), as it does in
    what a scan has found (`libvig.io.scan.is_packet_of`): native code does not look.
    """
    for i in range(first, last):
        trace.verdict[i] = nf.process(packet_at(trace, i), int(trace.time[i]))


def process_ahead(nf: Any, trace: Trace, first: int, last: int, hints: I64) -> None:
    """The same, for an NF that looks ahead; `hints` has room for HINTS.

    It still gets one packet after the other. But what it will need of the memory is asked for a
    few packets before: that takes as long as several packets do, and these go on meanwhile.
    """
    for i in range(first - FAR, last):
        step_ahead(nf, trace, i, (first, last), hints)


@compiled
def _fetch_packet(trace: Trace, index: int) -> None:
    """Prefetch a packet, if there is one of this index >= 0; and what is known of a later one."""
    if index < len(trace.start):
        prefetch(trace.data, int(trace.start[index]))
        prefetch(trace.start, index + SOON)  # beside which all else lies


@compiled
def step_ahead(nf: Any, trace: Trace, index: int, ends: tuple[int, int], hints: I64) -> None:
    """A step of that: the turn of the packet `index`, if it is one of those between the ends."""
    first, last = ends
    far, near, close, own = (
        (index + FAR) & (HINTS - 1),
        (index + NEAR) & (HINTS - 1),
        (index + CLOSE) & (HINTS - 1),
        index & (HINTS - 1),
    )
    _fetch_packet(trace, index + SOON)
    if index + FAR < last:
        hints[far] = nf.look_ahead(packet_at(trace, index + FAR))
    # Before the first packet and behind the last, these are hints of none: any does no harm.
    hints[near] = nf.look_closer(int(hints[near]))
    nf.look_closest(int(hints[close]))
    if index >= first:
        expect(int(hints[own]))
        trace.verdict[index] = nf.process(packet_at(trace, index), int(trace.time[index]))
