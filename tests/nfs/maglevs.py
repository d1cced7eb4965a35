"""A small load balancer and its neighbourhood: clients, and two networks of backends."""

from ipaddress import IPv4Address
from typing import Any

import numpy as np
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from libvig.flow_key import FlowKey
from libvig.packet.packet import Packet
from libvig.station import Station
from nfs.maglev import Drop, Maglev, MaglevConfig, new_maglev
from tests.packets import packet_of, seen, transport_in

CLIENTS, RACK, ROOM = 0, 1, 2

CLIENT = "198.51.100.7"
VIRTUAL = "192.0.2.1"
HEARTBEAT_PORT = 694

MACS = ["02:00:00:00:00:00", "02:00:00:00:00:01", "02:00:00:00:00:02"]
ROUTER = "02:00:00:00:01:00"
BACKENDS = ["02:00:00:00:0b:00", "02:00:00:00:0b:01", "02:00:00:00:0b:02", "02:00:00:00:0b:03"]


def number(mac: str) -> int:
    return int(mac.replace(":", ""), 16)


def word(backend: int, device: int = RACK) -> int:
    """The name of a backend, by its number in the list above."""
    return Station(number(BACKENDS[backend]), device).pack()


def listed(*backends: int) -> Any:
    return np.array([word(backend) for backend in backends], np.int64)


def config(**settings: Any) -> MaglevConfig:
    """Three backends and two flows, forgotten after 50 and 100 ns, if nothing else is said."""
    small = {
        "mac": np.array([number(mac) for mac in MACS], np.int64),
        "backend": listed(),
        "client_device": CLIENTS,
        "heartbeat_port": HEARTBEAT_PORT,
        "max_backends": 3,
        "slots": 13,
        "max_flows": 2,
        "flow_timeout": 100,
        "backend_timeout": 50,
    }
    return MaglevConfig(**small | settings)


def new(*backends: int, **settings: Any) -> Maglev:
    """A balancer that lists some backends, all in the rack."""
    return new_maglev(config(**{"backend": listed(*backends)} | settings))


def request(transport: Any, device: int = CLIENTS, **ip: Any) -> Packet:
    """From the client to the virtual address, if nothing else is said."""
    layers = IP(**{"src": CLIENT, "dst": VIRTUAL} | ip) / transport
    return packet_of(Ether(src=ROUTER, dst=MACS[CLIENTS]) / layers, device)


def query(port: int) -> Packet:
    """The packet of the flow from one port of the client."""
    return request(UDP(sport=port, dport=53) / b"query")


def heartbeat(
    backend: int, device: int = RACK, port: int = HEARTBEAT_PORT, **headers: str
) -> Packet:
    """From a backend, unless another Ethernet source or IP destination is said."""
    ethernet = Ether(src=headers.get("src", BACKENDS[backend]), dst=MACS[device])
    ip = IP(src="10.0.0.9", dst=headers.get("dst", VIRTUAL))
    return packet_of(ethernet / ip / UDP(sport=5000, dport=port), device)


def hear(maglev: Maglev, backend: int, now: int, device: int = RACK) -> None:
    """Let a backend be heard of."""
    assert maglev.process(heartbeat(backend, device), now) == Drop.HEARTBEAT


def send(maglev: Maglev, packet: Packet, now: int) -> int:
    """The number of the backend that a client's packet is sent to, or why it is dropped."""
    verdict = maglev.process(packet, now)
    return verdict if verdict < 0 else BACKENDS.index(seen(packet)[Ether].dst)


def hashed(maglev: Maglev, packet: Packet) -> int:
    """The number of the backend that consistent hashing has for a client's packet."""
    ip, transport = seen(packet)[IP], transport_in(seen(packet))
    source, destination = (int(IPv4Address(address)) for address in (ip.src, ip.dst))
    key = FlowKey(packet.device, ip.proto, source, transport.sport, destination, transport.dport)
    name = maglev.backends.get(maglev.backends.choose(key.pack().hash()))
    return next(i for i in range(len(BACKENDS)) if name in (word(i, RACK), word(i, ROOM)))


def ports_for(maglev: Maglev, backend: int) -> list[int]:
    """Ports of the client from which new flows go to a backend, as things are."""
    return [port for port in range(1, 100) if hashed(maglev, query(port)) == backend]
