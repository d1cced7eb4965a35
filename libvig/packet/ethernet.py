"""Ethernet II frames (IEEE 802.3-2018 §3.1.1), without VLAN tags.

After `is_complete`, no accessor can fail.
"""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import require
from libvig.packet.packet import Packet
from libvig.types import I64

DESTINATION = 0
SOURCE = 6
TYPE = 12
ETHERNET_HEADER = 14  # bytes

ETHERTYPE_IPV4 = 0x0800


@compiled_class
class Ethernet(NamedTuple):
    """View of the Ethernet header at the start of a packet. MAC addresses are 48-bit integers."""

    packet: Packet

    def is_complete(self) -> bool:
        """The whole header was captured."""
        return self.packet.length() >= ETHERNET_HEADER

    @require(lambda self: self.is_complete())
    def destination(self) -> int:
        return self.packet.u48(DESTINATION)

    @require(lambda self: self.is_complete())
    def source(self) -> int:
        return self.packet.u48(SOURCE)

    @require(lambda self: self.is_complete())
    def ethertype(self) -> int:
        return self.packet.u16(TYPE)

    @require(lambda self: self.is_complete())
    @require(lambda source, destination: 0 <= source < 2**48 and 0 <= destination < 2**48)
    def set_addresses(self, source: int, destination: int) -> None:
        self.packet.set_u48(SOURCE, source)
        self.packet.set_u48(DESTINATION, destination)


@compiled
def is_group(address: int) -> bool:
    """Stands for several stations: the I/G bit is set (IEEE 802-2014, 8.2.2)."""
    return address >> 40 & 1 == 1


@compiled
def is_reserved(address: int) -> bool:
    """One of 01-80-C2-00-00-00 to 0F, which no bridge forwards (IEEE 802.1Q-2014, Table 8-1)."""
    return address >> 4 == 0x0180C200000


def are_mac_addresses(values: I64) -> bool:
    """Every element is a 48-bit address."""
    return all(0 <= values[i] < 2**48 for i in range(len(values)))
