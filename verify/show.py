"""A counterexample for people: the path, the state as a list of flows, the packet's fields."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

import numpy as np

from libvig.packet.ethernet import ETHERNET_HEADER, ETHERTYPE_IPV4, Ethernet
from libvig.packet.icmp import PROTOCOL_ICMP, Icmp
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.tcp import PROTOCOL_TCP
from libvig.packet.transport import Transport
from libvig.types import DROP_STATION
from verify.counterexample import (
    Concrete,
    ConcreteArray,
    ConcreteObject,
    ConcreteStructure,
    Counterexample,
)
from verify.path import Failure
from verify.result import SavedStep

PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP"}


def explain(failure: Failure, case: Counterexample) -> list[str]:
    """The forks that led to the failure, then the arguments."""
    return [
        *path_of(failure),
        *(line for name, value in case.arguments.items() for line in describe(name, value)),
    ]


def path_of(failure: Failure) -> list[str]:
    """The forks that led to a failure."""
    return [f"  {s.place}  {s.text}  {'yes' if s.outcome else 'no'}" for s in steps_of(failure)]


def steps_of(failure: Failure) -> list[SavedStep]:
    """The same as data."""
    return [SavedStep(s.site.place, s.text, s.outcome) for s in failure.steps]


def describe(name: str, value: Concrete) -> Iterator[str]:
    """Lines for one argument."""
    if isinstance(value, ConcreteObject) and value.cls.name == "Packet":
        yield from describe_packet(name, value)
    elif isinstance(value, ConcreteObject):
        scalars = {
            field: part
            for field, part in value.fields.items()
            if isinstance(part, int | ConcreteArray)
        }
        if scalars:
            yield f"{name}: " + ", ".join(f"{k} {scalar(k, v)}" for k, v in scalars.items())
        for field, part in value.fields.items():
            if field not in scalars:
                yield from describe(f"{name}.{field}", part)
    elif isinstance(value, ConcreteStructure):
        sizes = ", ".join(f"{number} {size}" for number, size in value.numbers.items())
        if not value.entries:
            yield f"{name}: {sizes}; empty, as far as it matters"
            return
        yield f"{name}: {sizes}; what is in it, as far as it matters:"
        for key, entry in value.entries.items():
            yield f"  {key}: {compact(entry)}"
    else:
        yield f"{name}: {scalar(name, value)}"


def scalar(name: str, value: Concrete) -> str:
    """A number or array in the form usual for what its name says it is."""
    if isinstance(value, ConcreteArray):
        elements = [scalar(name, element) for element in value.elements[:16]]
        return "[" + ", ".join(elements) + (", …" if len(value.elements) > 16 else "") + "]"
    if isinstance(value, int) and "address" in name and 0 <= value < 2**32:
        return str(IPv4Address(value))
    is_mac = name.rsplit(".", maxsplit=1)[-1] in ("mac", "peer")
    if isinstance(value, int) and (is_mac or ("address" in name and 0 <= value < 2**48)):
        return mac(value)
    return str(value)


def mac(address: int) -> str:
    """An Ethernet address as it is usually written."""
    return ":".join(f"{address >> shift & 0xFF:02x}" for shift in range(40, -8, -8))


def compact(value: Concrete) -> str:
    """One line for an entry of a structure."""
    if not isinstance(value, ConcreteObject):
        return scalar("", value)
    if value.cls.name == "FlowKey":
        key = {name: scalar(name, part) for name, part in value.fields.items()}
        protocol = value.fields["protocol"]
        named = (
            PROTOCOLS.get(protocol, "protocol " + key["protocol"])
            if isinstance(protocol, int)
            else ""
        )
        return (
            f"device {key['device']} {named} {key['source_address']}:{key['source_port']} -> "
            f"{key['destination_address']}:{key['destination_port']}"
        )
    if value.cls.name == "Station":
        address, device = value.fields["address"], value.fields["device"]
        assert isinstance(address, int)
        behind = "drop" if device == DROP_STATION else f"device {device}"
        return f"address {mac(address)}, {behind}"
    parts = [
        compact(part) if isinstance(part, ConcreteObject) else f"{name} {scalar(name, part)}"
        for name, part in value.fields.items()
    ]
    return ", ".join(parts)


def describe_packet(name: str, value: ConcreteObject) -> Iterator[str]:
    """Lines for a packet: its headers' fields and its bytes."""
    packet = real_packet(value)
    length = f"{packet.length()} bytes"
    if packet.wire_length != packet.length():
        length += f" captured of {packet.wire_length}"
    yield f"{name}: by device {packet.device}, {length}"
    ethernet, ip = Ethernet(packet), Ipv4(packet, ETHERNET_HEADER)
    if ethernet.is_complete():
        yield (
            f"  Ethernet type {ethernet.ethertype():#06x}, "
            f"{mac(ethernet.source())} -> {mac(ethernet.destination())}"
        )
    if ip.is_complete() and ethernet.ethertype() == ETHERTYPE_IPV4:
        yield (
            f"  IPv4 version {ip.version()}, header {ip.header_length()}, "
            f"total {ip.total_length()}, "
            f"fragment offset {ip.fragment_offset()}{' more' if ip.more_fragments() else ''}, "
            f"{PROTOCOLS.get(ip.protocol(), f'protocol {ip.protocol()}')}, "
            f"{IPv4Address(ip.source())} -> {IPv4Address(ip.destination())}, "
            f"checksum {ip.checksum():#06x}"
        )
        icmp = Icmp(packet, ip.payload_at())
        transport = Transport(packet, ip.payload_at(), ip.protocol())
        if ip.protocol() == PROTOCOL_ICMP:
            yield from describe_icmp(icmp)
        elif transport.is_complete():
            checksum_at = ip.payload_at() + (16 if ip.protocol() == PROTOCOL_TCP else 6)
            yield (
                f"  ports {transport.source_port()} -> {transport.destination_port()}, "
                f"checksum {packet.u16(checksum_at):#06x}"
            )
    for start in range(0, packet.length(), 32):
        chunk = packet.data[start : start + 32].tobytes()
        yield f"  {start:04x}  {chunk.hex(' ', 2)}"


def describe_icmp(icmp: Icmp) -> Iterator[str]:
    """Lines for an ICMP message; of an error, also for the packet that it is about."""
    if not icmp.is_complete():
        return
    yield f"  ICMP type {icmp.kind()} code {icmp.code()}, checksum {icmp.checksum():#06x}"
    quoted = icmp.quoted()
    if icmp.is_query():
        yield f"  identifier {icmp.identifier()}"
    elif icmp.is_error() and quoted.is_complete():
        protocol = quoted.protocol()
        transport = Transport(icmp.packet, quoted.payload_at(), protocol)
        ports = (
            f", ports {transport.source_port()} -> {transport.destination_port()}"
            if transport.has_ports()
            else ""
        )
        yield (
            f"  about {PROTOCOLS.get(protocol, f'protocol {protocol}')} "
            f"{IPv4Address(quoted.source())} -> {IPv4Address(quoted.destination())}{ports}"
        )


def real_packet(value: ConcreteObject) -> Packet:
    """The packet, as the packet views take it."""
    data, wire_length, device = (value.fields[f] for f in ("data", "wire_length", "device"))
    assert isinstance(data, ConcreteArray)
    assert isinstance(wire_length, int) and isinstance(device, int)
    return Packet(np.array(data.elements, np.uint8), wire_length, device)
