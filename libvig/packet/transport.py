"""What tells the flows of a host apart: TCP and UDP ports, and the identifiers of ICMP queries.

RFC 3022 §2.2 calls all of them transport identifiers. They are among the first 8 bytes of a
payload, which is what an ICMP error quotes of the packet that it is about.
"""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import require
from libvig.packet.checksum import MAX_WORDS, updated, updated_if_any, words
from libvig.packet.icmp import CHECKSUM as ICMP_CHECKSUM
from libvig.packet.icmp import IDENTIFIER, PROTOCOL_ICMP, QUOTED
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.tcp import CHECKSUM as TCP_CHECKSUM
from libvig.packet.tcp import PROTOCOL_TCP, TCP_FIXED_HEADER
from libvig.packet.udp import CHECKSUM as UDP_CHECKSUM
from libvig.packet.udp import PROTOCOL_UDP
from libvig.primitives import select

SOURCE_PORT = 0
DESTINATION_PORT = 2


@compiled_class
class Transport(NamedTuple):
    """View of a TCP or UDP header or an ICMP query, by its IP protocol number, at byte ``at``.

    The identifier of an ICMP query stands for the port of whichever end is asked for. After
    `has_ports`, no accessor of the ports can fail; after `is_complete`, none can.
    """

    packet: Packet
    at: int
    protocol: int

    def is_known(self) -> bool:
        """It is TCP, UDP or ICMP."""
        tcp, udp, icmp = PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP
        return self.protocol == tcp or self.protocol == udp or self.protocol == icmp  # noqa: PLR1714 (no `in`)

    def has_ports(self) -> bool:
        """It has ports, and what an ICMP error quotes at least was captured."""
        return self.is_known() and 0 <= self.at <= self.packet.length() - QUOTED

    def is_complete(self) -> bool:
        """It is known, and the fixed part of its header was captured."""
        return self.is_known() and self.is_captured()

    def is_captured(self) -> bool:
        """The fixed part of the header was captured, if it is that of TCP, UDP or ICMP."""
        fixed_part = select(self.protocol == PROTOCOL_TCP, TCP_FIXED_HEADER, QUOTED)
        return 0 <= self.at <= self.packet.length() - fixed_part

    @require(lambda self: self.has_ports())
    def source_port(self) -> int:
        return self._port(SOURCE_PORT)

    @require(lambda self: self.has_ports())
    def destination_port(self) -> int:
        return self._port(DESTINATION_PORT)

    @require(lambda self: self.has_ports())
    @require(lambda port: 0 <= port < 2**16)
    def set_source_port(self, port: int) -> None:
        self.packet.set_u16(self._port_at(SOURCE_PORT), port)

    @require(lambda self: self.has_ports())
    @require(lambda port: 0 <= port < 2**16)
    def set_destination_port(self, port: int) -> None:
        self.packet.set_u16(self._port_at(DESTINATION_PORT), port)

    def _port(self, offset: int) -> int:
        port, identifier = self.packet.u16(self.at + offset), self.packet.u16(self.at + IDENTIFIER)
        return identifier if self.protocol == PROTOCOL_ICMP else port

    def _port_at(self, offset: int) -> int:
        if self.protocol == PROTOCOL_ICMP:
            return self.at + IDENTIFIER
        return self.at + offset

    @require(lambda self: self.has_ports())
    def checksum_at(self) -> int:
        """Offset of the checksum in the packet."""
        of_the_rest = select(self.protocol == PROTOCOL_UDP, UDP_CHECKSUM, ICMP_CHECKSUM)
        return self.at + select(self.protocol == PROTOCOL_TCP, TCP_CHECKSUM, of_the_rest)

    def has_checksum(self) -> bool:
        """The checksum was captured."""
        return self.has_ports() and self.checksum_at() + 2 <= self.packet.length()

    @require(lambda self: self.has_ports())
    @require(lambda address: 0 <= address < 2**32)
    @require(lambda port: 0 <= port < 2**16)
    def covered(self, address: int, port: int) -> int:
        """What an IP address and a port add to the sum of the words that the checksum covers.

        That of TCP and UDP covers a pseudo header with the addresses (RFC 9293 §3.1, RFC 768).
        """
        if self.protocol == PROTOCOL_ICMP:
            return port
        return words(address) + port

    @require(lambda self: self.has_checksum())
    @require(lambda old: 0 <= old <= MAX_WORDS)
    @require(lambda new: 0 <= new <= MAX_WORDS)
    def update_checksum(self, old: int, new: int) -> None:
        """Account for covered words summing to ``old`` that give way to some summing to ``new``."""
        checksum = self.packet.u16(self.checksum_at())
        of_udp, of_the_rest = updated_if_any(checksum, old, new), updated(checksum, old, new)
        changed = select(self.protocol == PROTOCOL_UDP, of_udp, of_the_rest)
        self.packet.set_u16(self.checksum_at(), changed)


@compiled
def transport_of(ip: Ipv4) -> Transport:
    """View of the payload."""
    return Transport(ip.packet, ip.payload_at(), ip.protocol())


@compiled
def shows_identifiers(ip: Ipv4) -> bool:
    """They can be read, whatever else may be wrong with the packet: enough to guess its flow."""
    return ip.is_complete() and transport_of(ip).has_ports()
