"""What TCP and UDP share: the ports come first, and the checksum covers the IP addresses too."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import require
from libvig.packet.checksum import MAX_WORDS
from libvig.packet.packet import Packet
from libvig.packet.tcp import PROTOCOL_TCP, Tcp
from libvig.packet.udp import PROTOCOL_UDP, Udp

SOURCE_PORT = 0
DESTINATION_PORT = 2


@compiled_class
class Transport(NamedTuple):
    """View of a TCP or UDP header, by its IP protocol number, at byte ``at`` of a packet.

    After `is_complete`, no accessor can fail.
    """

    packet: Packet
    at: int
    protocol: int

    def is_complete(self) -> bool:
        """It is TCP or UDP, and the fixed part of the header was captured."""
        return (self.protocol == PROTOCOL_TCP and Tcp(self.packet, self.at).is_complete()) or (
            self.protocol == PROTOCOL_UDP and Udp(self.packet, self.at).is_complete()
        )

    @require(lambda self: self.is_complete())
    def source_port(self) -> int:
        return self.packet.u16(self.at + SOURCE_PORT)

    @require(lambda self: self.is_complete())
    def destination_port(self) -> int:
        return self.packet.u16(self.at + DESTINATION_PORT)

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
        if self.protocol == PROTOCOL_TCP:
            Tcp(self.packet, self.at).update_checksum(old, new)
        else:
            Udp(self.packet, self.at).update_checksum(old, new)
