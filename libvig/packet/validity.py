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
from libvig.packet.icmp import ICMP_HEADER, PROTOCOL_ICMP, QUOTED, icmp_of
from libvig.packet.ipv4 import IPV4_FIXED_HEADER, Ipv4
from libvig.packet.packet import Packet
from libvig.packet.tcp import DATA_OFFSET, PROTOCOL_TCP, TCP_FIXED_HEADER, Tcp
from libvig.packet.transport import transport_of
from libvig.packet.udp import LENGTH, PROTOCOL_UDP, UDP_HEADER, Udp
from libvig.primitives import select


class Fault(IntEnum):
    """What is wrong with the headers of a packet."""

    TRUNCATED = -1  # a header ends behind the captured bytes
    NOT_IPV4 = -2
    BAD_IPV4_HEADER = -3
    LATER_FRAGMENT = -4  # not the first of its datagram: it carries no ports
    NOT_TCP_OR_UDP = -5  # nor ICMP, where that may be
    BAD_TCP_HEADER = -6
    BAD_UDP_HEADER = -7
    BAD_ICMP_HEADER = -8
    OTHER_ICMP = -9  # another ICMP message than is asked for
    BAD_QUOTED_HEADER = -10  # in an ICMP error: of the packet that it is about
    ABOUT_LATER_FRAGMENT = -11
    ABOUT_OTHER_PROTOCOL = -12  # than TCP, UDP and ICMP
    ABOUT_NO_QUERY = -13  # but about another ICMP message


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


# ---------------------------------------------------------------- TCP and UDP


