"""Maglev: a load balancer for TCP and UDP over IPv4 (Eisenbud et al., NSDI 2016).

Clients send to one virtual address; each flow goes to one of the backends, which has that address,
too, and answers its clients directly. Backends are listed, or make themselves known by heartbeats.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.backend_pool import BackendPool, new_backend_pool
from libvig.compile import compiled, compiled_class
from libvig.contracts import all_different, invariant, require
from libvig.double_chain import MAX_CAPACITY
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table
from libvig.key_table import NO_HINT
from libvig.maglev import MAX_SLOTS
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet, are_mac_addresses, is_group
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import MAX_DEVICES, Packet
from libvig.packet.ports import ports_of, shows_ports
from libvig.packet.udp import PROTOCOL_UDP
from libvig.packet.validity import Fault, ports_fault
from libvig.rows import in_rows
from libvig.station import Station, unpack_station
from libvig.types import (
    I64,
    MAX_TIME,
    Address,
    Count,
    Device,
    Duration,
    Macs,
    Port,
    Stations,
    Time,
)
from libvig.vector import Vector, new_vector


class Drop(IntEnum):
    """Why a packet is dropped: verdicts below zero."""

    TRUNCATED = Fault.TRUNCATED
    NOT_IPV4 = Fault.NOT_IPV4
    BAD_IPV4_HEADER = Fault.BAD_IPV4_HEADER
    LATER_FRAGMENT = Fault.LATER_FRAGMENT
    NOT_TCP_OR_UDP = Fault.NOT_TCP_OR_UDP
    BAD_TCP_HEADER = Fault.BAD_TCP_HEADER
    BAD_UDP_HEADER = Fault.BAD_UDP_HEADER
    NOT_FOR_THIS_ADDRESS = -20  # is not to the virtual address
    HEARTBEAT = -21  # has done its work
    NOT_A_HEARTBEAT = -22  # came from where the backends are, and is none
    NO_BACKEND = -23  # none is live


def are_backends(stations: I64, devices: int) -> bool:
    """Every station is behind one of the devices, and is a single one."""
    return all(is_backend(unpack_station(int(stations[i])), devices) for i in range(len(stations)))


def is_backend(station: Station, devices: int) -> bool:
    return station.device < devices and not is_group(station.address)


@invariant(lambda self: 1 <= self.backend_timeout <= MAX_TIME, "backend-timeout: at least 1 ns")
@invariant(lambda self: 1 <= self.flow_timeout <= MAX_TIME, "flow-timeout: at least 1 ns")
@invariant(lambda self: 1 <= self.max_flows <= MAX_CAPACITY, "max-flows: from 1 to 2^30")
@invariant(
    lambda self: len(self.backend) <= self.max_backends,
    "backend: at most as many are listed as max-backends",
)
@invariant(
    lambda self: 1 <= self.max_backends <= self.slots,
    "max-backends: from 1 to the number of slots",
)
@invariant(lambda self: 2 <= self.slots <= MAX_SLOTS, "slots: from 2 to 2^29, a prime at best")
@invariant(lambda self: 0 <= self.heartbeat_port < 2**16, "heartbeat-port: from 0 to 65535")
@invariant(lambda self: 0 <= self.virtual_address < 2**32, "virtual-address: an IPv4 address")
@invariant(
    lambda self: 0 <= self.client_device < len(self.mac), "client-device: one of the devices"
)
@invariant(
    lambda self: are_backends(self.backend, len(self.mac)),
    "backend: each the address of one station, behind one of the devices",
)
@invariant(
    lambda self: all_different(int(self.backend[i]) for i in range(len(self.backend))),
    "backend: none is listed twice",
)
@invariant(lambda self: are_mac_addresses(self.mac), "mac: addresses of 48 bits")
@invariant(lambda self: 1 <= len(self.mac) <= MAX_DEVICES, "mac: one address for each device")
class MaglevConfig(NamedTuple):
    """What the operator sets. Its rules are checked from the lowest up."""

    mac: Macs  # own Ethernet address on each device
    backend: Stations  # those that live for ever, heard of or not
    client_device: Device = 1
    virtual_address: Address = 0xC0000201  # 192.0.2.1
    heartbeat_port: Port = 694
    max_backends: Count = 100
    slots: Count = 65537
    max_flows: Count = 65536
    flow_timeout: Duration = 120_000_000_000  # idle time after which a flow is forgotten
    backend_timeout: Duration = 10_000_000_000  # silence after which a backend is dead


@compiled
def flow_key(ip: Ipv4) -> FlowKey:
    ports = ports_of(ip)
    return FlowKey(
        ip.packet.device,
        ip.protocol(),
        ip.source(),
        ports.source(),
        ip.destination(),
        ports.destination(),
    )


@compiled_class
@invariant(lambda self: self.chosen.capacity == self.names.capacity == self.flows.capacity)
@invariant(lambda self: self.flows.capacity == self.config.max_flows)
@invariant(
    lambda self: all(
        unpack_station(backend.word).device < len(self.config.mac)
        for backend in self.backends.entries.values()
    )
)
class Maglev(NamedTuple):
    """Flow i goes to the backend at index i of `chosen`, whose name is word i of `names`."""

    config: MaglevConfig
    flows: FlowTable
    chosen: Vector
    names: Vector
    backends: BackendPool

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: all(flow.time <= now for flow in self.flows.entries.values()))
    def process(self, packet: Packet, now: Time) -> int:
        """The device that the packet leaves by, or why it is dropped."""
        self.flows.expire(now - self.config.flow_timeout)
        self.backends.expire(now - self.config.backend_timeout)
        fault = ports_fault(packet)
        if fault != 0:
            return fault
        ip = Ipv4(packet, ETHERNET_HEADER)
        if ip.destination() != self.config.virtual_address:
            return Drop.NOT_FOR_THIS_ADDRESS
        if packet.device == self.config.client_device:
            return self._balance(flow_key(ip), packet, now)
        return self._hear(flow_key(ip), packet, now)

    @require(lambda self, packet: packet.device < len(self.config.mac))
    def look_ahead(self, packet: Packet) -> int:
        """Prefetch where a client's flow is looked for; return a hint for `look_closer`."""
        ip = Ipv4(packet, ETHERNET_HEADER)
        if packet.device != self.config.client_device or not shows_ports(ip):
            return NO_HINT
        return self.flows.look_ahead(flow_key(ip))

    def look_closer(self, hint: int) -> int:
        """Prefetch what is stored of the flow."""
        return self.flows.look_closer(hint)

    def look_closest(self, hint: int) -> None:
        """Prefetch what changes beside it."""
        self.flows.look_closest(hint)

    def _hear(self, key: FlowKey, packet: Packet, now: int) -> int:
        source = Ethernet(packet).source()
        if (
            key.protocol != PROTOCOL_UDP
            or key.destination_port != self.config.heartbeat_port
            or is_group(source)
        ):
            return Drop.NOT_A_HEARTBEAT
        self.backends.hear(Station(source, packet.device).pack(), now)
        return Drop.HEARTBEAT

    def _balance(self, key: FlowKey, packet: Packet, now: int) -> int:
        flow = self.flows.find(key)
        backend = self._backend_of(flow, key)
        if backend < 0:
            return Drop.NO_BACKEND
        if flow >= 0:
            self.flows.touch(flow, now)
        else:
            flow = self.flows.add(key, now)
        word = self.backends.get(backend)
        if flow >= 0:
            self.chosen.set(flow, backend)
            self.names.set(flow, word)
        return self._send(packet, unpack_station(word))

    def _backend_of(self, flow: int, key: FlowKey) -> int:
        """The backend that a flow goes to, or, if that is not live, the hash's choice."""
        if flow >= 0:
            chosen = self.chosen.get(flow)
            if self.backends.holds(chosen, self.names.get(flow)):
                return chosen
        return self.backends.choose(key.pack().hash())

    def _send(self, packet: Packet, backend: Station) -> int:
        own = int(self.config.mac[backend.device])
        Ethernet(packet).set_addresses(own, backend.address)
        return backend.device


@in_rows("flows", "chosen", "names")
def new_maglev(config: MaglevConfig) -> Maglev:
    return Maglev(
        config,
        new_flow_table(config.max_flows),
        new_vector(config.max_flows),
        new_vector(config.max_flows),
        new_backend_pool(config.max_backends, config.slots, config.backend),
    )
