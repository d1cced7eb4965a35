"""Traditional NAPT for TCP, UDP and ICMP over IPv4 (RFC 3022 §2.2, §4.1, §4.3; RFC 5508).

Many internal devices share one external address. A flow is opened from inside only; it holds one
external port while traffic in either direction keeps it alive. The identifier of an ICMP query
is its port. An ICMP error is translated as the packet that it is about was.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import invariant, require
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table
from libvig.key_table import NO_HINT
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet, are_mac_addresses
from libvig.packet.icmp import PROTOCOL_ICMP, icmp_of
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import MAX_DEVICES, Packet
from libvig.packet.transport import shows_identifiers, transport_of
from libvig.packet.validity import Fault, error_fault, flow_fault, is_icmp_error, quotes_checksum
from libvig.port_allocator import PortAllocator, new_port_allocator
from libvig.primitives import select
from libvig.rows import in_rows
from libvig.types import MAX_TIME, Address, Count, Device, Duration, Macs, Port, Time


class Drop(IntEnum):
    """Why a packet is dropped: verdicts below zero."""

    TRUNCATED = Fault.TRUNCATED
    NOT_IPV4 = Fault.NOT_IPV4
    BAD_IPV4_HEADER = Fault.BAD_IPV4_HEADER
    LATER_FRAGMENT = Fault.LATER_FRAGMENT
    OTHER_PROTOCOL = Fault.NOT_TCP_OR_UDP
    BAD_TCP_HEADER = Fault.BAD_TCP_HEADER
    BAD_UDP_HEADER = Fault.BAD_UDP_HEADER
    BAD_ICMP_HEADER = Fault.BAD_ICMP_HEADER
    OTHER_ICMP = Fault.OTHER_ICMP
    BAD_QUOTED_HEADER = Fault.BAD_QUOTED_HEADER
    ABOUT_LATER_FRAGMENT = Fault.ABOUT_LATER_FRAGMENT
    ABOUT_OTHER_PROTOCOL = Fault.ABOUT_OTHER_PROTOCOL
    ABOUT_NO_QUERY = Fault.ABOUT_NO_QUERY
    NOT_FOR_THIS_ADDRESS = -20  # came from outside, but not to the external address
    UNSOLICITED = -21  # came from outside to a port that no live flow holds
    WRONG_REMOTE = -22  # came from another remote endpoint than the flow was opened to
    TABLE_FULL = -23
    ABOUT_NO_FLOW = -24  # an ICMP error, but about no packet of a live flow


@invariant(lambda self: 1 <= self.timeout <= MAX_TIME, "timeout: at least 1 ns")
@invariant(
    lambda self: 1 <= self.max_flows <= self.last_port - self.first_port + 1,
    "max-flows: from 1 to the number of ports, as each flow holds one",
)
@invariant(
    lambda self: 1 <= self.first_port <= self.last_port <= 65535,
    "first-port and last-port: 1 <= first-port <= last-port <= 65535",
)
@invariant(lambda self: 0 <= self.external_address < 2**32, "external-address: an IPv4 address")
@invariant(
    lambda self: 0 <= self.external_device < len(self.mac), "external-device: one of the devices"
)
@invariant(lambda self: are_mac_addresses(self.peer), "peer: addresses of 48 bits")
@invariant(lambda self: are_mac_addresses(self.mac), "mac: addresses of 48 bits")
@invariant(
    lambda self: 2 <= len(self.mac) <= MAX_DEVICES and len(self.peer) == len(self.mac),
    "mac and peer: one address for each of at least two devices",
)
class NatConfig(NamedTuple):
    """What the operator sets. Its rules are checked from the lowest up."""

    mac: Macs  # own Ethernet address on each device
    peer: Macs  # the neighbour's, to which frames leave
    external_device: Device = 1
    external_address: Address = 0xC0000201  # 192.0.2.1
    first_port: Port = 1024
    last_port: Port = 65535
    max_flows: Count = 16384
    timeout: Duration = 120_000_000_000  # idle time after which a flow is forgotten


@compiled
def remote_port(ip: Ipv4, port: int) -> int:
    """The port at the remote end; 0 of ICMP, where the internal end alone has an identifier."""
    return 0 if ip.protocol() == PROTOCOL_ICMP else port


@compiled
def outbound_key(ip: Ipv4) -> FlowKey:
    """The flow that a packet from inside is of."""
    transport = transport_of(ip)
    return FlowKey(
        ip.packet.device,
        ip.protocol(),
        ip.source(),
        transport.source_port(),
        ip.destination(),
        remote_port(ip, transport.destination_port()),
    )


@compiled
def is_to(key: FlowKey, protocol: int, address: int, port: int) -> bool:
    """The flow was opened to this remote endpoint."""
    return (
        key.protocol == protocol
        and key.destination_address == address
        and key.destination_port == port
    )


@compiled
def translate_source(ip: Ipv4, address: int, port: int) -> None:
    transport = transport_of(ip)
    old = transport.covered(ip.source(), transport.source_port())
    transport.update_checksum(old, transport.covered(address, port))
    rewrite_source(ip, address, port)


@compiled
def translate_destination(ip: Ipv4, address: int, port: int) -> None:
    transport = transport_of(ip)
    old = transport.covered(ip.destination(), transport.destination_port())
    transport.update_checksum(old, transport.covered(address, port))
    rewrite_destination(ip, address, port)


@compiled
def rewrite_source(ip: Ipv4, address: int, port: int) -> None:
    """All of the translation but the transport checksum."""
    transport_of(ip).set_source_port(port)
    ip.set_source(address)


@compiled
def rewrite_destination(ip: Ipv4, address: int, port: int) -> None:
    """All of the translation but the transport checksum."""
    transport_of(ip).set_destination_port(port)
    ip.set_destination(address)


@compiled
def translate_quoted_source(ip: Ipv4, address: int, port: int) -> None:
    """Of the packet that an ICMP error is about; the error's own checksum is kept correct."""
    quoted = icmp_of(ip).quoted()
    if quotes_checksum(ip):
        old = transport_sum(quoted, transport_of(quoted).source_port())
        translate_source(quoted, address, port)
        icmp_of(ip).update_checksum(old, transport_sum(quoted, port))
    else:
        icmp_of(ip).update_checksum(transport_of(quoted).source_port(), port)
        rewrite_source(quoted, address, port)


