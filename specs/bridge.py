"""IEEE Std 802.1Q-2014, MAC Bridges: relay (8.6), learning (8.7), Filtering Database (8.8).

How this reads what the standard leaves open:

- Bridge Ports are devices, and all of them learn and forward (there is no spanning tree). Frames
  are told apart by their addresses alone: a VLAN tag is carried like any other content.
- Every frame with a whole header is submitted to the Learning Process, also one that is dropped
  then; and learning comes first, so a frame to its own source is for the segment it came from.
- 8.8.1: a static entry names one device for an address, individual or group, or says that frames
  to it are dropped; nothing is learned of the address then.
- 8.7: a new entry is made unless the table is full. The standard would allow an old entry to make
  room for it; here the old ones are kept.
- A station is forgotten when more than the ageing time has passed since its last frame (8.8.3).
"""

from __future__ import annotations

from libvig.hash_map import Key
from libvig.key_table import Entry
from libvig.packet.ethernet import Ethernet, is_group, is_reserved
from libvig.packet.packet import FLOOD, Packet
from libvig.spec import assume, snapshot, spec
from libvig.types import DROP_STATION, Time
from nfs.bridge import Bridge, Drop

# ---------------------------------------------------------------- words that the specs use


def source(packet: Packet) -> int:
    return Ethernet(packet).source()


def destination(packet: Packet) -> int:
    return Ethernet(packet).destination()


def is_frame(packet: Packet) -> bool:
    """Its whole header was captured."""
    return Ethernet(packet).is_complete()


def is_received(bridge: Bridge, packet: Packet) -> bool:
    """It comes in by one of the devices, with a whole header."""
    return is_frame(packet) and packet.device < bridge.config.devices


def is_listed(bridge: Bridge, address: int) -> bool:
    """8.8.1: there is a Static Filtering Entry for the address."""
    return bridge.static.find(address) >= 0


def listed_device(bridge: Bridge, address: int) -> int:
    return bridge.static.entries[bridge.static.find(address)].device


def live_stations(bridge: Bridge, now: Time) -> dict[int, Entry]:
    """8.8.3: entries are removed after the Ageing Time."""
    limit = now - bridge.config.ageing_time
    return {i: entry for i, entry in bridge.learned.entries.items() if entry.time >= limit}


def is_in(live: dict[int, Entry], address: int) -> bool:
    return any(entry.key == Key(address, 0) for entry in live.values())


def is_full(bridge: Bridge, live: dict[int, Entry]) -> bool:
    return all(index in live for index in range(bridge.learned.capacity))


def index_of(bridge: Bridge, address: int) -> int:
    """Where the station is in the table now, or -1."""
    return bridge.learned.find(Key(address, 0))


def is_learned(bridge: Bridge, address: int) -> bool:
    return index_of(bridge, address) >= 0


def device_of(bridge: Bridge, address: int) -> int:
    """Where frames to the address go, by the Filtering Database as it is now."""
    if is_listed(bridge, address):
        return listed_device(bridge, address)
    if is_group(address) or index_of(bridge, address) < 0:
        return FLOOD
    return bridge.behind.entries[index_of(bridge, address)]


def is_unchanged(packet: Packet, sent: Packet) -> bool:
    return all(packet.u8(at) == sent.u8(at) for at in range(packet.length()))


# ---------------------------------------------------------------- the full specification


@spec
def ieee8021q(bridge: Bridge, packet: Packet, now: Time) -> None:
    live, behind, sent = live_stations(bridge, now), bridge.behind.entries, snapshot(packet)
    verdict = bridge.process(packet, now)
    assert is_unchanged(packet, sent)
    if not is_frame(sent):
        assert verdict == Drop.TRUNCATED
        assert bridge.learned.entries == live and bridge.behind.entries == behind
        return

    # 8.7: the source address "denotes a specific end station (i.e., is not a group address)",
    # there is no static entry for it, and the number of entries stays within the capacity.
    listed = is_listed(bridge, source(sent))
    if is_group(source(sent)) or listed:
        assert bridge.learned.entries == live and bridge.behind.entries == behind
    elif not is_learned(bridge, source(sent)):
        assert is_full(bridge, live) and not is_in(live, source(sent))
        assert bridge.learned.entries == live and bridge.behind.entries == behind
    else:
        index, station = index_of(bridge, source(sent)), Key(source(sent), 0)
        assert index not in live or live[index].key == station
        assert bridge.learned.entries == live | {index: Entry(station, now)}
        assert bridge.behind.entries == behind | {index: sent.device}

    # 8.6.3: frames to reserved addresses (Table 8-1) are not relayed, nor those that a static
    # entry filters; 8.6.1: no frame leaves by the Port on which it was received.
    to, device = destination(sent), device_of(bridge, destination(sent))
    is_dropped = device == DROP_STATION or is_reserved(to) or device == sent.device
    assert (verdict < 0) == is_dropped
    assert is_dropped or verdict == device


