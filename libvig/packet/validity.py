"""Whether a packet's headers are whole and consistent, and what is wrong where they are not.

An NF drops what has a fault, and gives the reason to drop the fault's number:

    class Drop(IntEnum):
        TRUNCATED = Fault.TRUNCATED

Callers know these functions by their contracts: a fault there is, or a header as it must be.
"""

from __future__ import annotations

from enum import IntEnum

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.packet.ethernet import ETHERNET_HEADER, ETHERTYPE_IPV4, Ethernet
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.tcp import PROTOCOL_TCP, TCP_FIXED_HEADER, Tcp
from libvig.packet.transport import Transport
from libvig.packet.udp import PROTOCOL_UDP, UDP_HEADER, Udp


class Fault(IntEnum):
    """What is wrong with the headers of a packet."""

    TRUNCATED = -1  # a header ends behind the captured bytes
    NOT_IPV4 = -2
    BAD_IPV4_HEADER = -3
    LATER_FRAGMENT = -4  # not the first of its datagram: it carries no ports
    NOT_TCP_OR_UDP = -5
    BAD_TCP_HEADER = -6
    BAD_UDP_HEADER = -7


@compiled
def has_ipv4(packet: Packet) -> bool:
    """An Ethernet frame with a consistent IPv4 header of which the fixed part was captured."""
    ethernet, ip = Ethernet(packet), Ipv4(packet, ETHERNET_HEADER)
    return ip.is_complete() and ethernet.ethertype() == ETHERTYPE_IPV4 and ip.is_consistent()


@compiled
@ensure(
    lambda packet, result: (
        has_ipv4(packet)
        if result == 0
        else not has_ipv4(packet) and Fault.BAD_IPV4_HEADER <= result < 0
    )
)
def ipv4_fault(packet: Packet) -> int:
    """What keeps the packet from being IPv4; 0 where it is."""
    ethernet, ip = Ethernet(packet), Ipv4(packet, ETHERNET_HEADER)
    if not ethernet.is_complete():
        return Fault.TRUNCATED
    if ethernet.ethertype() != ETHERTYPE_IPV4:
        return Fault.NOT_IPV4
    if not ip.is_complete():
        return Fault.TRUNCATED
    return 0 if ip.is_consistent() else Fault.BAD_IPV4_HEADER


@compiled
def has_ports(packet: Packet) -> bool:
    """TCP or UDP over IPv4, not a later fragment, the header consistent and captured."""
    ip = Ipv4(packet, ETHERNET_HEADER)
    return (
        has_ipv4(packet)
        and ip.fragment_offset() == 0
        and Transport(packet, ip.payload_at(), ip.protocol()).is_complete()
        and (is_tcp_consistent(ip) if ip.protocol() == PROTOCOL_TCP else is_udp_consistent(ip))
    )


@compiled
@ensure(
    lambda packet, result: (
        has_ports(packet)
        if result == 0
        else not has_ports(packet) and Fault.BAD_UDP_HEADER <= result < 0
    )
)
def ports_fault(packet: Packet) -> int:
    """What keeps the packet from being TCP or UDP over IPv4, with ports; 0 where it is."""
    fault = ipv4_fault(packet)
    if fault != 0:
        return fault
    ip = Ipv4(packet, ETHERNET_HEADER)
    if ip.fragment_offset() != 0:
        return Fault.LATER_FRAGMENT
    if ip.protocol() != PROTOCOL_TCP and ip.protocol() != PROTOCOL_UDP:
        return Fault.NOT_TCP_OR_UDP
    if not Transport(packet, ip.payload_at(), ip.protocol()).is_complete():
        return Fault.TRUNCATED
    if ip.protocol() == PROTOCOL_TCP:
        return 0 if is_tcp_consistent(ip) else Fault.BAD_TCP_HEADER
    return 0 if is_udp_consistent(ip) else Fault.BAD_UDP_HEADER


@compiled
@require(lambda ip: ip.is_complete() and Tcp(ip.packet, ip.payload_at()).is_complete())
def is_tcp_consistent(ip: Ipv4) -> bool:
    """The TCP header fits into the datagram (RFC 9293 §3.1)."""
    tcp = Tcp(ip.packet, ip.payload_at())
    return TCP_FIXED_HEADER <= tcp.header_length() <= ip.payload_length()


@compiled
@require(lambda ip: ip.is_complete() and Udp(ip.packet, ip.payload_at()).is_complete())
def is_udp_consistent(ip: Ipv4) -> bool:
    """The UDP datagram fits into that of IP; of a first fragment, its header (RFC 768)."""
    udp = Udp(ip.packet, ip.payload_at())
    return (
        udp.length() >= UDP_HEADER
        and ip.payload_length() >= UDP_HEADER
        and (ip.more_fragments() or udp.length() <= ip.payload_length())
    )
