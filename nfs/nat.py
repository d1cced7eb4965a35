"""Traditional NAPT for TCP and UDP over IPv4 (RFC 3022 §2.2, §4.1).

Many internal devices share one external address. A flow is opened from inside only; it holds one
external port while traffic in either direction keeps it alive.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import invariant, require
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table
from libvig.packet.checksum import words
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet, are_mac_addresses
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import MAX_DEVICES, Packet
from libvig.packet.transport import Transport
from libvig.packet.validity import Fault, ports_fault
from libvig.port_allocator import PortAllocator, new_port_allocator
from libvig.types import MAX_TIME, Address, Count, Device, Duration, Macs, Port, Time


class Drop(IntEnum):
    """Why a packet is dropped: verdicts below zero."""

    TRUNCATED = Fault.TRUNCATED
    NOT_IPV4 = Fault.NOT_IPV4
    BAD_IPV4_HEADER = Fault.BAD_IPV4_HEADER
    LATER_FRAGMENT = Fault.LATER_FRAGMENT
    NOT_TCP_OR_UDP = Fault.NOT_TCP_OR_UDP
    BAD_TCP_HEADER = Fault.BAD_TCP_HEADER
    BAD_UDP_HEADER = Fault.BAD_UDP_HEADER
    NOT_FOR_THIS_ADDRESS = -8  # came from outside, but not to the external address
    UNSOLICITED = -9  # came from outside to a port that no live flow holds
    WRONG_REMOTE = -10  # came from another remote endpoint than the flow was opened to
    TABLE_FULL = -11


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
def transport_of(ip: Ipv4) -> Transport:
    return Transport(ip.packet, ip.payload_at(), ip.protocol())


@compiled
def translate_source(ip: Ipv4, address: int, port: int) -> None:
    transport = transport_of(ip)
    old = words(ip.source()) + transport.source_port()
    transport.update_checksum(old, words(address) + port)
    transport.set_source_port(port)
    ip.set_source(address)


@compiled
def translate_destination(ip: Ipv4, address: int, port: int) -> None:
    transport = transport_of(ip)
    old = words(ip.destination()) + transport.destination_port()
    transport.update_checksum(old, words(address) + port)
    transport.set_destination_port(port)
    ip.set_destination(address)


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
        fault = ports_fault(packet)
        if fault != 0:
            return fault
        if packet.device == self.config.external_device:
            return self._inbound(Ipv4(packet, ETHERNET_HEADER), now)
        return self._outbound(Ipv4(packet, ETHERNET_HEADER), now)

    def _outbound(self, ip: Ipv4, now: Time) -> int:
        transport = transport_of(ip)
        key = FlowKey(
            ip.packet.device,
            ip.protocol(),
            ip.source(),
            transport.source_port(),
            ip.destination(),
            transport.destination_port(),
        )
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
        if ip.destination() != self.config.external_address:
            return Drop.NOT_FOR_THIS_ADDRESS
        transport = transport_of(ip)
        index = self.ports.holder_of(transport.destination_port())
        if not self.flows.holds(index):
            return Drop.UNSOLICITED
        flow = self.flows.get(index)
        if (
            flow.protocol != ip.protocol()
            or flow.destination_address != ip.source()
            or flow.destination_port != transport.source_port()
        ):
            return Drop.WRONG_REMOTE
        self.flows.touch(index, now)
        translate_destination(ip, flow.source_address, flow.source_port)
        return self._send(ip.packet, flow.device)

    def _send(self, packet: Packet, device: int) -> int:
        Ethernet(packet).set_addresses(int(self.config.mac[device]), int(self.config.peer[device]))
        return device


def new_nat(config: NatConfig) -> Nat:
    return Nat(
        config,
        new_flow_table(config.max_flows),
        new_port_allocator(config.first_port, config.last_port, config.max_flows),
    )
