"""A packet's headers, field by field, for drawing: whatever its bytes are, as far as they go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from libvig.packet.ethernet import ETHERTYPE_IPV4
from libvig.packet.icmp import PROTOCOL_ICMP
from libvig.packet.tcp import PROTOCOL_TCP
from libvig.packet.udp import PROTOCOL_UDP

ETHERTYPE_VLAN = 0x8100

PROTOCOLS = {PROTOCOL_ICMP: "ICMP", PROTOCOL_TCP: "TCP", PROTOCOL_UDP: "UDP"}
ETHERTYPES = {ETHERTYPE_IPV4: "IPv4", 0x0806: "ARP", ETHERTYPE_VLAN: "802.1Q", 0x86DD: "IPv6"}
ICMP_ERRORS = {
    3: "destination unreachable",
    4: "source quench",
    5: "redirect",
    11: "time exceeded",
    12: "parameter problem",
}
ICMP_TYPES = ICMP_ERRORS | {0: "echo reply", 8: "echo", 13: "timestamp", 14: "timestamp reply"}
IP_FLAGS = ("reserved", "DF", "MF")
TCP_FLAGS = ("CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN")


@dataclass(frozen=True)
class Field:
    """A field of a header, and how its number is told."""

    name: str
    bits: int
    words: Callable[[int], str] = str


@dataclass(frozen=True)
class Cell:
    """A field of a packet."""

    name: str
    bits: int
    value: str


@dataclass(frozen=True)
class Layer:
    """A header of a packet, or what is behind the headers: bytes `start` to `stop` - 1."""

    name: str
    start: int
    stop: int
    cells: tuple[Cell, ...] = ()
    missing: int = 0  # bytes of the header that are not there


def mac(value: int) -> str:
    return value.to_bytes(6, "big").hex(":")


def hexadecimal(value: int) -> str:
    return f"{value:#06x}"


def address(value: int) -> str:
    return str(IPv4Address(value))


def named(names: dict[int, str], form: Callable[[int], str] = str) -> Callable[[int], str]:
    """The number, and its name if it has one."""
    return lambda value: f"{form(value)} {names.get(value, '')}".strip()


def flags(names: tuple[str, ...]) -> Callable[[int], str]:
    """The names of the bits that are set; the first is the highest."""

    def words(value: int) -> str:
        bits = zip(names, reversed(range(len(names))), strict=True)
        return " ".join(name for name, bit in bits if value >> bit & 1) or "none"

    return words


ETHERNET = (
    Field("Destination", 48, mac),
    Field("Source", 48, mac),
    Field("Type", 16, named(ETHERTYPES, hexadecimal)),
)
VLAN = (
    Field("Priority", 3),
    Field("DEI", 1),
    Field("VLAN", 12),
    Field("Type", 16, named(ETHERTYPES, hexadecimal)),
)
IPV4 = (
    Field("Version", 4),
    Field("IHL", 4),
    Field("DSCP", 6),
    Field("ECN", 2),
    Field("Total length", 16),
    Field("Identification", 16),
    Field("Flags", 3, flags(IP_FLAGS)),
    Field("Fragment offset", 13),
    Field("TTL", 8),
    Field("Protocol", 8, named(PROTOCOLS)),
    Field("Header checksum", 16, hexadecimal),
    Field("Source", 32, address),
    Field("Destination", 32, address),
)
TCP = (
    Field("Source port", 16),
    Field("Destination port", 16),
    Field("Sequence number", 32),
    Field("Acknowledgment number", 32),
    Field("Offset", 4),
    Field("Reserved", 4),
    Field("Flags", 8, flags(TCP_FLAGS)),
    Field("Window", 16),
    Field("Checksum", 16, hexadecimal),
    Field("Urgent pointer", 16),
)
UDP = (
    Field("Source port", 16),
    Field("Destination port", 16),
    Field("Length", 16),
    Field("Checksum", 16, hexadecimal),
)
ICMP_QUERY = (
    Field("Type", 8, named(ICMP_TYPES)),
    Field("Code", 8),
    Field("Checksum", 16, hexadecimal),
    Field("Identifier", 16),
    Field("Sequence number", 16),
)
ICMP_ERROR = (*ICMP_QUERY[:3], Field("Rest of header", 32, "{:#010x}".format))


def layers_of(packet: bytes) -> list[Layer]:
    """The headers from the outside in, and what is behind them."""
    found = list(_frame(packet))
    end = found[-1].stop
    return [*found, Layer("Payload", end, len(packet))] if end < len(packet) else found


def _frame(packet: bytes) -> Iterator[Layer]:
    layer, at = _read("Ethernet", packet, 0, ETHERNET), 14
    yield layer
    while not layer.missing and _number(packet, at - 2, 2) == ETHERTYPE_VLAN:
        layer, at = _read("802.1Q tag", packet, at, VLAN), at + 4
        yield layer
    if not layer.missing and _number(packet, at - 2, 2) == ETHERTYPE_IPV4:
        yield from _ipv4(packet, at, "")


def _ipv4(packet: bytes, at: int, of: str) -> Iterator[Layer]:
    if at >= len(packet):
        return
    size = max(4 * (packet[at] & 0x0F), 20)
    layer = _read(f"{of}IPv4", packet, at, _with_options(IPV4, size))
    yield layer
    is_first = not layer.missing and _number(packet, at + 6, 2) & 0x1FFF == 0
    behind = at + size
    if not is_first or behind >= len(packet):
        return
    protocol = packet[at + 9]
    if protocol == PROTOCOL_UDP:
        yield _read(f"{of}UDP", packet, behind, UDP)
    elif protocol == PROTOCOL_TCP:
        size = 4 * (packet[behind + 12] >> 4) if behind + 12 < len(packet) else 20
        yield _read(f"{of}TCP", packet, behind, _with_options(TCP, max(size, 20)))
    elif protocol == PROTOCOL_ICMP:
        is_error = packet[behind] in ICMP_ERRORS
        yield _read(f"{of}ICMP", packet, behind, ICMP_ERROR if is_error else ICMP_QUERY)
        if is_error and not of:  # no error is about an error
            yield from _ipv4(packet, behind + 8, "Quoted ")


def _with_options(fields: tuple[Field, ...], size: int) -> tuple[Field, ...]:
    bits = 8 * size - sum(field.bits for field in fields)
    return (*fields, Field("Options", bits, f"{{:0{bits // 4}x}}".format)) if bits else fields


def _read(name: str, packet: bytes, at: int, fields: tuple[Field, ...]) -> Layer:
    """A header: the fields of it that are there in whole."""
    size = sum(field.bits for field in fields) // 8
    there = packet[at : at + size]
    number = int.from_bytes(there, "big") << 8 * (size - len(there))
    cells, left = [], 8 * size
    for field in fields:
        left -= field.bits
        if 8 * (size - len(there)) > left:
            break
        cells.append(
            Cell(field.name, field.bits, field.words(number >> left & ~(-1 << field.bits)))
        )
    return Layer(name, at, at + len(there), tuple(cells), size - len(there))


def _number(packet: bytes, at: int, size: int) -> int:
    return int.from_bytes(packet[at : at + size], "big")
