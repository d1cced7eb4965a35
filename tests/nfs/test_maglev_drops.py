"""What the load balancer drops, and why; heartbeats among them."""

import pytest
from scapy.layers.inet import ICMP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from libvig.packet.packet import Packet
from nfs.maglev import Drop, Maglev
from tests.nfs.maglevs import (
    CLIENTS,
    HEARTBEAT_PORT,
    RACK,
    ROOM,
    hear,
    heartbeat,
    new,
    query,
    request,
    send,
    word,
)
from tests.packets import bytes_of, packet_of

DATAGRAM = bytes_of(query(7))
SEGMENT = bytes_of(request(TCP(sport=7, dport=80)))


def state_of(maglev: Maglev) -> tuple[object, ...]:
    return tuple(
        part.entries for part in (maglev.flows, maglev.chosen, maglev.names, maglev.backends)
    )


def check_dropped(maglev: Maglev, packet: Packet, now: int, reason: Drop) -> None:
    """Expect a drop for this reason that leaves the packet, flows and backends as they are."""
    sent = bytes_of(packet)
    maglev.backends.expire(now - maglev.config.backend_timeout)
    state = state_of(maglev)
    assert maglev.process(packet, now) == reason
    assert bytes_of(packet) == sent
    assert state_of(maglev) == state


MALFORMED = {
    "no bytes": (b"", Drop.TRUNCATED),
    "UDP header behind the frame": (bytes_of(request(b"1234567", proto=17)), Drop.TRUNCATED),
    "ARP": (bytes(Ether() / ARP()), Drop.NOT_IPV4),
    "version 6": (DATAGRAM[:14] + b"\x65" + DATAGRAM[15:], Drop.BAD_IPV4_HEADER),
    "last fragment": (bytes_of(request(b"12345678", proto=17, frag=1)), Drop.LATER_FRAGMENT),
    "ICMP": (bytes_of(request(ICMP())), Drop.NOT_TCP_OR_UDP),
    "TCP header of 4 words": (SEGMENT[:46] + b"\x40" + SEGMENT[47:], Drop.BAD_TCP_HEADER),
    "UDP length of 7": (DATAGRAM[:39] + b"\x07" + DATAGRAM[40:], Drop.BAD_UDP_HEADER),
}


@pytest.mark.parametrize("device", [CLIENTS, RACK])
@pytest.mark.parametrize(("frame", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_packets(frame: bytes, reason: Drop, device: int) -> None:
    check_dropped(new(0), packet_of(frame, device), 0, reason)


@pytest.mark.parametrize(
    "packet",
    [
        request(UDP(sport=7, dport=53), dst="192.0.2.2"),
        request(UDP(sport=7, dport=53), dst="193.0.2.1"),
        heartbeat(1, dst="192.0.2.2"),
    ],
)
def test_what_is_not_to_the_virtual_address(packet: Packet) -> None:
    check_dropped(new(0), packet, 0, Drop.NOT_FOR_THIS_ADDRESS)


@pytest.mark.parametrize(
    "packet",
    [
        heartbeat(1, port=HEARTBEAT_PORT - 1),
        request(UDP(sport=HEARTBEAT_PORT, dport=53), RACK),
        request(TCP(sport=5000, dport=HEARTBEAT_PORT), RACK),
        heartbeat(1, src="01:00:5e:00:00:01"),
        heartbeat(1, src="ff:ff:ff:ff:ff:ff"),
    ],
)
def test_what_comes_from_the_backends_and_is_no_heartbeat(packet: Packet) -> None:
    check_dropped(new(0), packet, 0, Drop.NOT_A_HEARTBEAT)


def test_what_finds_no_backend() -> None:
    maglev = new()
    check_dropped(maglev, query(7), 0, Drop.NO_BACKEND)
    hear(maglev, 1, 0)
    assert send(maglev, query(7), 0) == 1
    check_dropped(maglev, query(7), 51, Drop.NO_BACKEND)


@pytest.mark.parametrize("device", [RACK, ROOM])
def test_heartbeats_are_dropped_when_they_have_been_heard(device: int) -> None:
    maglev, packet = new(), heartbeat(1, device)
    sent = bytes_of(packet)
    assert maglev.process(packet, 0) == Drop.HEARTBEAT
    assert bytes_of(packet) == sent
    assert [backend.word for backend in maglev.backends.entries.values()] == [word(1, device)]
    assert maglev.flows.entries == {}


def test_clients_are_no_backends() -> None:
    """What they send to the heartbeat port is a packet as any other."""
    maglev = new()
    check_dropped(maglev, heartbeat(1, CLIENTS), 0, Drop.NO_BACKEND)
    hear(maglev, 2, 0)
    assert send(maglev, heartbeat(1, CLIENTS), 0) == 2
    assert len(maglev.backends.entries) == len(maglev.flows.entries) == 1


def test_dropped_packets_let_flows_and_backends_go_too() -> None:
    maglev = new()
    hear(maglev, 1, 0)
    assert send(maglev, query(7), 0) == 1
    assert maglev.process(packet_of(b""), 101) == Drop.TRUNCATED
    assert (maglev.flows.entries, maglev.backends.entries) == ({}, {})
