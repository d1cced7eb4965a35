"""States that some traffic leads to, and frames that may come next.

The frames are those of the examples (verify/frames.py): plain ones, odd ones, and such as repeat
or answer what an NF has had. Of the next ones, CrossHair chooses which, and changes fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from libvig.packet.ethernet import ETHERNET_HEADER
from libvig.packet.icmp import PROTOCOL_ICMP
from libvig.packet.tcp import PROTOCOL_TCP
from libvig.packet.udp import PROTOCOL_UDP
from verify.crosshair.cells import copied
from verify.crosshair.findings import BREACHES
from verify.frames import (
    ARP,
    ECHO,
    ECHO_REPLY,
    IPV4,
    error_about,
    icmp,
    ipv4,
    is_ipv4,
    numbers,
    reply_to,
    segment,
)
from verify.small_settings import ADDRESSES, STATIONS

DEVICES = 3  # with a client, a server, and another client
SERVER_DEVICE = 1
START, PAUSE = 10**9, 10  # nanoseconds: the first packet, and from each one to the next
CLIENT_PORT, SERVER_PORT = 5000, 1
MORE_FRAGMENTS, LATER_FRAGMENT = 0x2000, 3


class Coming(NamedTuple):
    """A frame, and the device that it comes in by."""

    frame: bytes
    device: int


class Sent(NamedTuple):
    """A frame that an NF has had."""

    came: Coming
    left: bytes
    verdict: int


class Scene(NamedTuple):
    """An NF, and what it has had."""

    nf: Any
    sent: tuple[Sent, ...] = ()

    @property
    def time(self) -> int:
        """Of the last frame."""
        return self.time_of(len(self.sent) - 1)

    def time_of(self, number: int) -> int:
        """Of the frame of this number."""
        return START + PAUSE * number


class Field(NamedTuple):
    """A number in a frame."""

    at: int
    size: int


Group = tuple[Field, ...]

# ---------------------------------------------------------------- new frames


def between_hosts(device: int) -> tuple[int, int]:
    """The addresses of a packet that comes in by a device: to the server, or from it."""
    client, other, server, _ = ADDRESSES
    return [(client, server), (server, client), (other, server)][device]


def ethernet(device: int) -> bytes:
    peer = SERVER_DEVICE if device != SERVER_DEVICE else 0
    return numbers(STATIONS[peer], STATIONS[device], size=6)


def tcp_or_udp(protocol: int, device: int, data: bytes = b"", **more: Any) -> Coming:
    source, destination = between_hosts(device)
    is_server = device == SERVER_DEVICE
    ports = (SERVER_PORT, CLIENT_PORT) if is_server else (CLIENT_PORT, SERVER_PORT)
    payload = segment(protocol, (source, ports[0], destination, ports[1]), data)
    packet = ipv4(protocol, source, destination, payload, **more)
    return Coming(ethernet(device) + IPV4 + packet, device)


def echo(kind: int, device: int) -> Coming:
    payload = icmp(kind, numbers(CLIENT_PORT, 1))
    return Coming(
        ethernet(device) + IPV4 + ipv4(PROTOCOL_ICMP, *between_hosts(device), payload), device
    )


TCP = tcp_or_udp(PROTOCOL_TCP, 0)
UDP = tcp_or_udp(PROTOCOL_UDP, 2)
QUERY = echo(ECHO, 0)
OPTIONS = tcp_or_udp(PROTOCOL_TCP, 2, options=b"\x01" * 4)
FRAGMENT = tcp_or_udp(PROTOCOL_UDP, 0, b"\x07" * 8, fragment=MORE_FRAGMENTS)

NO_CHECKSUM = Coming(UDP.frame[:-2] + bytes(2), UDP.device)  # RFC 768: none was made

UNRELATED = (
    TCP,
    UDP,
    QUERY,
    OPTIONS,
    FRAGMENT,
    NO_CHECKSUM,
    tcp_or_udp(PROTOCOL_TCP, SERVER_DEVICE),
    echo(ECHO_REPLY, SERVER_DEVICE),
    tcp_or_udp(PROTOCOL_UDP, 0, fragment=LATER_FRAGMENT),
    Coming(ethernet(0) + ARP + bytes(28), 0),
)

CUTS = (2, 4, 8, 14, 20)
"""Bytes that a snap length may leave out."""

STORIES = (
    (),
    (TCP,),
    (UDP, TCP),
    (QUERY, UDP),
    (OPTIONS, FRAGMENT),
    (TCP, None),
    (UDP, None, QUERY, None),
)
"""What an NF has had; None is a reply to what left it last."""


# ---------------------------------------------------------------- what an NF has had


def had(scene: Scene, coming: Coming, make_packet: Callable[[Coming], Any]) -> Scene:
    """The scene after one more frame."""
    nf, packet = copied(scene.nf), make_packet(coming)
    verdict = int(nf.process(packet, scene.time_of(len(scene.sent))))
    left = bytes(packet.data.load(at, 1) for at in range(len(coming.frame)))
    return Scene(nf, (*scene.sent, Sent(coming, left, verdict)))


def scenes(nf: Any, make_packet: Callable[[Coming], Any]) -> Iterator[Scene]:
    """Where the stories lead; one ends before a frame on which the NF breaks."""
    for story in STORIES:
        scene = Scene(nf)
        with suppress(*BREACHES):
            for coming in story:
                scene = had(scene, coming or reply_in(scene), make_packet)
        yield scene


def reply_in(scene: Scene) -> Coming:
    """A reply to what left last, or to what came last if nothing left."""
    last = scene.sent[-1]
    return Coming(reply_to(last.left), device_of(last))


def device_of(sent: Sent) -> int:
    """Where a reply comes in: the device that the frame left by."""
    return sent.verdict if 0 <= sent.verdict < DEVICES else (sent.came.device + 1) % DEVICES


def answers(sent: Sent) -> list[Coming]:
    """A reply to what left, and an error about it."""
    if sent.verdict < 0:
        return []
    return [Coming(make(sent.left), device_of(sent)) for make in (reply_to, error_about)]


def following(scene: Scene) -> list[Coming]:
    """Answers to what left, and repetitions of what came, by any device."""
    found = []
    for sent in scene.sent:
        found += 2 * answers(sent)
        found += [Coming(sent.came.frame, device) for device in range(DEVICES)]
    return found


# ---------------------------------------------------------------- fields


def groups_of(frame: bytes) -> list[Group]:
    """The numbers in the headers of a frame, by what they are about."""
    groups = list(groups_of_ipv4(frame, ETHERNET_HEADER)) if is_ipv4(frame) else []
    groups += [(Field(12, 2),), (Field(2, 4), Field(8, 4))]
    return [group for group in groups if all(at + size <= len(frame) for at, size in group)]


def groups_of_ipv4(frame: bytes, at: int) -> Iterator[Group]:
    """Of an IPv4 packet, and of the one that it quotes if it is an ICMP error."""
    yield Field(at + 12, 4), Field(at + 16, 4)  # addresses
    yield Field(at + 8, 1), Field(at + 9, 1)  # time to live, protocol
    yield Field(at, 1), Field(at + 2, 2)  # version and header length, total length
    yield (Field(at + 6, 2),)  # fragment
    payload, protocol = at + (frame[at] & 0xF) * 4, frame[at + 9]
    if protocol != PROTOCOL_ICMP:
        yield Field(payload, 2), Field(payload + 2, 2)  # ports
        yield (Field(payload + (12 if protocol == PROTOCOL_TCP else 4), 2),)  # length
        yield (Field(payload + (16 if protocol == PROTOCOL_TCP else 6), 2),)  # checksum
        return
    yield Field(payload, 1), Field(payload + 1, 1)  # type, code
    if frame[payload] in (ECHO, ECHO_REPLY):
        yield (Field(payload + 4, 2),)  # identifier
    elif payload + 8 + 28 <= len(frame):
        yield from groups_of_ipv4(frame, payload + 8)
