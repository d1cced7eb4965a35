"""The load balancer: flows stay with their backends, backends come and go."""

import pytest
from scapy.layers.inet import IP, TCP, UDP, IPOption_NOP
from scapy.layers.l2 import Ether

from libvig.backend_pool import Backend
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME
from nfs.maglev import Drop, Maglev
from tests.nfs.maglevs import (
    BACKENDS,
    CLIENT,
    CLIENTS,
    MACS,
    RACK,
    ROOM,
    VIRTUAL,
    hashed,
    hear,
    heartbeat,
    listed,
    new,
    ports_for,
    query,
    request,
    send,
    word,
)
from tests.packets import bytes_of, packet_of


def sends(maglev: Maglev, now: int, ports: list[int]) -> list[int]:
    """Where the packets of some flows are sent, by the numbers of the backends."""
    return [send(maglev, query(port), now) for port in ports]


@pytest.mark.parametrize("options", [[], [IPOption_NOP()] * 4])
@pytest.mark.parametrize("transport", [UDP(sport=7, dport=53) / b"odd", TCP(sport=7, dport=80)])
@pytest.mark.parametrize("device", [RACK, ROOM, CLIENTS])
def test_a_packet_leaves_as_it_came_but_for_ethernet_addresses(
    device: int, transport: Packet, options: list[IPOption_NOP]
) -> None:
    maglev = new()
    maglev.backends.hear(word(2, device), 5)
    packet = request(transport, ttl=3, options=options)
    assert maglev.process(packet, 5) == device
    ip = IP(src=CLIENT, dst=VIRTUAL, ttl=3, options=options)
    assert bytes_of(packet) == bytes(Ether(src=MACS[device], dst=BACKENDS[2]) / ip / transport)


def test_wrong_checksums_and_padding_are_the_backends_business() -> None:
    frame = bytes_of(request(UDP(sport=7, dport=53, chksum=1), chksum=2)) + b"\xee" * 9
    packet = packet_of(frame, CLIENTS)
    assert new(1).process(packet, 0) == RACK
    assert bytes_of(packet)[12:] == frame[12:]


def test_headers_that_were_captured_are_enough() -> None:
    whole = bytes_of(query(7))
    cut = packet_of(whole[:42], CLIENTS, wire_length=len(whole))
    assert send(new(1), cut, 0) == 1


def test_new_flows_go_where_the_hash_says() -> None:
    maglev = new(0, 1, 2, max_flows=20)
    maglev.backends.expire(0)
    ports = list(range(1, 21))
    assert sends(maglev, 0, ports) == [hashed(maglev, query(port)) for port in ports]
    assert set(sends(maglev, 0, ports)) == {0, 1, 2}


@pytest.mark.parametrize(
    "other",
    [
        request(UDP(sport=8, dport=53)),
        request(UDP(sport=7, dport=54)),
        request(TCP(sport=7, dport=53)),
        request(UDP(sport=7, dport=53), src="198.51.100.8"),
    ],
)
def test_flows_that_differ_in_any_part_are_apart(other: Packet) -> None:
    maglev = new(0)
    assert send(maglev, query(7), 0) == send(maglev, other, 0) == 0
    assert len(maglev.flows.entries) == 2


def test_a_flow_stays_when_backends_come() -> None:
    maglev = new(0, max_flows=20)
    ports = list(range(1, 21))
    assert sends(maglev, 0, ports) == [0] * 20
    hear(maglev, 1, 1)
    hear(maglev, 2, 1)
    assert {hashed(maglev, query(port)) for port in ports} == {0, 1, 2}
    assert sends(maglev, 2, ports) == [0] * 20


def test_the_flows_of_a_dead_backend_move_and_others_stay() -> None:
    maglev = new(0, max_flows=20)
    hear(maglev, 1, 0)
    hear(maglev, 2, 40)
    ports = list(range(1, 21))
    before = sends(maglev, 40, ports)
    after = sends(maglev, 51, ports)  # backend 1 was last heard of 51 ns ago
    assert set(before) == {0, 1, 2} and set(after) == {0, 2}
    for port, then, now in zip(ports, before, after, strict=True):
        assert now == (hashed(maglev, query(port)) if then == 1 else then)


