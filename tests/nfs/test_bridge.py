"""What the bridge learns, forgets, floods and drops; frames leave as they came."""

from __future__ import annotations

import pytest
from scapy.layers.l2 import ARP, Dot1Q, Ether

from libvig.packet.packet import FLOOD, Packet
from libvig.spec import snapshot
from nfs.bridge import Bridge, Drop
from tests.nfs.bridges import (
    AGEING_TIME,
    ANN,
    BLUE,
    BOB,
    CAT,
    EVERYONE,
    GREEN,
    GROUP,
    GROUPS,
    INTRUDER,
    LISTED_GROUP,
    NEIGHBOUR_BRIDGES,
    PRINTER,
    RED,
    frame,
    new,
    number,
)
from tests.packets import bytes_of, packet_of


def passes(bridge: Bridge, packet: Packet, now: int = 0) -> int:
    """Let a frame come in and expect that it is unchanged; return the verdict."""
    sent = bytes_of(snapshot(packet))
    verdict = bridge.process(packet, now)
    assert bytes_of(packet) == sent
    return verdict


def knows(bridge: Bridge) -> dict[int, int]:
    """The device of each address that was learned."""
    return {
        entry.key.first: bridge.behind.entries[i] for i, entry in bridge.learned.entries.items()
    }


def test_a_station_is_searched_everywhere_until_it_answers() -> None:
    bridge = new()
    assert passes(bridge, frame(ANN, BOB, RED)) == FLOOD
    assert passes(bridge, frame(BOB, ANN, GREEN)) == RED
    assert passes(bridge, frame(ANN, BOB, RED)) == GREEN
    assert knows(bridge) == {number(ANN): RED, number(BOB): GREEN}


def test_a_station_that_moves_is_followed() -> None:
    bridge = new()
    passes(bridge, frame(ANN, EVERYONE, RED))
    passes(bridge, frame(ANN, EVERYONE, BLUE))
    assert passes(bridge, frame(BOB, ANN, GREEN)) == BLUE


def test_what_is_for_the_own_segment_stays_there() -> None:
    bridge = new()
    passes(bridge, frame(ANN, EVERYONE, RED))
    assert passes(bridge, frame(BOB, ANN, RED)) == Drop.LOCAL
    assert passes(bridge, frame(CAT, CAT, RED)) == FLOOD  # there is no room for a third one
    assert passes(bridge, frame(BOB, BOB, RED)) == Drop.LOCAL


@pytest.mark.parametrize(
    ("pause", "verdict"), [(AGEING_TIME, RED), (AGEING_TIME + 1, FLOOD), (2**60, FLOOD)]
)
def test_a_station_that_is_silent_is_forgotten(pause: int, verdict: int) -> None:
    bridge = new()
    passes(bridge, frame(ANN, EVERYONE, RED), now=7)
    assert passes(bridge, frame(BOB, ANN, GREEN), now=7 + pause) == verdict


def test_every_frame_of_a_station_keeps_it_known() -> None:
    bridge = new()
    for now in range(0, 10 * AGEING_TIME, AGEING_TIME):
        passes(bridge, frame(ANN, NEIGHBOUR_BRIDGES, RED), now)
    assert passes(bridge, frame(BOB, ANN, GREEN), now=10 * AGEING_TIME) == RED


def test_frames_to_a_station_do_not_keep_it_known() -> None:
    bridge = new()
    passes(bridge, frame(ANN, EVERYONE, RED))
    passes(bridge, frame(BOB, ANN, GREEN), now=AGEING_TIME)
    assert passes(bridge, frame(BOB, ANN, GREEN), now=AGEING_TIME + 1) == FLOOD


def test_a_full_table_learns_nobody_and_forwarding_goes_on() -> None:
    bridge = new()
    passes(bridge, frame(ANN, EVERYONE, RED))
    passes(bridge, frame(BOB, EVERYONE, GREEN))
    assert passes(bridge, frame(CAT, ANN, BLUE)) == RED
    assert passes(bridge, frame(ANN, CAT, RED)) == FLOOD
    assert knows(bridge) == {number(ANN): RED, number(BOB): GREEN}
    assert passes(bridge, frame(CAT, ANN, BLUE), now=AGEING_TIME + 1) == FLOOD
    assert knows(bridge) == {number(CAT): BLUE}


def test_groups_are_flooded_and_never_learned() -> None:
    bridge = new()
    assert passes(bridge, frame(ANN, GROUP, RED)) == FLOOD
    assert passes(bridge, frame(GROUP, EVERYONE, GREEN)) == FLOOD
    assert passes(bridge, frame(ANN, GROUP, RED)) == FLOOD
    assert knows(bridge) == {number(ANN): RED}


@pytest.mark.parametrize("last", range(17))
def test_reserved_addresses_are_not_forwarded_but_their_senders_learned(last: int) -> None:
    bridge = new()
    verdict = passes(bridge, frame(ANN, f"01:80:c2:00:00:{last:02x}", RED))
    assert verdict == (Drop.RESERVED if last < 16 else FLOOD)
    assert knows(bridge) == {number(ANN): RED}


def test_listed_stations_are_where_they_are_listed_whatever_they_send() -> None:
    bridge = new()
    assert passes(bridge, frame(PRINTER, EVERYONE, BLUE)) == FLOOD
    assert passes(bridge, frame(ANN, PRINTER, RED), now=2**60) == GREEN
    assert passes(bridge, frame(ANN, PRINTER, GREEN), now=2**60) == Drop.LOCAL
    assert passes(bridge, frame(ANN, LISTED_GROUP, RED), now=2**60) == BLUE
    assert knows(bridge) == {number(ANN): RED}


def test_frames_to_filtered_stations_are_dropped() -> None:
    bridge = new()
    assert passes(bridge, frame(ANN, INTRUDER, RED)) == Drop.FILTERED
    assert passes(bridge, frame(INTRUDER, ANN, GREEN)) == RED  # only what is sent to it
    assert knows(bridge) == {number(ANN): RED}


@pytest.mark.parametrize("captured", range(15))
def test_a_frame_without_a_whole_header_is_dropped_and_teaches_nothing(captured: int) -> None:
    bridge = new()
    whole = frame(ANN, BOB, RED)
    verdict = passes(bridge, whole._replace(data=whole.data[:captured]))
    assert verdict == (Drop.TRUNCATED if captured < 14 else FLOOD)
    assert len(knows(bridge)) == (captured == 14)


def test_vlan_tagged_frames_are_carried_like_any_other() -> None:
    bridge = new()
    tagged = Ether(src=ANN, dst=EVERYONE) / Dot1Q(vlan=5, prio=3) / ARP()
    assert passes(bridge, packet_of(tagged, RED)) == FLOOD
    other_vlan = Ether(src=BOB, dst=ANN) / Dot1Q(vlan=6) / ARP()
    assert passes(bridge, packet_of(other_vlan, GREEN)) == RED


@pytest.mark.parametrize("destination", [BOB, *GROUPS])
def test_no_frame_returns_to_its_device(destination: str) -> None:
    bridge = new()
    for device in (RED, GREEN):
        for _ in range(2):
            assert passes(bridge, frame(ANN, destination, device)) != device
