"""Settings under which a capture that others made puts a network function to the test.

Tables are small and lifetimes short, measured by the capture's own pauses, so that tables fill up,
flows expire, and traffic exceeds its rate. Addresses are the capture's: what its client sends comes
from inside, and what is sent to the client comes from outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

import numpy as np

from libvig.io.capture import Capture
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet
from libvig.packet.icmp import icmp_of
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.transport import transport_of
from libvig.packet.udp import PROTOCOL_UDP
from libvig.packet.validity import is_icmp_error, names_a_flow, quotes_a_flow

SECOND = 10**9


class Endpoint(NamedTuple):
    """An IPv4 address and a port."""

    address: str
    port: int


class Scene(NamedTuple):
    """What settings need to know of a capture."""

    client: Endpoint | None
    """Whoever is inside, and the port that it used first."""
    service: Endpoint | None
    """Where the first UDP datagram goes or, without any, the first packet of a flow."""
    stations: list[str]
    """The Ethernet addresses that frames are sent to, the most frequent first."""
    rate: int
    """Bytes a second, on average."""
    room: int
    """How many flows there is room for."""
    lifetime: int
    """In nanoseconds."""


def scenes_of(capture: Capture) -> list[Scene]:
    """The capture seen by its first sender, with little room and time.

    And, where there is an ICMP error, by the sender of the packet that the first one is about and
    by its receiver, with more of both, so that the flow is still known then.
    """
    records = capture.records
    packets = [packet_at(capture, i) for i in range(len(records.start))]
    flows = [Ipv4(packet, ETHERNET_HEADER) for packet in packets if names_a_flow(packet)]
    datagrams = [ip for ip in flows if ip.protocol() == PROTOCOL_UDP]
    gaps = np.diff(np.maximum.accumulate(records.time))
    pause = max(int(np.quantile(gaps, 0.9)), 1) if len(gaps) else 1
    scene = Scene(
        client=source(flows[0]) if flows else None,
        service=destination((datagrams or flows)[0]) if flows else None,
        stations=stations_of(packets),
        rate=max(int(records.wire_length.sum()) * SECOND // max(int(gaps.sum()), 1), 1),
        room=6,
        lifetime=2 * pause,
    )
    roomy = scene._replace(room=100, lifetime=100 * pause)
    quoted = [icmp_of(Ipv4(p, ETHERNET_HEADER)).quoted() for p in packets if has_subject(p)]
    ends = {end(ip) for ip in quoted[:1] for end in (source, destination)}
    return [scene, *(roomy._replace(client=end) for end in sorted(ends))]


def packet_at(capture: Capture, i: int) -> Packet:
    records = capture.records
    start, length = int(records.start[i]), int(records.length[i])
    data = records.data[start : start + length]
    return Packet(data, max(int(records.wire_length[i]), length), 0)


def has_subject(packet: Packet) -> bool:
    """It is an ICMP error, and says enough of the packet that it is about."""
    return is_icmp_error(packet) and quotes_a_flow(Ipv4(packet, ETHERNET_HEADER))


def source(ip: Ipv4) -> Endpoint:
    return Endpoint(str(IPv4Address(ip.source())), transport_of(ip).source_port())


def destination(ip: Ipv4) -> Endpoint:
    return Endpoint(str(IPv4Address(ip.destination())), transport_of(ip).destination_port())


def stations_of(packets: list[Packet]) -> list[str]:
    frames = [Ethernet(packet) for packet in packets if Ethernet(packet).is_complete()]
    number = Counter(frame.destination() for frame in frames)
    return [address.to_bytes(6, "big").hex(":") for address, _ in number.most_common()]


# ---------------------------------------------------------------- by network function


def for_any(scene: Scene) -> list[str]:
    return []


def for_bridge(scene: Scene) -> list[str]:
    """One station is listed and one filtered, but not the two that most frames are for."""
    listed = zip(scene.stations[2:4], ("wan", "drop"), strict=False)
    static = [f"static.{address}={device}" for address, device in listed]
    return ["max-stations=2", f"ageing-time={scene.lifetime // 2}ns", *static]


def for_nat(scene: Scene) -> list[str]:
    """The external address is the client's, and its port that of the first flow: replies match."""
    settings = [f"max-flows={scene.room}", f"timeout={scene.lifetime}ns"]
    if scene.client is None:
        return settings
    address, port = scene.client
    first = max(port - scene.room, 1)  # as many ports rest as are held, and the lowest goes first
    last = min(first + 2 * scene.room, 2**16) - 1
    ports = [f"first-port={first}", f"last-port={last}"]
    return [*settings, f"external-address={address}", *ports]


def for_firewall(scene: Scene) -> list[str]:
    return [f"max-flows={scene.room}", f"timeout={scene.lifetime}ns"]


def for_policer(scene: Scene) -> list[str]:
    """For each of two destinations, half of what comes on average, and little at once."""
    burst, rate = 2000, max(scene.rate // 2, 1)
    timeout = max(scene.lifetime // 2, -(-burst * SECOND // rate))
    limits = [f"burst={burst}B", f"rate={rate}B/s"]
    return [*limits, "max-destinations=2", f"timeout={timeout}ns"]


def for_maglev(scene: Scene) -> list[str]:
    lifetimes = [
        f"flow-timeout={2 * scene.lifetime}ns",
        f"backend-timeout={scene.lifetime // 2}ns",
    ]
    sizes = [f"max-flows={scene.room}", "max-backends=4", "slots=11"]
    settings = ["client-device=lan", *sizes, *lifetimes]
    if scene.service is None:
        return settings
    address, port = scene.service
    return [*settings, f"virtual-address={address}", f"heartbeat-port={port}"]


SETTINGS: dict[str, Callable[[Scene], list[str]]] = {
    "bridge": for_bridge,
    "firewall": for_firewall,
    "maglev": for_maglev,
    "nat": for_nat,
    "nop": for_any,
    "policer": for_policer,
}


def options(nf: str, file: Path, capture: Capture) -> list[list[str]]:
    """Options for `pyvigor run` with a network function on a capture, for each of its scenes."""
    if capture.interfaces > 1:
        return [["-r", str(file)]]
    return [options_of(nf, file, scene) for scene in scenes_of(capture)]


def options_of(nf: str, file: Path, scene: Scene) -> list[str]:
    settings = [word for setting in SETTINGS[nf](scene) for word in ("--set", setting)]
    if nf == "maglev":  # each packet is there twice: from a client, and from a backend
        return ["-r", f"lan={file}", "-r", f"wan={file}", *settings]
    split = ["--split", f"{scene.client.address}/32"] if scene.client else []
    return ["-r", str(file), *split, *settings]
