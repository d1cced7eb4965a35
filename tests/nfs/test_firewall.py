"""The firewall: what goes out opens a flow, and only what belongs to a live flow comes in."""

from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP

from libvig.packet.packet import Packet
from libvig.types import MAX_TIME
from nfs.firewall import Drop, Firewall
from tests.nfs.firewalls import error_in, error_out, inbound, new
from tests.nfs.nats import CLIENT, GUESTS, LAN, MACS, PEERS, SERVER, STRANGER, WAN, outbound
from tests.packets import bytes_of, packet_of, seen

TIMEOUT = 100
QUERY, ANSWER = UDP(sport=1111, dport=53), UDP(sport=53, dport=1111)
SENT, DELIVERED = IP(src=CLIENT, dst=SERVER) / QUERY, IP(src=SERVER, dst=CLIENT) / ANSWER


def check_dropped(firewall: Firewall, packet: Packet, now: int, reason: Drop) -> None:
    """Expect a drop for this reason that leaves the packet and all flows as they are."""
    sent, flows, behind = bytes_of(packet), firewall.flows.entries, firewall.behind.entries
    assert firewall.process(packet, now) == reason
    assert bytes_of(packet) == sent
    assert (firewall.flows.entries, firewall.behind.entries) == (flows, behind)


def ask(firewall: Firewall, now: int, port: int = 1111, device: int = LAN) -> int:
    return firewall.process(outbound(UDP(sport=port, dport=53), device), now)


def answer(firewall: Firewall, now: int, port: int = 1111) -> int:
    return firewall.process(inbound(UDP(sport=53, dport=port)), now)


# ---------------------------------------------------------------- flows


@pytest.mark.parametrize("options", [[], [IPOption_NOP()] * 4])
@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (QUERY / b"odd", ANSWER / b"it is"),
        (TCP(sport=7, dport=80, flags="S"), TCP(sport=80, dport=7, flags="SA", chksum=1)),
    ],
)
def test_frames_leave_as_they_came_but_for_ethernet_addresses(
    request_: Any, reply: Any, options: list[IPOption_NOP]
) -> None:
    firewall = new()
    there, back = outbound(request_, ttl=1, options=options), inbound(reply, chksum=2)
    for packet, device in ((there, WAN), (back, LAN)):
        sent = bytes_of(packet)
        assert firewall.process(packet, 0) == device
        assert bytes_of(packet)[12:] == sent[12:]
        assert (seen(packet).src, seen(packet).dst) == (MACS[device], PEERS[device])


@pytest.mark.parametrize(
    "other",
    [
        inbound(UDP(sport=54, dport=1111)),
        inbound(UDP(sport=53, dport=1112)),
        inbound(TCP(sport=53, dport=1111)),
        inbound(ANSWER, src=STRANGER),
        inbound(ANSWER, dst="10.0.0.3"),
        inbound(QUERY, src=CLIENT, dst=SERVER),
    ],
)
def test_what_is_of_no_live_flow_stays_outside(other: Packet) -> None:
    firewall = new()
    check_dropped(firewall, inbound(ANSWER), 0, Drop.UNSOLICITED)
    assert ask(firewall, 0) == WAN
    check_dropped(firewall, other, 0, Drop.UNSOLICITED)
    assert answer(firewall, 0) == LAN


@pytest.mark.parametrize("start", [0, 1_700_000_000_000_000_000, MAX_TIME - TIMEOUT - 1])
def test_a_flow_lives_for_exactly_its_timeout(start: int) -> None:
    for idle, verdict in ((TIMEOUT, LAN), (TIMEOUT + 1, Drop.UNSOLICITED)):
        firewall = new(timeout=TIMEOUT)
        assert ask(firewall, start) == WAN
        assert answer(firewall, start + idle) == verdict


def test_packets_of_either_side_keep_a_flow_alive() -> None:
    firewall = new(timeout=TIMEOUT)
    assert [ask(firewall, 0), ask(firewall, 100), answer(firewall, 200)] == [WAN, WAN, LAN]
    assert [answer(firewall, 300), answer(firewall, 401)] == [LAN, Drop.UNSOLICITED]
    assert firewall.flows.entries == {}


