"""A small firewall and its neighbourhood: two inside networks and the outside."""

from typing import Any

from scapy.layers.inet import ICMP, IP

from libvig.packet.packet import Packet
from nfs.firewall import Firewall, FirewallConfig, new_firewall
from tests.nfs.nats import CLIENT, LAN, MACS, PEERS, SERVER, WAN, arriving, numbers, outbound
from tests.packets import packet_of

ROUTER = "203.0.113.1"  # outside, on the way to the server


def config(**settings: Any) -> FirewallConfig:
    """Two flows, forgotten after 100 ns, unless other settings are given."""
    small = {"max_flows": 2, "timeout": 100}
    return FirewallConfig(**{"mac": numbers(MACS), "peer": numbers(PEERS)} | small | settings)


def new(**settings: Any) -> Firewall:
    return new_firewall(config(**settings))


def inbound(transport: Any, **ip: Any) -> Packet:
    """From the server to the client, if nothing else is said."""
    return packet_of(arriving(WAN, IP(**{"src": SERVER, "dst": CLIENT} | ip), transport), WAN)


def error_in(about: Any, kind: int = 3, quoted: int | None = None, **ip: Any) -> Packet:
    """From the router to the client, about a packet; all of it is quoted, or so many bytes."""
    message = ICMP(type=kind) / bytes(about)[:quoted]
    return inbound(message, **{"src": ROUTER} | ip)


def error_out(about: Any, device: int = LAN, **ip: Any) -> Packet:
    """From the client to the server, about a packet."""
    return outbound(ICMP(type=3, code=3) / bytes(about), device, **ip)
