"""ICMP messages (RFC 792, RFC 950). After `is_complete`, no accessor can fail."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import require
from libvig.packet.checksum import MAX_WORDS, updated
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet

TYPE = 0
CODE = 1
CHECKSUM = 2
IDENTIFIER = 4
ICMP_HEADER = 8  # bytes, of queries and errors alike
QUOTED = 8  # bytes of its payload that a packet is quoted with in an error, at least

PROTOCOL_ICMP = 1


@compiled_class
class Icmp(NamedTuple):
    """View of an ICMP message that starts at byte ``at`` of a packet."""

    packet: Packet
    at: int

    def is_complete(self) -> bool:
        """The header was captured."""
        return 0 <= self.at <= self.packet.length() - ICMP_HEADER

    @require(lambda self: self.is_complete())
    def kind(self) -> int:
        """What RFC 792 calls the type."""
        return self.packet.u8(self.at + TYPE)

    @require(lambda self: self.is_complete())
    def code(self) -> int:
        return self.packet.u8(self.at + CODE)

    @require(lambda self: self.is_complete())
    def is_query(self) -> bool:
        """Echo, timestamp, information or address mask, request or reply: with an identifier."""
        return self.kind() == 0 or self.kind() == 8 or 13 <= self.kind() <= 18

    @require(lambda self: self.is_complete())
    def is_error(self) -> bool:
        """Destination unreachable, source quench, time exceeded or parameter problem.

        Redirect, too, quotes a packet, but is for the hosts of one network only.
        """
        return 3 <= self.kind() <= 4 or 11 <= self.kind() <= 12

    @require(lambda self: self.is_complete())
    def checksum(self) -> int:
        """It covers the message, and no IP addresses."""
        return self.packet.u16(self.at + CHECKSUM)

    @require(lambda self: self.is_complete())
    def identifier(self) -> int:
        """Of a query."""
        return self.packet.u16(self.at + IDENTIFIER)

    def quoted(self) -> Ipv4:
        """View of the packet that an error is about: its header and the start of its payload."""
        return Ipv4(self.packet, self.at + ICMP_HEADER)

    @require(lambda self: self.is_complete())
    @require(lambda identifier: 0 <= identifier < 2**16)
    def set_identifier(self, identifier: int) -> None:
        self.packet.set_u16(self.at + IDENTIFIER, identifier)

    @require(lambda self: self.is_complete())
    @require(lambda old: 0 <= old <= MAX_WORDS)
    @require(lambda new: 0 <= new <= MAX_WORDS)
    def update_checksum(self, old: int, new: int) -> None:
        """Account for covered words summing to ``old`` that give way to some summing to ``new``."""
        self.packet.set_u16(self.at + CHECKSUM, updated(self.checksum(), old, new))


@compiled
def icmp_of(ip: Ipv4) -> Icmp:
    """View of the payload as an ICMP message."""
    return Icmp(ip.packet, ip.payload_at())
