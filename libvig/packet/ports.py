"""The ports of TCP (RFC 9293 §3.1) and UDP (RFC 768), which have them at the same place."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import require
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet

SOURCE = 0
DESTINATION = 2
BOTH = 4  # bytes


@compiled_class
class Ports(NamedTuple):
    """View of the ports of a TCP or UDP header that starts at byte ``at`` of a packet."""

    packet: Packet
    at: int

    def is_captured(self) -> bool:
        """Both were captured: no accessor can fail."""
        return 0 <= self.at <= self.packet.length() - BOTH

    @require(lambda self: self.is_captured())
    def source(self) -> int:
        return self.packet.u16(self.at + SOURCE)

    @require(lambda self: self.is_captured())
    def destination(self) -> int:
        return self.packet.u16(self.at + DESTINATION)


@compiled
def ports_of(ip: Ipv4) -> Ports:
    """View of the ports, which are there in a first fragment of TCP or UDP."""
    return Ports(ip.packet, ip.payload_at())


@compiled
def shows_ports(ip: Ipv4) -> bool:
    """There are bytes where TCP and UDP have their ports: enough to guess the packet's flow."""
    return ip.is_complete() and ports_of(ip).is_captured()
