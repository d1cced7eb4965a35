"""A small NAT and its neighbourhood: two internal networks and the outside."""

from typing import Any

import numpy as np
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from libvig.packet.packet import Packet
from nfs.nat import Nat, NatConfig, new_nat
from tests.packets import packet_of, seen, transport_in

LAN, WAN, GUESTS = 0, 1, 2

CLIENT = "10.0.0.2"
SERVER = "198.51.100.7"
STRANGER = "203.0.113.9"
EXTERNAL = "192.0.2.1"

MACS = ["02:00:00:00:00:00", "02:00:00:00:00:01", "02:00:00:00:00:02"]
PEERS = ["02:00:00:00:01:00", "02:00:00:00:01:01", "02:00:00:00:01:02"]


def numbers(macs: list[str]) -> Any:
    return np.array([int(mac.replace(":", ""), 16) for mac in macs], np.int64)


BAD_DEVICES: list[tuple[dict[str, Any], str]] = [
    (
        {"mac": numbers(MACS[:1]), "peer": numbers(PEERS[:1]), "external_device": 0},
        "mac and peer: one address for each of at least two devices",
    ),
    ({"peer": numbers(PEERS[:2])}, "mac and peer: one address for each of at least two devices"),
    ({"mac": numbers(["ff" * 7, *MACS[1:]])}, "mac: addresses of 48 bits"),
    ({"peer": -numbers(PEERS)}, "peer: addresses of 48 bits"),
    ({"external_device": 3}, "external-device: one of the devices"),
    ({"external_device": -1}, "external-device: one of the devices"),
]
"""Settings of which devices there are that make no sense, and what is said of them."""


def config(**settings: Any) -> NatConfig:
    """Ports 5000 to 5004, two flows, forgotten after 100 ns, unless other settings are given."""
    small = {"first_port": 5000, "last_port": 5004, "max_flows": 2, "timeout": 100}
    return NatConfig(**{"mac": numbers(MACS), "peer": numbers(PEERS)} | small | settings)


def new(**settings: Any) -> Nat:
    return new_nat(config(**settings))


def outbound(transport: Any, device: int = LAN, **ip: Any) -> Packet:
    """From the client to the server, if nothing else is said."""
    return packet_of(arriving(device, IP(**{"src": CLIENT, "dst": SERVER} | ip), transport), device)


def inbound(transport: Any, **ip: Any) -> Packet:
    """From the server to the external address, if nothing else is said."""
    return packet_of(arriving(WAN, IP(**{"src": SERVER, "dst": EXTERNAL} | ip), transport), WAN)


def arriving(device: int, ip: Any, transport: Any) -> Any:
    """The frame that comes in by a device."""
    return Ether(src=PEERS[device], dst=MACS[device]) / ip / transport


def leaving(device: int, ip: Any, transport: Any) -> bytes:
    """The frame that is to leave by a device, with the checksums that scapy computes."""
    return bytes(Ether(src=MACS[device], dst=PEERS[device]) / ip / transport)


def source_port(packet: Packet) -> int:
    return int(transport_in(seen(packet)).sport)
