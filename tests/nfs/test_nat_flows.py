"""The life of a flow: how long it is remembered, and which port it gets."""

import pytest
from scapy.layers.inet import IP, TCP, UDP

from libvig.types import MAX_TIME
from nfs.nat import Drop, Nat
from tests.nfs.nats import (
    CLIENT,
    GUESTS,
    LAN,
    WAN,
    inbound,
    new,
    outbound,
    source_port,
)
from tests.packets import seen

TIMEOUT = 100


def send(nat: Nat, now: int, port: int = 1111) -> int:
    """Send a packet from the client; return its external port, or why it was dropped."""
    packet = outbound(UDP(sport=port, dport=53))
    verdict = nat.process(packet, now)
    return source_port(packet) if verdict == WAN else verdict


def reply(nat: Nat, now: int, port: int) -> int:
    """Send a reply to an external port; return the verdict."""
    return nat.process(inbound(UDP(sport=53, dport=port)), now)


@pytest.mark.parametrize("start", [0, 1_700_000_000_000_000_000, MAX_TIME - TIMEOUT - 1])
def test_a_flow_lives_for_exactly_its_timeout(start: int) -> None:
    for idle, verdict in [(TIMEOUT, LAN), (TIMEOUT + 1, Drop.UNSOLICITED)]:
        nat = new(timeout=TIMEOUT)
        port = send(nat, start)
        assert reply(nat, start + idle, port) == verdict


def test_packets_of_either_side_keep_a_flow_alive() -> None:
    nat = new(timeout=TIMEOUT)
    port = send(nat, 0)
    assert reply(nat, 100, port) == LAN
    assert send(nat, 200) == port
    assert send(nat, 300) == port
    assert reply(nat, 400, port) == LAN
    assert reply(nat, 500, port) == LAN
    assert reply(nat, 601, port) == Drop.UNSOLICITED


def test_packets_that_are_dropped_do_not() -> None:
    nat = new(timeout=TIMEOUT)
    port = send(nat, 0)
    stranger = inbound(UDP(sport=54, dport=port))
    assert nat.process(stranger, 100) == Drop.WRONG_REMOTE
    assert reply(nat, 101, port) == Drop.UNSOLICITED


def test_a_dropped_packet_still_lets_idle_flows_go() -> None:
    nat = new(timeout=TIMEOUT)
    send(nat, 0)
    assert reply(nat, 101, 1) == Drop.UNSOLICITED
    assert nat.flows.entries == {}


def test_a_forgotten_flow_makes_room() -> None:
    nat = new(max_flows=2, timeout=TIMEOUT)
    send(nat, 0, port=1)
    send(nat, 50, port=2)
    assert send(nat, 100, port=3) == Drop.TABLE_FULL
    assert send(nat, 101, port=3) >= 5000
    assert send(nat, 101, port=4) == Drop.TABLE_FULL
    assert {flow.key.source_port for flow in nat.flows.entries.values()} == {2, 3}


def test_the_port_of_a_forgotten_flow_rests_as_long_as_possible() -> None:
    nat = new(first_port=7, last_port=11, max_flows=1, timeout=TIMEOUT)
    ports = [send(nat, 101 * times) for times in range(11)]
    assert set(ports[:5]) == set(range(7, 12))
    assert ports == [*ports[:5], *ports[:5], ports[0]]


def test_of_several_resting_ports_the_one_that_rested_longest_is_taken() -> None:
    nat = new(first_port=7, last_port=10, max_flows=2, timeout=TIMEOUT)
    first, second = send(nat, 0, port=1), send(nat, 60, port=2)
    third = send(nat, 101, port=3)  # the first flow is idle
    fourth = send(nat, 161, port=4)  # the second flow is idle
    fifth, sixth = send(nat, 202, port=5), send(nat, 262, port=6)
    assert {first, second, third, fourth} == {7, 8, 9, 10}
    assert [fifth, sixth] == [first, second]


def test_a_late_reply_does_not_reach_the_next_flow() -> None:
    nat = new(max_flows=1, timeout=TIMEOUT)
    port = send(nat, 0, port=1)
    assert send(nat, 101, port=2) != port
    assert reply(nat, 102, port) == Drop.UNSOLICITED


def test_internal_networks_may_use_the_same_addresses() -> None:
    nat, ports = new(), {}
    for device in (LAN, GUESTS):
        packet = outbound(TCP(sport=1111, dport=80), device)
        assert nat.process(packet, 0) == WAN
        ports[device] = source_port(packet)
    assert ports[LAN] != ports[GUESTS]
    for device in (GUESTS, LAN):
        packet = inbound(TCP(sport=80, dport=ports[device]))
        assert nat.process(packet, 1) == device
        assert (seen(packet)[IP].dst, seen(packet)[TCP].dport) == (CLIENT, 1111)


def test_the_external_device_can_be_any() -> None:
    nat = new(external_device=0)
    packet = outbound(UDP(sport=1111, dport=53), GUESTS)
    assert nat.process(packet, 0) == 0
    reply_to_it = inbound(UDP(sport=53, dport=source_port(packet)))._replace(device=0)
    assert nat.process(reply_to_it, 1) == GUESTS
