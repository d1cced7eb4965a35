"""A small policer and its neighbourhood: one network inside, one outside, one beside."""

from typing import Any

from scapy.layers.inet import IP, UDP

from libvig.packet.packet import Packet
from nfs.policer import Policer, PolicerConfig, new_policer
from tests.nfs.nats import LAN, MACS, PEERS, WAN, arriving, numbers
from tests.packets import packet_of

STRANGER = "203.0.113.9"
SERVER, OTHER, THIRD = "10.0.0.2", "10.0.0.3", "10.0.0.4"

SECOND = 10**9
HEADERS = 28  # bytes of the IPv4 and UDP headers


def config(**settings: Any) -> PolicerConfig:
    """100 bytes a second, 300 at once, two destinations, unless other settings are given."""
    small = {"rate": 100, "burst": 300, "max_destinations": 2, "timeout": 5 * SECOND}
    return PolicerConfig(**{"mac": numbers(MACS), "peer": numbers(PEERS)} | small | settings)


def new(**settings: Any) -> Policer:
    return new_policer(config(**settings))


def inbound(size: int, to: str = SERVER, padding: int = 0, **ip: Any) -> Packet:
    """A packet of so many bytes in all, IPv4 header included, from outside."""
    frame = arriving(WAN, IP(**{"src": STRANGER, "dst": to} | ip), datagram(size))
    return packet_of(bytes(frame) + bytes(padding), WAN)


def outbound(size: int, device: int = LAN) -> Packet:
    return packet_of(arriving(device, IP(src=SERVER, dst=STRANGER), datagram(size)), device)


def datagram(size: int) -> Any:
    """What makes an IPv4 packet without options have so many bytes."""
    return UDP(sport=53, dport=1111) / bytes(size - HEADERS)
