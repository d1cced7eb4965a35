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
from verify.arguments import Argument, Elements, Instance, Table, arguments_of
from verify.counterexample import Counterexample
from verify.path import Failure
from verify.result import SavedStep

PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP"}
FORMS = {"Address": "address", "Mac": "mac", "Macs": "mac"}
"""By the annotation of a number: a name that tells how it is written."""


def explain(failure: Failure, case: Counterexample) -> list[str]:
    """The forks that led to the failure, then the arguments."""
    return [*path_of(failure), *in_words(arguments_of(case))]


def in_words(arguments: dict[str, Argument]) -> list[str]:
    """Lines for all arguments."""
    return [line for name, value in arguments.items() for line in describe(name, value)]


def path_of(failure: Failure) -> list[str]:
    """The forks that led to a failure."""
    return [f"  {step.place}  {step.text}  {step.answer}" for step in steps_of(failure)]


def steps_of(failure: Failure) -> list[SavedStep]:
    """The same as data."""
    is_of_several = any(step.call > 1 for step in failure.steps)
    return [
        SavedStep(s.site.place, s.text, s.outcome, s.call if is_of_several else 0)
        for s in failure.steps
    ]


def describe(name: str, value: Argument) -> Iterator[str]:
    """Lines for one argument."""
    if isinstance(value, Instance) and value.cls == "Packet":
        yield from describe_packet(name, value)
    elif isinstance(value, Instance):
        scalars = {k: v for k, v in value.fields.items() if isinstance(v, int | Elements)}
        if scalars:
            said = (f"{k} {scalar(k, v, value.kinds[k])}" for k, v in scalars.items())
            yield f"{name}: {', '.join(said)}"
        for field, part in value.fields.items():
            if field not in scalars:
                yield from describe(f"{name}.{field}", part)
    elif isinstance(value, Table):
        sizes = ", ".join(f"{number} {size}" for number, size in value.numbers.items())
        if not value.entries:
            yield f"{name}: {sizes}; empty, as far as it matters"
            return
        yield f"{name}: {sizes}; what is in it, as far as it matters:"
        for key, entry in value.entries.items():
            yield f"  {key}: {compact(entry)}"
    else:
        yield f"{name}: {scalar(name, value)}"


def scalar(name: str, value: int | Elements, kind: str = "") -> str:
    """A number or array in the form usual for what its annotation or its name says it is."""
    if isinstance(value, Elements):
        elements = [scalar(name, element, kind) for element in value.values[:16]]
        return "[" + ", ".join(elements) + (", …" if len(value.values) > 16 else "") + "]"
    name = FORMS.get(kind, name.rpartition(".")[2])
    is_mac = name in ("mac", "peer")
    if "address" in name and 0 <= value < 2**32:
        return str(IPv4Address(value))
    return mac(value) if is_mac or ("address" in name and 0 <= value < 2**48) else str(value)


def mac(address: int) -> str:
    """An Ethernet address as it is usually written."""
    return ":".join(f"{address >> shift & 0xFF:02x}" for shift in range(40, -8, -8))


def compact(value: Argument) -> str:
    """One line for an entry of a structure."""
    assert not isinstance(value, Table)  # no structure is an entry of one
    if not isinstance(value, Instance):
        return scalar("", value)
    words = {name: compact(part) for name, part in value.fields.items()}
    for name, part in value.fields.items():
        if isinstance(part, int | Elements):
            words[name] = scalar(name, part, value.kinds[name])
    if value.cls == "FlowKey":
        protocol = value.fields["protocol"]
        named = PROTOCOLS.get(protocol) if isinstance(protocol, int) else None
        return (
            f"device {words['device']} {named or 'protocol ' + words['protocol']} "
            f"{words['source_address']}:{words['source_port']} -> "
            f"{words['destination_address']}:{words['destination_port']}"
        )
    if value.cls == "Station":
        address, device = value.fields["address"], value.fields["device"]
        assert isinstance(address, int)
        behind = "drop" if device == DROP_STATION else f"device {device}"
        return f"address {mac(address)}, {behind}"
    is_whole = {name for name, part in value.fields.items() if isinstance(part, Instance)}
    return ", ".join(said if name in is_whole else f"{name} {said}" for name, said in words.items())


def describe_packet(name: str, value: Instance) -> Iterator[str]:
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


def real_packet(value: Instance) -> Packet:
    """The packet, as the packet views take it."""
    data, wire_length, device = (value.fields[f] for f in ("data", "wire_length", "device"))
    assert isinstance(data, Elements)
    assert isinstance(wire_length, int) and isinstance(device, int)
    return Packet(np.array(data.values, np.uint8), wire_length, device)
