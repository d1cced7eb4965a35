"""The policer lets a burst pass and then the rate, to each destination for itself."""

from typing import Any

import pytest
from scapy.layers.inet import IP

from libvig.types import MAX_TIME
from nfs.policer import Drop, Policer
from tests.nfs.nats import GUESTS, LAN, WAN, leaving
from tests.nfs.policers import (
    OTHER,
    SECOND,
    SERVER,
    STRANGER,
    THIRD,
    datagram,
    inbound,
    new,
    outbound,
)
from tests.packets import bytes_of, packet_of


def passes(policer: Policer, now: int, size: int, to: str = SERVER) -> bool:
    """Send a packet; it passes, or is in excess."""
    verdict = policer.process(inbound(size, to), now)
    assert verdict in (LAN, Drop.EXCESS)
    return verdict == LAN


@pytest.mark.parametrize("options", [{}, {"ttl": 1}, {"flags": "MF"}, {"frag": 3, "proto": 17}])
def test_a_conforming_packet_leaves_as_it_came(options: dict[str, Any]) -> None:
    packet = inbound(100, padding=7, **options)
    assert new().process(packet, 0) == LAN
    ip = IP(src=STRANGER, dst=SERVER, **options)
    assert bytes_of(packet) == leaving(LAN, ip, datagram(100)) + bytes(7)


def test_a_burst_passes_and_not_a_byte_more() -> None:
    policer = new()
    assert [passes(policer, 0, size) for size in (100, 200, 28)] == [True, True, False]
    assert passes(new(), 0, 300)
    assert not passes(new(), 0, 301)