@compiled
def has_ports(packet: Packet) -> bool:
    """TCP or UDP over IPv4, not a later fragment, the header consistent and captured."""
    ip = Ipv4(packet, ETHERNET_HEADER)
    return (
        has_ipv4(packet)
        and ip.fragment_offset() == 0
        and ip.protocol() != PROTOCOL_ICMP
        and transport_of(ip).is_complete()
        and is_tcp_or_udp_consistent(ip)
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
    # One comparison for both: which of them it is cannot be foretold.
    if select(ip.protocol() == PROTOCOL_TCP, PROTOCOL_UDP, ip.protocol()) != PROTOCOL_UDP:
        return Fault.NOT_TCP_OR_UDP
    if not transport_of(ip).is_captured():
        return Fault.TRUNCATED
    if is_consistent_without_branches(ip):
        return 0
    return Fault.BAD_TCP_HEADER if ip.protocol() == PROTOCOL_TCP else Fault.BAD_UDP_HEADER


@compiled
@require(lambda ip: ip.is_complete() and transport_of(ip).is_complete())
def is_tcp_or_udp_consistent(ip: Ipv4) -> bool:
    """The TCP header fits into the datagram (RFC 9293 §3.1), or all that is UDP does (RFC 768).

    In a first fragment, the UDP header does.
    """
    if ip.protocol() == PROTOCOL_TCP:
        tcp = Tcp(ip.packet, ip.payload_at())
        return TCP_FIXED_HEADER <= tcp.header_length() <= ip.payload_length()
    udp = Udp(ip.packet, ip.payload_at())
    return (
        udp.length() >= UDP_HEADER
        and ip.payload_length() >= UDP_HEADER
        and (ip.more_fragments() or udp.length() <= ip.payload_length())
    )


@compiled
@require(lambda ip: ip.is_complete() and transport_of(ip).is_complete())
@ensure(lambda ip, result: result == is_tcp_or_udp_consistent(ip))
def is_consistent_without_branches(ip: Ipv4) -> bool:
    """`is_tcp_or_udp_consistent`, in the form that runs: which of both it is cannot be foretold."""
    is_tcp = ip.protocol() == PROTOCOL_TCP
    word = ip.packet.u16(ip.payload_at() + select(is_tcp, DATA_OFFSET, LENGTH))
    stated = select(is_tcp, (word >> 12) * 4, word)
    smallest = select(is_tcp, TCP_FIXED_HEADER, UDP_HEADER)
    at_most = select(ip.more_fragments() and not is_tcp, 0xFFFF, ip.payload_length())
    return smallest <= stated <= at_most and smallest <= ip.payload_length()


# ---------------------------------------------------------------- ICMP queries, too


@compiled
def names_a_flow(packet: Packet) -> bool:
    """TCP, UDP or an ICMP query over IPv4, not a later fragment, consistent and captured."""
    ip = Ipv4(packet, ETHERNET_HEADER)
    return (
        has_ipv4(packet)
        and ip.fragment_offset() == 0
        and transport_of(ip).is_complete()
        and (
            ip.payload_length() >= ICMP_HEADER and icmp_of(ip).is_query()
            if ip.protocol() == PROTOCOL_ICMP
            else is_tcp_or_udp_consistent(ip)
        )
    )


@compiled
@ensure(
    lambda packet, result: (
        names_a_flow(packet)
        if result == 0
        else not names_a_flow(packet) and Fault.OTHER_ICMP <= result < 0
    )
)
def flow_fault(packet: Packet) -> int:
    """What keeps the packet from being TCP, UDP or an ICMP query over IPv4; 0 where it is."""
    fault = ipv4_fault(packet)
    if fault != 0:
        return fault
    ip = Ipv4(packet, ETHERNET_HEADER)
    if ip.protocol() != PROTOCOL_ICMP:
        return ports_fault(packet)
    if ip.fragment_offset() != 0:
        return Fault.LATER_FRAGMENT
    if not icmp_of(ip).is_complete():
        return Fault.TRUNCATED
    if ip.payload_length() < ICMP_HEADER:
        return Fault.BAD_ICMP_HEADER
    return 0 if icmp_of(ip).is_query() else Fault.OTHER_ICMP


# ---------------------------------------------------------------- ICMP errors


@compiled
def is_icmp_error(packet: Packet) -> bool:
    """An ICMP error, whatever it is about."""
    ip = Ipv4(packet, ETHERNET_HEADER)
    return (
        has_ipv4(packet)
        and ip.protocol() == PROTOCOL_ICMP
        and ip.fragment_offset() == 0
        and icmp_of(ip).is_complete()
        and icmp_of(ip).is_error()
    )


@compiled
@require(lambda ip: ip.is_complete() and icmp_of(ip).is_complete())
def quotes_a_flow(ip: Ipv4) -> bool:
    """An ICMP error is about TCP, UDP or an ICMP query, and not about a later fragment.

    The ports of the quoted packet are in the message and captured; and its checksum is captured,
    if it is in the message.
    """
    quoted = icmp_of(ip).quoted()
    return (
        quoted.is_complete()
        and is_quoted_header_consistent(quoted)
        and quoted.fragment_offset() == 0
        and transport_of(quoted).has_ports()
        and quoted.payload_at() + QUOTED <= ip.at + ip.total_length()
        and (not quotes_checksum(ip) or transport_of(quoted).has_checksum())
        and (quoted.protocol() != PROTOCOL_ICMP or icmp_of(quoted).is_query())
    )


@compiled
@require(lambda ip: ip.is_complete() and icmp_of(ip).is_complete())
@ensure(
    lambda ip, result: (
        quotes_a_flow(ip)
        if result == 0
        else not quotes_a_flow(ip)
        and (result == Fault.TRUNCATED or Fault.ABOUT_NO_QUERY <= result <= Fault.BAD_QUOTED_HEADER)
    )
)
def error_fault(ip: Ipv4) -> int:
    """What keeps an ICMP error from being about a flow; 0 where it is."""
    quoted = icmp_of(ip).quoted()
    if not quoted.is_complete():
        return Fault.TRUNCATED
    if not is_quoted_header_consistent(quoted):
        return Fault.BAD_QUOTED_HEADER
    if quoted.fragment_offset() != 0:
        return Fault.ABOUT_LATER_FRAGMENT
    transport = transport_of(quoted)
    if not transport.is_known():
        return Fault.ABOUT_OTHER_PROTOCOL
    if quoted.payload_at() + QUOTED > ip.at + ip.total_length():
        return Fault.BAD_QUOTED_HEADER
    if not transport.has_ports():
        return Fault.TRUNCATED
    if quotes_checksum(ip) and not transport.has_checksum():
        return Fault.TRUNCATED
    if quoted.protocol() == PROTOCOL_ICMP and not icmp_of(quoted).is_query():
        return Fault.ABOUT_NO_QUERY
    return 0


@compiled
@require(lambda quoted: quoted.is_complete())
def is_quoted_header_consistent(quoted: Ipv4) -> bool:
    """Version 4, and the datagram, of which little may be quoted, had room for its headers."""
    smallest = TCP_FIXED_HEADER if quoted.protocol() == PROTOCOL_TCP else QUOTED
    return (
        quoted.version() == 4
        and quoted.header_length() >= IPV4_FIXED_HEADER
        and quoted.payload_length() >= smallest
    )


@compiled
@require(lambda ip: transport_of(icmp_of(ip).quoted()).has_ports())
@require(lambda ip: icmp_of(ip).quoted().is_complete())
@require(lambda ip: ip.is_complete() and icmp_of(ip).is_complete())
def quotes_checksum(ip: Ipv4) -> bool:
    """The transport checksum of the packet that an ICMP error quotes is in the message.

    RFC 792 asks for 8 bytes of the payload; the checksum of TCP lies behind them.
    """
    return transport_of(icmp_of(ip).quoted()).checksum_at() + 2 <= ip.at + ip.total_length()
