"""Stateful firewall for TCP and UDP over IPv4 (RFC 6092 §3.2.3, §3.3.1; RFC 2979).

What comes from inside goes out, and opens a flow. From outside, only packets of live flows and
ICMP errors about them come in. Frames leave as they came, but for their Ethernet addresses.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import invariant, require
from libvig.double_chain import MAX_CAPACITY
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table
from libvig.key_table import NO_HINT
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet, are_mac_addresses
from libvig.packet.icmp import PROTOCOL_ICMP, icmp_of
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import MAX_DEVICES, Packet
from libvig.packet.ports import ports_of, shows_ports
from libvig.packet.validity import Fault, error_fault, is_icmp_error, ports_fault
from libvig.primitives import select
from libvig.rows import in_rows
from libvig.types import MAX_TIME, Count, Device, Duration, Macs, Time
from libvig.vector import Vector, new_vector


class Drop(IntEnum):
    """Why a packet is dropped: verdicts below zero."""

    TRUNCATED = Fault.TRUNCATED
    NOT_IPV4 = Fault.NOT_IPV4
    BAD_IPV4_HEADER = Fault.BAD_IPV4_HEADER
    LATER_FRAGMENT = Fault.LATER_FRAGMENT
    OTHER_PROTOCOL = Fault.NOT_TCP_OR_UDP
    BAD_TCP_HEADER = Fault.BAD_TCP_HEADER
    BAD_UDP_HEADER = Fault.BAD_UDP_HEADER
    BAD_QUOTED_HEADER = Fault.BAD_QUOTED_HEADER
    ABOUT_LATER_FRAGMENT = Fault.ABOUT_LATER_FRAGMENT
    ABOUT_OTHER_PROTOCOL = Fault.ABOUT_OTHER_PROTOCOL
    ABOUT_NO_QUERY = Fault.ABOUT_NO_QUERY
    ABOUT_NO_FLOW = -20  # an ICMP error, but not to the sender of a packet of a live flow
    UNSOLICITED = -21  # came from outside, and is of no live flow
    TABLE_FULL = -22


@invariant(lambda self: 1 <= self.timeout <= MAX_TIME, "timeout: at least 1 ns")
@invariant(lambda self: 1 <= self.max_flows <= MAX_CAPACITY, "max-flows: from 1 to 2^30")
@invariant(
    lambda self: 0 <= self.external_device < len(self.mac), "external-device: one of the devices"
)
@invariant(lambda self: are_mac_addresses(self.peer), "peer: addresses of 48 bits")
@invariant(lambda self: are_mac_addresses(self.mac), "mac: addresses of 48 bits")
@invariant(
    lambda self: 2 <= len(self.mac) <= MAX_DEVICES and len(self.peer) == len(self.mac),
    "mac and peer: one address for each of at least two devices",
)
class FirewallConfig(NamedTuple):
    """What the operator sets. Its rules are checked from the lowest up."""

    mac: Macs  # own Ethernet address on each device
    peer: Macs  # the neighbour's, to which frames leave
    external_device: Device = 1
    max_flows: Count = 65536
    timeout: Duration = 300_000_000_000  # idle time after which a flow is forgotten


@compiled
def flow_of(ip: Ipv4, is_inbound: bool) -> FlowKey:
    """The flow of a packet, as it is seen from inside."""
    ports = ports_of(ip)
    # Which way packets go cannot be foretold, so there is no branch on it.
    return FlowKey(
        0,
        ip.protocol(),
        select(is_inbound, ip.destination(), ip.source()),
        select(is_inbound, ports.destination(), ports.source()),
        select(is_inbound, ip.source(), ip.destination()),
        select(is_inbound, ports.source(), ports.destination()),
    )


@compiled_class
@invariant(
    lambda self: all(
        0 <= device < len(self.config.mac) and device != self.config.external_device
        for index, device in self.behind.entries.items()
        if index in self.flows.entries
    )
)
@invariant(lambda self: self.flows.capacity == self.behind.capacity == self.config.max_flows)
class Firewall(NamedTuple):
    """Flow i of the table, as seen from inside, is of a host behind device i of `behind`."""

    config: FirewallConfig
    flows: FlowTable
    behind: Vector

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: all(flow.time <= now for flow in self.flows.entries.values()))
    def process(self, packet: Packet, now: Time) -> int:
        """The device that the packet leaves by, or why it is dropped."""
        self.flows.expire(now - self.config.timeout)
        ip = Ipv4(packet, ETHERNET_HEADER)
        if is_icmp_error(packet):
            return self._error(ip)
        fault = ports_fault(packet)
        if fault != 0:
            return fault
        key = flow_of(ip, packet.device == self.config.external_device)
        index = self.flows.find(key)
        if index < 0:
            return self._unknown(packet, key, now)
        return self._known(packet, index, now)

    @require(lambda self, packet: packet.device < len(self.config.mac))
    def look_ahead(self, packet: Packet) -> int:
        """Prefetch where the packet's flow is looked for; return a hint for `look_closer`."""
        ip = Ipv4(packet, ETHERNET_HEADER)
        if not shows_ports(ip):
            return NO_HINT
        return self.flows.look_ahead(flow_of(ip, packet.device == self.config.external_device))

    def look_closer(self, hint: int) -> int:
        """Prefetch what is stored of the flow."""
        return self.flows.look_closer(hint)

    def look_closest(self, hint: int) -> None:
        """Prefetch what changes beside it."""
        self.flows.look_closest(hint)

    def _known(self, packet: Packet, index: int, now: Time) -> int:
        """Of a live flow: from outside to the host, or from it, perhaps by another device now."""
        external = self.config.external_device
        is_inbound = packet.device == external
        inner = select(is_inbound, self.behind.get(index), packet.device)
        self.flows.touch(index, now)
        self.behind.set(index, inner)
        return self._send(packet, select(is_inbound, inner, external))

    def _unknown(self, packet: Packet, key: FlowKey, now: Time) -> int:
        """Of no live flow: from inside, it opens one."""
        if packet.device == self.config.external_device:
            return Drop.UNSOLICITED
        index = self.flows.add(key, now)
        if index < 0:
            return Drop.TABLE_FULL
        self.behind.set(index, packet.device)
        return self._send(packet, self.config.external_device)

    def _error(self, ip: Ipv4) -> int:
        """It belongs to the flow of the packet that it is about, and goes to the sender of that."""
        fault = error_fault(ip)
        if fault != 0:
            return fault
        about = icmp_of(ip).quoted()
        if about.protocol() == PROTOCOL_ICMP or ip.destination() != about.source():
            return Drop.ABOUT_NO_FLOW
        is_inbound = ip.packet.device == self.config.external_device
        index = self.flows.find(flow_of(about, not is_inbound))
        if index < 0:
            return Drop.ABOUT_NO_FLOW
        device = self.behind.get(index) if is_inbound else self.config.external_device
        return self._send(ip.packet, device)

    def _send(self, packet: Packet, device: int) -> int:
        Ethernet(packet).set_addresses(int(self.config.mac[device]), int(self.config.peer[device]))
        return device


@in_rows("flows", "behind")
def new_firewall(config: FirewallConfig) -> Firewall:
    return Firewall(config, new_flow_table(config.max_flows), new_vector(config.max_flows))