def test_a_full_table_keeps_the_flows_that_it_has() -> None:
    firewall = new(max_flows=2, timeout=TIMEOUT)
    assert [ask(firewall, 0, port=1), ask(firewall, 50, port=2)] == [WAN, WAN]
    check_dropped(firewall, outbound(UDP(sport=3, dport=53)), 60, Drop.TABLE_FULL)
    assert [answer(firewall, 60, port=1), ask(firewall, 60, port=2)] == [LAN, WAN]
    assert answer(firewall, 60, port=3) == Drop.UNSOLICITED
    assert ask(firewall, 161, port=3) == WAN


def test_replies_go_where_the_flow_was_seen_last() -> None:
    firewall = new()
    assert ask(firewall, 0, port=1) == ask(firewall, 0, port=2, device=GUESTS) == WAN
    assert [answer(firewall, 1, port=1), answer(firewall, 1, port=2)] == [LAN, GUESTS]
    assert ask(firewall, 2, port=1, device=GUESTS) == WAN
    assert answer(firewall, 3, port=1) == GUESTS
    assert len(firewall.flows.entries) == 2


def test_the_external_device_can_be_any() -> None:
    firewall = new(external_device=LAN)
    assert ask(firewall, 0, device=GUESTS) == LAN
    assert firewall.process(inbound(ANSWER)._replace(device=LAN), 0) == GUESTS


# ---------------------------------------------------------------- ICMP errors


@pytest.mark.parametrize("quoted", [28, None])
@pytest.mark.parametrize("kind", [3, 4, 11, 12])
def test_errors_about_what_was_sent_come_in(kind: int, quoted: int | None) -> None:
    firewall = new()
    assert ask(firewall, 0, device=GUESTS) == WAN
    error = error_in(SENT / b"asked", kind, quoted)
    sent = bytes_of(error)
    assert firewall.process(error, 0) == GUESTS
    assert bytes_of(error)[12:] == sent[12:]
    assert (seen(error).src, seen(error).dst) == (MACS[GUESTS], PEERS[GUESTS])


def test_errors_about_what_was_delivered_go_out() -> None:
    firewall = new()
    assert [ask(firewall, 0), answer(firewall, 0)] == [WAN, LAN]
    error = error_out(DELIVERED)
    assert firewall.process(error, 0) == WAN
    assert (seen(error).src, seen(error).dst) == (MACS[WAN], PEERS[WAN])


STRAY = {
    "about another port": error_in(IP(src=CLIENT, dst=SERVER) / UDP(sport=1112, dport=53)),
    "about another protocol": error_in(IP(src=CLIENT, dst=SERVER) / TCP(sport=1111, dport=53)),
    "about what was delivered": error_in(DELIVERED, dst=SERVER),
    "about what was sent, from inside": error_out(SENT, dst=CLIENT),
    "to another host": error_in(SENT, dst="10.0.0.3"),
    "to another host outside": error_out(DELIVERED, dst=STRANGER),
    "about echo": error_in(IP(src=CLIENT, dst=SERVER) / ICMP()),
}


@pytest.mark.parametrize("error", STRAY.values(), ids=STRAY)
def test_errors_that_belong_to_no_live_flow(error: Packet) -> None:
    firewall = new()
    assert [ask(firewall, 0), answer(firewall, 0)] == [WAN, LAN]
    check_dropped(firewall, error, 0, Drop.ABOUT_NO_FLOW)


def test_errors_neither_keep_a_flow_alive_nor_end_it() -> None:
    firewall = new(timeout=TIMEOUT)
    assert ask(firewall, 0) == WAN
    assert firewall.process(error_in(SENT), 50) == LAN
    assert firewall.flows.entries[0].time == 0
    assert firewall.process(error_in(SENT), 100) == LAN
    check_dropped(firewall, error_in(DELIVERED), 100, Drop.ABOUT_NO_FLOW)
    assert firewall.process(error_in(SENT), 101) == Drop.ABOUT_NO_FLOW


@pytest.mark.parametrize("packet", [outbound(ICMP()), inbound(ICMP(type=0)), inbound(ICMP(type=5))])
def test_other_icmp_messages_do_not_pass(packet: Packet) -> None:
    check_dropped(new(), packet, 0, Drop.OTHER_PROTOCOL)


def test_what_is_dropped_lets_idle_flows_go() -> None:
    firewall = new(timeout=TIMEOUT)
    ask(firewall, 0)
    assert firewall.process(packet_of(b"", WAN), 101) == Drop.TRUNCATED
    assert firewall.flows.entries == {}