# ---------------------------------------------------------------- one property each


@spec
def unknown_stations_are_searched_everywhere(bridge: Bridge, packet: Packet, now: Time) -> None:
    """8.8: without an entry for it, a frame is for every Port; so are broadcasts."""
    assume(is_frame(packet) and not is_listed(bridge, destination(packet)))
    assume(not is_reserved(destination(packet)) and destination(packet) != source(packet))
    assume(not is_in(live_stations(bridge, now), destination(packet)))
    assert bridge.process(packet, now) == FLOOD


@spec
def groups_are_flooded(bridge: Bridge, packet: Packet, now: Time) -> None:
    assume(is_frame(packet) and is_group(destination(packet)))
    assume(not is_reserved(destination(packet)) and not is_listed(bridge, destination(packet)))
    assert bridge.process(packet, now) == FLOOD


@spec
def known_stations_are_sent_to_where_they_are(bridge: Bridge, packet: Packet, now: Time) -> None:
    assume(is_frame(packet) and not is_group(destination(packet)))
    assume(not is_listed(bridge, destination(packet)) and destination(packet) != source(packet))
    index = index_of(bridge, destination(packet))
    assume(index in live_stations(bridge, now))
    device = bridge.behind.entries[index]
    assume(device != packet.device)
    assert bridge.process(packet, now) == device


@spec
def every_frame_is_dropped_or_forwarded(bridge: Bridge, packet: Packet, now: Time) -> None:
    verdict = bridge.process(packet, now)
    assert verdict < bridge.config.devices or verdict == FLOOD
    assert verdict >= 0 or verdict >= Drop.LOCAL


@spec
def no_frame_returns_to_its_device(bridge: Bridge, packet: Packet, now: Time) -> None:
    """8.6.1: every other Port is a potential transmission Port."""
    assert bridge.process(packet, now) != packet.device


@spec
def reserved_addresses_are_not_forwarded(bridge: Bridge, packet: Packet, now: Time) -> None:
    assume(is_frame(packet) and is_reserved(destination(packet)))
    assert bridge.process(packet, now) == Drop.RESERVED


@spec
def statically_filtered_frames_are_dropped(bridge: Bridge, packet: Packet, now: Time) -> None:
    assume(is_frame(packet) and is_listed(bridge, destination(packet)))
    assume(listed_device(bridge, destination(packet)) == DROP_STATION)
    assert bridge.process(packet, now) < 0


@spec
def listed_stations_are_where_they_are_listed(bridge: Bridge, packet: Packet, now: Time) -> None:
    assume(is_frame(packet) and is_listed(bridge, destination(packet)))
    device = listed_device(bridge, destination(packet))
    assume(device != DROP_STATION)
    assume(device != packet.device)
    assert bridge.process(packet, now) == (
        Drop.RESERVED if is_reserved(destination(packet)) else device
    )


@spec
def new_sources_are_learned(bridge: Bridge, packet: Packet, now: Time) -> None:
    assume(is_frame(packet) and not is_group(source(packet)))
    live = live_stations(bridge, now)
    assume(not is_listed(bridge, source(packet)) and not is_full(bridge, live))
    bridge.process(packet, now)
    index = index_of(bridge, source(packet))
    assert index >= 0 and bridge.learned.entries[index].time == now
    assert bridge.behind.entries[index] == packet.device


@spec
def known_sources_are_refreshed(bridge: Bridge, packet: Packet, now: Time) -> None:
    """Also where they have moved to another device (8.7)."""
    assume(is_frame(packet) and not is_group(source(packet)))
    live, index = live_stations(bridge, now), index_of(bridge, source(packet))
    assume(not is_listed(bridge, source(packet)) and index in live)
    bridge.process(packet, now)
    assert bridge.learned.entries == live | {index: Entry(live[index].key, now)}
    assert bridge.behind.entries[index] == packet.device


