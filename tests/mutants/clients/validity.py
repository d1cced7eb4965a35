"""What callers of the packet validity count on: a fault or none, and what RFCs say of bytes."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.packet.ethernet import ETHERNET_HEADER
from libvig.packet.icmp import ICMP_HEADER, PROTOCOL_ICMP, icmp_of
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.tcp import PROTOCOL_TCP
from libvig.packet.transport import transport_of
from libvig.packet.udp import PROTOCOL_UDP
from libvig.packet.validity import (
    Fault,
    error_fault,
    flow_fault,
    has_ipv4,
    has_ports,
    ipv4_fault,
    is_icmp_error,
    is_quoted_header_consistent,
    is_tcp_or_udp_consistent,
    names_a_flow,
    ports_fault,
    quotes_a_flow,
    quotes_checksum,
)


@ensure(lambda packet, result: (result == 0) == has_ipv4(packet))
@ensure(lambda result: Fault.BAD_IPV4_HEADER <= result <= 0)
def faults_of_frames(packet: Packet) -> int:
    return ipv4_fault(packet)


@ensure(lambda packet, result: (result == 0) == has_ports(packet))
@ensure(lambda result: Fault.BAD_UDP_HEADER <= result <= 0)
def faults_of_tcp_and_udp(packet: Packet) -> int:
    return ports_fault(packet)


@ensure(lambda packet, result: (result == 0) == names_a_flow(packet))
@ensure(lambda result: Fault.OTHER_ICMP <= result <= 0)
def faults_of_flows(packet: Packet) -> int:
    return flow_fault(packet)


@require(lambda ip: icmp_of(ip).is_complete())
@require(lambda ip: ip.is_complete())
@ensure(lambda ip, result: (result == 0) == quotes_a_flow(ip))
@ensure(lambda result: Fault.ABOUT_NO_QUERY <= result <= 0)
@ensure(lambda result: result == Fault.TRUNCATED or not Fault.OTHER_ICMP <= result < 0)
def faults_of_errors(ip: Ipv4) -> int:
    return error_fault(ip)


@require(lambda ip: ip.protocol() == PROTOCOL_TCP)
@require(lambda ip: transport_of(ip).is_complete())
@require(lambda ip: ip.is_complete())
@ensure(lambda result: result)
def a_segment_has_room_for_its_data_offset(ip: Ipv4) -> bool:
    words = ip.packet.u8(ip.payload_at() + 12) >> 4
    fits = words >= 5 and ip.header_length() + 4 * words <= ip.total_length()
    return is_tcp_or_udp_consistent(ip) == fits


@require(lambda ip: ip.protocol() == PROTOCOL_UDP)
@require(lambda ip: transport_of(ip).is_complete())
@require(lambda ip: ip.is_complete())
@ensure(lambda result: result)
def a_datagram_has_room_for_its_length(ip: Ipv4) -> bool:
    length = ip.packet.u16(ip.payload_at() + 4)
    least = 8 if ip.more_fragments() else length
    fits = length >= 8 and ip.header_length() + max(least, 8) <= ip.total_length()
    return is_tcp_or_udp_consistent(ip) == fits


@ensure(lambda result: result)
def an_error_is_told_by_its_type(packet: Packet) -> bool:
    ip = Ipv4(packet, ETHERNET_HEADER)
    if not has_ipv4(packet) or ip.protocol() != PROTOCOL_ICMP or ip.fragment_offset() > 0:
        return not is_icmp_error(packet)
    if ip.payload_at() + ICMP_HEADER > packet.length():
        return not is_icmp_error(packet)
    kind = packet.u8(ip.payload_at())
    return is_icmp_error(packet) == (3 <= kind <= 4 or 11 <= kind <= 12)


@require(lambda quoted: quoted.is_complete())
@ensure(lambda result: result)
def a_quoted_header_had_room_for_ports(quoted: Ipv4) -> bool:
    first = quoted.packet.u8(quoted.at)
    least = 20 if quoted.protocol() == PROTOCOL_TCP else 8
    fits = 4 * (first - 0x40) + least <= quoted.total_length()
    return is_quoted_header_consistent(quoted) == (0x45 <= first < 0x50 and fits)


@require(lambda ip: transport_of(icmp_of(ip).quoted()).has_ports())
@require(lambda ip: icmp_of(ip).quoted().is_complete())
@require(lambda ip: icmp_of(ip).is_complete())
@require(lambda ip: ip.is_complete())
@ensure(lambda result: result)
def a_quoted_checksum_ends_within_the_message(ip: Ipv4) -> bool:
    quoted = icmp_of(ip).quoted()
    if quoted.protocol() == PROTOCOL_TCP:
        end = 18
    else:
        end = 8 if quoted.protocol() == PROTOCOL_UDP else 4
    return quotes_checksum(ip) == (quoted.payload_at() + end <= ip.at + ip.total_length())
