"""IPv4 headers, options included (RFC 791 §3.1).

After `is_complete`, no accessor of the fixed part can fail. `is_consistent` judges the lengths that
the header states by the packet's length on the wire, not by what a snap length left of it.
"""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import require
from libvig.packet.checksum import updated, words
from libvig.packet.packet import Packet

VERSION_AND_LENGTH = 0
TOTAL_LENGTH = 2
FLAGS_AND_OFFSET = 6
PROTOCOL = 9
CHECKSUM = 10
SOURCE = 12
DESTINATION = 16
IPV4_FIXED_HEADER = 20  # bytes


@compiled_class
class Ipv4(NamedTuple):
    """View of an IPv4 header at byte ``at`` of a packet. Addresses are 32-bit integers."""

    packet: Packet
    at: int

    def is_complete(self) -> bool:
        """The fixed part of the header was captured."""
        return 0 <= self.at <= self.packet.length() - IPV4_FIXED_HEADER

    @require(lambda self: self.is_complete())
    def is_consistent(self) -> bool:
        """Version 4, and header, total length and frame fit into each other (RFC 1812 §5.2.2)."""
        return (
            self.version() == 4
            and IPV4_FIXED_HEADER <= self.header_length() <= self.total_length()
            and self.at + self.total_length() <= self.packet.wire_length
        )

    @require(lambda self: self.is_complete())
    def version(self) -> int:
        return self.packet.u8(self.at + VERSION_AND_LENGTH) >> 4

    @require(lambda self: self.is_complete())
    def header_length(self) -> int:
        """Bytes, options included."""
        return (self.packet.u8(self.at + VERSION_AND_LENGTH) & 0xF) * 4

    @require(lambda self: self.is_complete())
    def total_length(self) -> int:
        """Bytes of header and payload, as the header states them."""
        return self.packet.u16(self.at + TOTAL_LENGTH)

    @require(lambda self: self.is_complete())
    def payload_at(self) -> int:
        """Offset of the payload in the packet."""
        return self.at + self.header_length()

    @require(lambda self: self.is_complete())
    def payload_length(self) -> int:
        """Bytes behind the header; negative where the header is not consistent."""
        return self.total_length() - self.header_length()

    @require(lambda self: self.is_complete())
    def more_fragments(self) -> bool:
        return self.packet.u16(self.at + FLAGS_AND_OFFSET) & 0x2000 != 0

    @require(lambda self: self.is_complete())
    def fragment_offset(self) -> int:
        """In units of 8 bytes; 0 in a first fragment and in a whole datagram."""
        return self.packet.u16(self.at + FLAGS_AND_OFFSET) & 0x1FFF

    @require(lambda self: self.is_complete())
    def protocol(self) -> int:
        return self.packet.u8(self.at + PROTOCOL)

    @require(lambda self: self.is_complete())
    def checksum(self) -> int:
        return self.packet.u16(self.at + CHECKSUM)

    @require(lambda self: self.is_complete())
    def source(self) -> int:
        return self.packet.u32(self.at + SOURCE)

    @require(lambda self: self.is_complete())
    def destination(self) -> int:
        return self.packet.u32(self.at + DESTINATION)

    @require(lambda self: self.is_complete())
    @require(lambda address: 0 <= address < 2**32)
    def set_source(self, address: int) -> None:
        """Write the source address, the header checksum kept correct (RFC 1624)."""
        self._patch_checksum(self.source(), address)
        self.packet.set_u32(self.at + SOURCE, address)

    @require(lambda self: self.is_complete())
    @require(lambda address: 0 <= address < 2**32)
    def set_destination(self, address: int) -> None:
        """Write the destination address, the header checksum kept correct (RFC 1624)."""
        self._patch_checksum(self.destination(), address)
        self.packet.set_u32(self.at + DESTINATION, address)

    def _patch_checksum(self, old: int, new: int) -> None:
        self.packet.set_u16(self.at + CHECKSUM, updated(self.checksum(), words(old), words(new)))
