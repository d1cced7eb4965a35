"""Which device the packets of a single interface came in by: that of their source address."""

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.io.scan import Records, is_packet_of
from libvig.packet.packet import MAX_DEVICES
from libvig.primitives import load8, load16, load32
from libvig.types import I64

ETHER_TYPE = 12
VERSION = 14
SOURCE = 26
IPV4 = 0x0800


@compiled_class
@invariant(lambda self: 0 <= self.outside < MAX_DEVICES)
class Split(NamedTuple):
    """A division of all IPv4 addresses."""

    first: int
    """The first address inside."""
    last: int
    """The last one."""
    outside: int
    """Device of IPv4 packets from other sources; all others come in by device 0."""


@compiled
@require(lambda records, device: len(device) == len(records.start))
@require(lambda records: all(is_packet_of(records, i) for i in range(len(records.start))))
@ensure(lambda split, device: all(0 <= device[i] <= split.outside for i in range(len(device))))
def find_devices(records: Records, split: Split, device: I64) -> None:
    """Write the device of each packet to `device`."""
    for index in range(len(records.start)):
        device[index] = 0
        start = int(records.start[index])
        if records.length[index] >= SOURCE + 4:
            if load16(records.data, start + ETHER_TYPE) == IPV4:
                if load8(records.data, start + VERSION) >> 4 == 4:
                    source = load32(records.data, start + SOURCE)
                    if source < split.first or source > split.last:
                        device[index] = split.outside