def test_tokens_flow_in_to_the_nanosecond() -> None:
    """At 100 bytes a second, 50 bytes take half a second; a nanosecond less is too little."""
    for early in (0, 1):
        policer = new()
        assert passes(policer, 0, 300)
        assert passes(policer, SECOND // 2 - early, 50) == (early == 0)


def test_a_bucket_fills_no_further_than_a_burst() -> None:
    policer = new()
    assert passes(policer, 0, 300)
    assert not passes(policer, 4 * SECOND, 301)
    assert passes(policer, 4 * SECOND, 300)


def test_what_is_in_excess_takes_no_tokens() -> None:
    policer = new()
    assert passes(policer, 0, 260)
    assert not passes(policer, 0, 41)
    assert passes(policer, 0, 40)


def test_times_between_packets_add_up_without_loss() -> None:
    """In a third of a second 33.3… bytes flow in: after three such, 100."""
    policer = new()
    assert passes(policer, 0, 300)
    third = SECOND // 3 + 1
    assert not any(passes(policer, third * times, 1000) for times in (1, 2))
    assert passes(policer, third * 3, 100)


def test_padding_and_ethernet_headers_are_not_counted() -> None:
    """RFC 2697 §2: "it includes the IP header, but not link specific headers"."""
    assert new(burst=28).process(inbound(28, padding=18), 0) == LAN
    assert new(burst=28).process(inbound(29), 0) == Drop.EXCESS


def test_a_packet_counts_for_as_much_as_it_says_not_for_what_was_captured() -> None:
    whole = bytes_of(inbound(300))
    for length in (34, 60):
        policer = new()
        cut = packet_of(whole[:length], WAN, wire_length=len(whole))
        assert policer.process(cut, 0) == LAN
        assert not passes(policer, 0, 28)


def test_each_destination_has_a_bucket_of_its_own() -> None:
    policer = new()
    assert passes(policer, 0, 300)
    assert passes(policer, 0, 300, OTHER)
    assert not passes(policer, 0, 28)
    assert not passes(policer, 0, 28, OTHER)


def test_sources_share_the_bucket_of_their_destination() -> None:
    policer = new()
    assert policer.process(inbound(200, src="203.0.113.1"), 0) == LAN
    assert policer.process(inbound(200, src="203.0.113.2"), 0) == Drop.EXCESS


def test_what_comes_from_inside_is_not_policed() -> None:
    policer = new()
    for device in (LAN, GUESTS):
        for _ in range(20):
            packet = outbound(1000, device)
            assert policer.process(packet, 0) == WAN
            ip = IP(src=SERVER, dst=STRANGER)
            assert bytes_of(packet) == leaving(WAN, ip, datagram(1000))
    assert policer.destinations.entries == {}


def test_from_inside_any_frame_passes() -> None:
    frame = bytes.fromhex("ffffffffffff 0a0000000001 88cc")
    assert new().process(packet_of(frame, LAN), 0) == WAN
    assert new().process(packet_of(frame, WAN), 0) == Drop.NOT_IPV4


def test_the_devices_can_be_any() -> None:
    policer = new(external_device=LAN, internal_device=GUESTS)
    assert policer.process(inbound(100)._replace(device=LAN), 0) == GUESTS
    assert policer.process(outbound(100, WAN), 0) == LAN


# ---------------------------------------------------------------- the table of destinations


def test_a_full_table_keeps_its_destinations_and_drops_the_others() -> None:
    policer = new(max_destinations=2)
    assert passes(policer, 0, 100)
    assert passes(policer, 0, 100, OTHER)
    assert policer.process(inbound(28, THIRD), 1) == Drop.TABLE_FULL
    assert passes(policer, 1, 200)
    assert not passes(policer, 1, 28)
    assert passes(policer, 1, 200, OTHER)
    assert policer.process(inbound(28, THIRD), 2) == Drop.TABLE_FULL


@pytest.mark.parametrize("start", [0, 1_700_000_000 * SECOND, MAX_TIME - 5 * SECOND - 1])
def test_a_destination_is_remembered_for_exactly_its_timeout(start: int) -> None:
    for idle, verdict in [(5 * SECOND, Drop.TABLE_FULL), (5 * SECOND + 1, LAN)]:
        policer = new(max_destinations=1)
        assert passes(policer, start, 100)
        assert policer.process(inbound(28, OTHER), start + idle) == verdict


def test_what_is_in_excess_keeps_its_destination_in_the_table() -> None:
    policer = new(max_destinations=1)
    assert passes(policer, 0, 300)
    assert not passes(policer, 3 * SECOND, 301)
    assert policer.process(inbound(28, OTHER), 6 * SECOND) == Drop.TABLE_FULL
    assert policer.process(inbound(28, OTHER), 8 * SECOND + 1) == LAN


def test_the_next_destination_finds_a_full_bucket() -> None:
    policer = new(max_destinations=1, timeout=3 * SECOND)
    assert passes(policer, 0, 300)
    assert passes(policer, 3 * SECOND + 1, 300, OTHER)
    assert not passes(policer, 3 * SECOND + 1, 28, OTHER)


def test_nothing_is_gained_by_being_forgotten() -> None:
    """Where the timeout is as short as can be: an empty bucket takes 3 s to fill."""
    for timeout in (3 * SECOND, 1000 * SECOND):
        policer = new(timeout=timeout)
        assert passes(policer, 0, 300)
        assert not passes(policer, 3 * SECOND - 1, 300)
    for timeout in (3 * SECOND, 1000 * SECOND):
        policer = new(timeout=timeout)
        assert passes(policer, 0, 300)
        assert passes(policer, 3 * SECOND + 1, 300)
        assert not passes(policer, 3 * SECOND + 1, 28)


# ---------------------------------------------------------------- what is dropped


IPV4 = bytes_of(inbound(100))


def changed(at: int, value: str) -> bytes:
    data = bytes.fromhex(value)
    return IPV4[:at] + data + IPV4[at + len(data) :]


MALFORMED = {
    "nothing": (b"", Drop.TRUNCATED),
    "part of an Ethernet header": (IPV4[:13], Drop.TRUNCATED),
    "part of an IPv4 header": (IPV4[:33], Drop.TRUNCATED),
    "IPv6": (changed(12, "86dd"), Drop.NOT_IPV4),
    "ARP": (changed(12, "0806"), Drop.NOT_IPV4),
    "version 6": (changed(14, "65"), Drop.BAD_IPV4_HEADER),
    "header of 16 bytes": (changed(14, "44"), Drop.BAD_IPV4_HEADER),
    "header longer than the packet": (changed(16, "0013"), Drop.BAD_IPV4_HEADER),
    "packet longer than the frame": (changed(16, "0065"), Drop.BAD_IPV4_HEADER),
}


@pytest.mark.parametrize(("frame", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_what_cannot_be_policed_does_not_come_in(frame: bytes, reason: Drop) -> None:
    policer, packet = new(), packet_of(frame, WAN)
    assert policer.process(packet, 0) == reason
    assert bytes_of(packet) == frame
    assert policer.destinations.entries == {}


def test_what_is_dropped_is_not_changed() -> None:
    policer = new(max_destinations=1)
    for size, to, reason in [(301, SERVER, Drop.EXCESS), (28, OTHER, Drop.TABLE_FULL)]:
        packet = inbound(size, to)
        sent = bytes_of(packet)
        assert policer.process(packet, 0) == reason
        assert bytes_of(packet) == sent
