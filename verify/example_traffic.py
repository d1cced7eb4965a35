"""Packets for examples: from few endpoints, and many that repeat or answer earlier ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from libvig.packet.icmp import PROTOCOL_ICMP
from libvig.packet.packet import FLOOD, Packet
from libvig.packet.tcp import PROTOCOL_TCP
from libvig.packet.udp import PROTOCOL_UDP
from libvig.spec import snapshot
from libvig.station import unpack_station
from libvig.types import MAX_TIME
from verify.frames import (
    ARP,
    ECHO,
    ECHO_REPLY,
    IPV4,
    VLAN,
    error_about,
    icmp,
    ipv4,
    numbers,
    reply_to,
    segment,
)
from verify.small_settings import ADDRESSES, GROUP, PORTS, RESERVED, STATIONS, quantities

Arrival = tuple[Packet, int]  # a packet and its time


class Neighbourhood(NamedTuple):
    """Who speaks to an NF, and how long they wait. What its settings name comes often."""

    devices: int
    stations: list[int]
    addresses: list[int]
    ports: list[int]
    pauses: list[int]


@st.composite
def neighbourhoods(draw: st.DrawFn, config: Any) -> Neighbourhood:
    """A neighbourhood of an NF with these settings: few endpoints, so that packets meet."""
    by_name: dict[str, list[Any]] = {}
    for field, quantity in quantities(type(config)).items():
        by_name.setdefault(quantity.name, []).append(getattr(config, field))
    tables = by_name.get("MAC address", [])
    listed = [unpack_station(int(w)).address for words in by_name.get("station", []) for w in words]
    own = [int(address) for table in tables for address in table]
    pauses = [d + by for d in by_name.get("duration", []) for by in (-1, 0, 1)]

    def some(values: list[int], most: int) -> list[int]:
        return draw(st.lists(st.sampled_from(values), min_size=1, max_size=most))

    return Neighbourhood(
        devices=len(tables[0]) if tables else by_name.get("number of devices", [2])[0],
        stations=some([*STATIONS, *listed, *own, GROUP, RESERVED], 3),
        addresses=by_name.get("address", []) * 2 + some(ADDRESSES, 2),
        ports=by_name.get("port", []) + some(PORTS, 1),
        pauses=[0, 1, *some([1, *(pause for pause in pauses if pause > 0)], 2)],
    )


@st.composite
def frames(draw: st.DrawFn, around: Neighbourhood) -> bytes:
    """A new frame: TCP or UDP over IPv4 without anything unusual, or something else."""
    header = numbers(*(draw(st.sampled_from(around.stations)) for _ in range(2)), size=6)
    source, destination = (draw(st.sampled_from(around.addresses)) for _ in range(2))
    ports = draw(st.sampled_from(around.ports)), draw(st.sampled_from(around.ports))
    ends = source, ports[0], destination, ports[1]
    data = bytes(draw(st.sampled_from([0, 0, 1, 2, 60])))
    if draw(st.integers(0, 3)) < 3:
        protocol = draw(st.sampled_from([PROTOCOL_TCP, PROTOCOL_UDP]))
        return header + IPV4 + ipv4(protocol, source, destination, segment(protocol, ends, data))
    return header + draw(unusual_content(ends, data))


@st.composite
def unusual_content(draw: st.DrawFn, ends: tuple[int, int, int, int], data: bytes) -> bytes:
    """What follows the Ethernet addresses of a frame that an NF may have to treat differently."""
    kind = draw(st.sampled_from(["query", "query", "no checksum", "fragment", "options", "other"]))
    source, source_port, destination, _ = ends
    protocol, payload = PROTOCOL_UDP, segment(PROTOCOL_UDP, ends, data)
    more: dict[str, Any] = {}
    if kind == "query":
        message = draw(st.sampled_from([ECHO, ECHO, ECHO_REPLY, 5]))
        protocol, payload = PROTOCOL_ICMP, icmp(message, numbers(source_port, 1) + data)
    elif kind == "no checksum":
        payload = payload[:6] + bytes(2) + payload[8:]
    elif kind == "fragment":
        more["fragment"] = draw(st.sampled_from([0x4000, 0x2000, 3]))
    elif kind == "options":
        more["options"] = b"\x01" * draw(st.sampled_from([4, 40]))
    else:
        no_ip = [b"", b"\x08", ARP + bytes(28), VLAN + IPV4 + bytes(40)]
        return draw(st.sampled_from([*no_ip, IPV4 + ipv4(47, source, destination, data)]))
    return IPV4 + ipv4(protocol, source, destination, payload, **more)


class Sent(NamedTuple):
    """A packet that an NF has had."""

    came: bytes
    device: int
    left: bytes
    verdict: int


@st.composite
def next_frame(draw: st.DrawFn, around: Neighbourhood, sent: list[Sent]) -> tuple[bytes, int]:
    """A frame and the device that it comes in by."""
    forwarded = [one for one in sent if one.verdict >= 0]
    kinds = ["new"] * 3 + ["again"] * 3 * bool(sent) + ["reply", "reply", "error"] * bool(forwarded)
    kind = draw(st.sampled_from(kinds))
    devices = st.integers(0, around.devices - 1)
    if kind == "new":
        return draw(frames(around)), draw(devices)
    one = draw(st.sampled_from(sent if kind == "again" else forwarded))
    if kind == "again":
        return one.came, one.device
    device = (
        draw(devices.filter(lambda d: d != one.device)) if one.verdict == FLOOD else one.verdict
    )
    return (reply_to if kind == "reply" else error_about)(one.left), device


@st.composite
def arrivals(draw: st.DrawFn, nf: Any, around: Neighbourhood, most: int) -> list[Arrival]:
    """Packets for an NF, which gets them, and their times."""
    now = draw(st.sampled_from([0, 10**18]))
    sent: list[Sent] = []
    made: list[Arrival] = []
    for _ in range(draw(st.integers(min(4, most), most))):
        frame, device = draw(next_frame(around, sent))
        if frame and draw(st.integers(0, 15)) == 15:  # damage a byte
            at = draw(st.integers(0, len(frame) - 1))
            frame = frame[:at] + bytes([draw(st.integers(0, 255))]) + frame[at + 1 :]
        captured = frame[: max(len(frame) - draw(st.sampled_from([*(0,) * 20, 2, 20, 40])), 0)]
        now = min(now + draw(st.sampled_from(around.pauses)), MAX_TIME)
        packet = Packet(np.frombuffer(bytearray(captured), np.uint8), len(frame), device)
        made.append((snapshot(packet), now))
        verdict = int(nf.process(packet, now))
        sent.append(Sent(captured, device, packet.data.tobytes(), verdict))
    return made
