"""TCP headers (RFC 9293 §3.1). After `is_complete`, no accessor can fail."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import require
from libvig.packet.checksum import MAX_WORDS, updated
from libvig.packet.packet import Packet

SOURCE_PORT = 0
DESTINATION_PORT = 2
DATA_OFFSET = 12
CHECKSUM = 16
TCP_FIXED_HEADER = 20  # bytes

PROTOCOL_TCP = 6


@compiled_class
class Tcp(NamedTuple):
    """View of a TCP header that starts at byte ``at`` of a packet."""

    packet: Packet
    at: int

    def is_complete(self) -> bool:
        """The fixed part of the header was captured."""
        return 0 <= self.at <= self.packet.length() - TCP_FIXED_HEADER

    @require(lambda self: self.is_complete())
    def source_port(self) -> int:
        return self.packet.u16(self.at + SOURCE_PORT)

    @require(lambda self: self.is_complete())
    def destination_port(self) -> int:
        return self.packet.u16(self.at + DESTINATION_PORT)

    @require(lambda self: self.is_complete())
    def header_length(self) -> int:
        """Bytes, options included."""
        return (self.packet.u8(self.at + DATA_OFFSET) >> 4) * 4

    @require(lambda self: self.is_complete())
    def checksum(self) -> int:
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
        """Account for covered words summing to ``old`` that give way to some summing to ``new``."""
        self.packet.set_u16(self.at + CHECKSUM, updated(self.checksum(), old, new))