@spec
def groups_and_listed_stations_are_not_learned(bridge: Bridge, packet: Packet, now: Time) -> None:
    live = live_stations(bridge, now)
    assume(is_frame(packet) and (is_group(source(packet)) or is_listed(bridge, source(packet))))
    bridge.process(packet, now)
    assert bridge.learned.entries == live


@spec
def table_updates_are_exactly_these(bridge: Bridge, packet: Packet, now: Time) -> None:
    """Silent stations go, and the source of a frame is added or refreshed: no other changes."""
    live = live_stations(bridge, now)
    bridge.process(packet, now)
    learned = bridge.learned.entries
    assert all(i in learned and learned[i].key == entry.key for i, entry in live.items())
    assert all(
        (i in live and live[i] == entry)
        or (is_frame(packet) and entry == Entry(Key(source(packet), 0), now))
        for i, entry in learned.items()
    )


@spec
def a_full_table_keeps_the_old_stations(bridge: Bridge, packet: Packet, now: Time) -> None:
    """8.7: the number of entries does not exceed the capacity."""
    live = live_stations(bridge, now)
    assume(is_full(bridge, live))
    bridge.process(packet, now)
    assert all(i in live and live[i].key == e.key for i, e in bridge.learned.entries.items())


@spec
def frames_are_carried_unchanged(bridge: Bridge, packet: Packet, now: Time) -> None:
    """6.5: no frame is changed on its way; what is behind the addresses is not even looked at."""
    sent = snapshot(packet)
    bridge.process(packet, now)
    assert is_unchanged(packet, sent)


# ---------------------------------------------------------------- several packets, no inner state


def is_ordinary(bridge: Bridge, address: int) -> bool:
    """An address that stations can have, and of which the operator says nothing."""
    return not is_group(address) and not is_listed(bridge, address)


@spec
def a_station_receives_where_it_spoke(
    bridge: Bridge, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    """Wherever it was before; if the table has no room for it, everyone receives it."""
    assume(is_frame(packet) and is_ordinary(bridge, source(packet)))
    bridge.process(packet, now)
    assume(is_received(bridge, reply) and destination(reply) == source(packet) != source(reply))
    assume(reply.device != packet.device and now <= later <= now + bridge.config.ageing_time)
    verdict = bridge.process(reply, later)
    if verdict != FLOOD:
        assert verdict == packet.device


@spec
def frames_within_a_segment_stay_there(
    bridge: Bridge, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    assume(is_frame(packet) and is_ordinary(bridge, source(packet)))
    bridge.process(packet, now)
    assume(is_received(bridge, reply) and destination(reply) == source(packet))
    assume(reply.device == packet.device and now <= later <= now + bridge.config.ageing_time)
    verdict = bridge.process(reply, later)
    assert verdict < 0 or verdict == FLOOD


@spec
def others_do_not_change_where_a_station_receives(
    bridge: Bridge, packet: Packet, now: Time, other: Packet, later: Time
) -> None:
    """Unless they claim its address; when it falls silent for long, everyone receives it."""
    assume(is_frame(packet) and source(packet) != destination(packet))
    before = bridge.process(packet, now)
    assume(0 <= before != FLOOD and now <= later)
    assume(
        is_received(bridge, other) and source(other) != destination(other) == destination(packet)
    )
    assume(other.device != before)
    after = bridge.process(other, later)
    if after != FLOOD:
        assert after == before


@spec
def a_silent_station_is_forgotten(
    bridge: Bridge, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    """8.8.3: entries are removed when the Ageing Time has elapsed since the last update."""
    assume(is_frame(packet) and is_ordinary(bridge, source(packet)))
    bridge.process(packet, now)
    assume(is_received(bridge, reply) and destination(reply) == source(packet) != source(reply))
    assume(later > now + bridge.config.ageing_time)
    assert bridge.process(reply, later) == FLOOD


@spec
def nobody_moves_a_listed_station(
    bridge: Bridge, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    """8.8.1: static entries are not changed by what stations send."""
    assume(is_frame(packet) and is_listed(bridge, source(packet)))
    device = listed_device(bridge, source(packet))
    bridge.process(packet, now)
    assume(is_received(bridge, reply) and destination(reply) == source(packet) and now <= later)
    verdict = bridge.process(reply, later)
    assert verdict < 0 or verdict == device


@spec
def settings_are_in_range(bridge: Bridge, packet: Packet, now: Time) -> None:
    """Whatever is processed is processed under settings that make sense."""
    bridge.process(packet, now)
    assert bridge.config.devices >= 2
    assert bridge.config.max_stations >= 1 and bridge.config.ageing_time >= 1
