"""UDP headers (RFC 768). After `is_complete`, no accessor can fail."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import require
from libvig.packet.checksum import MAX_WORDS, updated_if_any
from libvig.packet.packet import Packet

SOURCE_PORT = 0
DESTINATION_PORT = 2
LENGTH = 4
CHECKSUM = 6
UDP_HEADER = 8  # bytes

PROTOCOL_UDP = 17


@compiled_class
class Udp(NamedTuple):
    """View of a UDP header that starts at byte ``at`` of a packet."""

    packet: Packet
    at: int

    def is_complete(self) -> bool:
        """The whole header was captured."""
        return 0 <= self.at <= self.packet.length() - UDP_HEADER

    @require(lambda self: self.is_complete())
    def source_port(self) -> int:
        return self.packet.u16(self.at + SOURCE_PORT)

    @require(lambda self: self.is_complete())
    def destination_port(self) -> int:
        return self.packet.u16(self.at + DESTINATION_PORT)

    @require(lambda self: self.is_complete())
    def length(self) -> int:
        """Bytes of header and data, as the header states them."""
        return self.packet.u16(self.at + LENGTH)

    @require(lambda self: self.is_complete())
    def checksum(self) -> int:
        """0 where the sender computed none."""
        return self.packet.u16(self.at + CHECKSUM)

    @require(lambda self: self.is_complete())
    @require(lambda port: 0 <= port < 2**16)
    def set_source_port(self, port: int) -> None:
        self.packet.set_u16(self.at + SOURCE_PORT, port)

    @require(lambda self: self.is_complete())
    @require(lambda port: 0 <= port < 2**16)
    def set_destination_port(self, port: int) -> None:
        self.packet.set_u16(self.at + DESTINATION_PORT, port)

    @require(lambda self: self.is_complete())
    @require(lambda old: 0 <= old <= MAX_WORDS)
    @require(lambda new: 0 <= new <= MAX_WORDS)
    def update_checksum(self, old: int, new: int) -> None:
        """Account for covered words summing to ``old`` that give way to some summing to ``new``.

        Where there is no checksum, none is made.
        """
        self.packet.set_u16(self.at + CHECKSUM, updated_if_any(self.checksum(), old, new))
