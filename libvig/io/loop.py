"""The loop that runs an NF over a trace, one packet at a time."""

from typing import Any

from libvig.io.trace import Trace
from libvig.packet.packet import Packet


def process_all(nf: Any, trace: Trace, first: int, last: int) -> None:
    """Hand the packets first..last-1 to the NF and keep its verdicts; first >= 0, last <= all.

    Each packet must lie within the data, 0 <= start <= start + length <= len(data), as it does in
    what a scan has found (`libvig.io.scan.is_packet_of`): native code does not look.
    """
    for i in range(first, last):
        start = int(trace.start[i])
        length = int(trace.length[i])
        # Some writers claim less on the wire than they captured.
        wire_length = max(int(trace.wire_length[i]), length)
        packet = Packet(trace.data[start : start + length], wire_length, int(trace.device[i]))
        trace.verdict[i] = nf.process(packet, int(trace.time[i]))