@compiled
def translate_quoted_destination(ip: Ipv4, address: int, port: int) -> None:
    """Of the packet that an ICMP error is about; the error's own checksum is kept correct."""
    quoted = icmp_of(ip).quoted()
    if quotes_checksum(ip):
        old = transport_sum(quoted, transport_of(quoted).destination_port())
        translate_destination(quoted, address, port)
        icmp_of(ip).update_checksum(old, transport_sum(quoted, port))
    else:
        icmp_of(ip).update_checksum(transport_of(quoted).destination_port(), port)
        rewrite_destination(quoted, address, port)


@compiled
def transport_sum(quoted: Ipv4, port: int) -> int:
    """Sum of the words by which translation changes what an ICMP checksum covers.

    The address is not among them: the checksum of the IPv4 header makes up for it.
    """
    return port + quoted.packet.u16(transport_of(quoted).checksum_at())


@compiled_class
@invariant(lambda self: self.flows.capacity == self.ports.capacity == self.config.max_flows)
@invariant(lambda self: self.ports.first == self.config.first_port)
@invariant(lambda self: self.ports.last == self.config.last_port)
@invariant(
    lambda self: all(
        flow.key.device < len(self.config.mac) and flow.key.device != self.config.external_device
        for flow in self.flows.entries.values()
    )
)
class Nat(NamedTuple):
    """Flow i of the table goes out under the port that holder i of the allocator holds."""

    config: NatConfig
    flows: FlowTable
    ports: PortAllocator

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: all(flow.time <= now for flow in self.flows.entries.values()))
    def process(self, packet: Packet, now: Time) -> int:
        """The device that the packet, translated, leaves by, or why it is dropped."""
        self.flows.expire(now - self.config.timeout)
        ip = Ipv4(packet, ETHERNET_HEADER)
        if is_icmp_error(packet):
            fault = error_fault(ip)
        else:
            fault = flow_fault(packet)
        if fault != 0:
            return fault
        if packet.device != self.config.external_device:
            if is_icmp_error(packet):
                return self._error_outbound(ip)
            return self._outbound(ip, now)
        if ip.destination() != self.config.external_address:
            return Drop.NOT_FOR_THIS_ADDRESS
        if is_icmp_error(packet):
            return self._error_inbound(ip)
        return self._inbound(ip, now)

    @require(lambda self, packet: packet.device < len(self.config.mac))
    def look_ahead(self, packet: Packet) -> int:
        """Prefetch where the packet's flow is looked for: by its key, or by its port from outside.

        Return a hint for `look_closer`, less than NO_HINT for a port.
        """
        ip = Ipv4(packet, ETHERNET_HEADER)
        if not shows_identifiers(ip):
            return NO_HINT
        # Which way packets go cannot be foretold, so both places are fetched.
        hint = self.flows.look_ahead(outbound_key(ip))
        port = transport_of(ip).destination_port()
        self.ports.fetch_holder(port)
        return select(packet.device == self.config.external_device, NO_HINT - 1 - port, hint)

    def look_closer(self, hint: int) -> int:
        """Prefetch what is stored of the flow, and its port; return its index, or -1."""
        if hint < NO_HINT:
            index = self.ports.holder_of(NO_HINT - 1 - hint)
        else:
            index = self.flows.look_at_key(hint)
        self.flows.fetch(index)  # beside which its port is
        return index

    def look_closest(self, hint: int) -> None:
        """Prefetch what changes beside the flow."""
        self.flows.look_closest(hint)

    def _outbound(self, ip: Ipv4, now: Time) -> int:
        key = outbound_key(ip)
        index = self.flows.find(key)
        if index >= 0:
            self.flows.touch(index, now)
        else:
            index = self.flows.add(key, now)
            if index < 0:
                return Drop.TABLE_FULL
            self.ports.allocate(index)
        translate_source(ip, self.config.external_address, self.ports.port_of(index))
        return self._send(ip.packet, self.config.external_device)

    def _inbound(self, ip: Ipv4, now: Time) -> int:
        transport = transport_of(ip)
        index = self.ports.holder_of(transport.destination_port())
        if not self.flows.holds(index):
            return Drop.UNSOLICITED
        key = self.flows.get(index)
        if not is_to(key, ip.protocol(), ip.source(), remote_port(ip, transport.source_port())):
            return Drop.WRONG_REMOTE
        self.flows.touch(index, now)
        translate_destination(ip, key.source_address, key.source_port)
        return self._send(ip.packet, key.device)

    def _error_outbound(self, ip: Ipv4) -> int:
        """About a packet that came in: RFC 5508 REQ-5."""
        quoted = icmp_of(ip).quoted()
        transport = transport_of(quoted)
        key = FlowKey(
            ip.packet.device,
            quoted.protocol(),
            quoted.destination(),
            transport.destination_port(),
            quoted.source(),
            remote_port(quoted, transport.source_port()),
        )
        index = self.flows.find(key)
        if index < 0:
            return Drop.ABOUT_NO_FLOW
        address = self.config.external_address
        translate_quoted_destination(ip, address, self.ports.port_of(index))
        ip.set_source(address)
        return self._send(ip.packet, self.config.external_device)

    def _error_inbound(self, ip: Ipv4) -> int:
        """About a packet that went out: RFC 5508 REQ-4."""
        quoted = icmp_of(ip).quoted()
        transport = transport_of(quoted)
        index = self.ports.holder_of(transport.source_port())
        if not self.flows.holds(index):
            return Drop.ABOUT_NO_FLOW
        key = self.flows.get(index)
        remote = remote_port(quoted, transport.destination_port())
        if quoted.source() != self.config.external_address or not is_to(
            key, quoted.protocol(), quoted.destination(), remote
        ):
            return Drop.ABOUT_NO_FLOW
        translate_quoted_source(ip, key.source_address, key.source_port)
        ip.set_destination(key.source_address)
        return self._send(ip.packet, key.device)

    def _send(self, packet: Packet, device: int) -> int:
        Ethernet(packet).set_addresses(int(self.config.mac[device]), int(self.config.peer[device]))
        return device


@in_rows("flows", "ports")
def new_nat(config: NatConfig) -> Nat:
    return Nat(
        config,
        new_flow_table(config.max_flows),
        new_port_allocator(config.first_port, config.last_port, config.max_flows),
    )