def test_a_moved_flow_stays_where_it_has_moved() -> None:
    maglev = new(0)
    hear(maglev, 1, 0)
    (port, *_) = ports_for(maglev, 1)
    assert sends(maglev, 0, [port]) == [1]
    assert sends(maglev, 51, [port]) == [0]
    hear(maglev, 1, 52)
    assert hashed(maglev, query(port)) == 1
    assert sends(maglev, 53, [port]) == [0]


def test_who_gets_the_index_of_a_dead_backend_does_not_get_its_flows() -> None:
    maglev = new(0)
    hear(maglev, 1, 0)
    (port, *_) = ports_for(maglev, 1)
    assert sends(maglev, 0, [port]) == [1]
    hear(maglev, 2, 51)
    hear(maglev, 1, 52)
    assert maglev.backends.entries[1].word == word(2)
    assert sends(maglev, 53, [port]) == [hashed(maglev, query(port))]


@pytest.mark.parametrize("start", [0, 1_700_000_000_000_000_000, MAX_TIME - 51])
def test_a_backend_lives_for_exactly_its_timeout(start: int) -> None:
    for silence, verdict in ((50, 1), (51, Drop.NO_BACKEND)):
        maglev = new()
        hear(maglev, 1, start)
        assert send(maglev, query(7), start + silence) == verdict


def test_heartbeats_keep_a_backend_alive() -> None:
    maglev = new()
    for now in (0, 50, 90, 140):
        hear(maglev, 1, now)
        assert maglev.backends.entries == {0: Backend(word(1), now)}
    assert send(maglev, query(7), 190) == 1
    assert send(maglev, query(7), 191) == Drop.NO_BACKEND


def test_packets_to_a_backend_do_not() -> None:
    maglev = new()
    hear(maglev, 1, 0)
    assert send(maglev, query(7), 50) == 1
    assert send(maglev, query(7), 51) == Drop.NO_BACKEND


def test_listed_backends_live_for_ever() -> None:
    maglev = new(0, 1)
    assert {send(maglev, query(port), MAX_TIME) for port in range(1, 20)} == {0, 1}
    hear(maglev, 1, MAX_TIME)
    assert maglev.backends.entries == {i: Backend(word(i), MAX_TIME) for i in (0, 1)}


def test_the_same_address_behind_another_device_is_another_backend() -> None:
    maglev = new()
    hear(maglev, 1, 0, RACK)
    hear(maglev, 1, 0, ROOM)
    assert [backend.word for backend in maglev.backends.entries.values()] == [
        word(1, RACK),
        word(1, ROOM),
    ]


def test_a_full_pool_hears_no_more_backends() -> None:
    maglev = new(0, 1, 2)
    hear(maglev, 3, 0)
    assert {backend.word for backend in maglev.backends.entries.values()} == set(listed(0, 1, 2))


def test_without_a_backend_no_flow_is_opened() -> None:
    maglev = new()
    assert send(maglev, query(7), 0) == Drop.NO_BACKEND
    assert maglev.flows.entries == {}
    hear(maglev, 1, 1)
    assert send(maglev, query(7), 1) == 1


def test_when_the_table_is_full_the_hash_alone_decides() -> None:
    maglev = new(0, 1, 2, max_flows=2)
    assert len(sends(maglev, 0, [1, 2])) == 2
    flows = maglev.flows.entries
    ports = list(range(3, 20))
    assert sends(maglev, 1, ports) == [hashed(maglev, query(port)) for port in ports]
    assert maglev.flows.entries == flows
    assert sends(maglev, 101, ports[:1]) == [hashed(maglev, query(3))]
    assert {flow.key.source_port for flow in maglev.flows.entries.values()} == {3}


@pytest.mark.parametrize(("idle", "expected"), [(100, 0), (101, 1)])
def test_a_flow_is_remembered_for_exactly_its_timeout(idle: int, expected: int) -> None:
    maglev = new(0)
    other = new(0, 1)
    other.backends.expire(0)
    (port, *_) = ports_for(other, 1)
    assert sends(maglev, 0, [port]) == [0]
    maglev.process(heartbeat(1), idle)
    assert sends(maglev, idle, [port]) == [expected]


def test_two_balancers_agree_on_flows_that_they_do_not_know() -> None:
    one, other = new(0, 1, 2), new(0, 1, 2)
    sends(one, 0, [3, 4])
    sends(other, 0, [1, 2])
    ports = list(range(5, 30))
    assert sends(one, 1, ports) == sends(other, 2, ports)
