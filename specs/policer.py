"""RFC 2697, "A Single Rate Three Color Marker", as a policer: a bucket for each destination.

How this reads what the RFC leaves open:

- With an excess burst of zero no packet is yellow: green ones pass, red ones are dropped.
- §2 measures the rate "in bytes of IP packets per second, i.e., it includes the IP header, but not
  link specific headers": a packet has as many bytes as its IPv4 header says in total length.
- §3 adds tokens "CIR times per second", and leaves open when in the second. Here they flow in
  evenly, to the nanosecond.
- Buckets belong to destination addresses, and §3 has them "initially (at time 0) full". An address
  is known until more than `timeout` has passed since the last packet to it, whether that passed or
  not. By then its bucket is full, so that nothing is gained by being forgotten.
- When the table is full, packets to addresses that are not in it are dropped: whoever could fill
  the table would else get around the limit, or push others out of their buckets.
- What comes from outside and is not IPv4 has no destination to be policed by, and is dropped. What
  comes from inside is not policed, and passes whatever it is.
- The Ethernet addresses become those of the next hop; the rest of a frame stays as it came.
"""

from __future__ import annotations

from libvig.hash_map import Key
from libvig.key_table import Entry
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.validity import has_ipv4
from libvig.spec import assume, snapshot, spec
from libvig.token_bucket import BYTE, level_at
from libvig.types import MAX_TIME, Time
from nfs.policer import Drop, Policer

# ---------------------------------------------------------------- words that the specs use


def ip_of(packet: Packet) -> Ipv4:
    return Ipv4(packet, ETHERNET_HEADER)


def is_inbound(policer: Policer, packet: Packet) -> bool:
    """What is policed: IPv4 from outside."""
    return has_ipv4(packet) and packet.device == policer.config.external_device


def tokens_of(packet: Packet) -> int:
    """What the packet takes out of a bucket, in nanobytes."""
    return ip_of(packet).total_length() * BYTE


def key_of(packet: Packet) -> Key:
    return Key(ip_of(packet).destination(), 0)


def known(policer: Policer, now: Time) -> dict[int, Entry]:
    """The destinations that are not forgotten."""
    limit = now - policer.config.timeout
    return {i: e for i, e in policer.destinations.entries.items() if e.time >= limit}


def level_of(
    policer: Policer, entries: dict[int, Entry], levels: dict[int, int], index: int, now: Time
) -> int:
    """What is in the bucket of a destination, in nanobytes."""
    level, elapsed = int(levels[index]), now - entries[index].time
    return level_at(level, elapsed, policer.config.rate, policer.config.burst)


# ---------------------------------------------------------------- the full specification


@spec
def rfc2697(policer: Policer, packet: Packet, now: Time) -> None:
    config, sent = policer.config, snapshot(packet)
    before, levels = known(policer, now), policer.buckets.entries
    verdict = policer.process(packet, now)
    assert all(packet.u8(at) == sent.u8(at) for at in range(12, packet.length()))

    # What is not policed changes no bucket; from inside it passes, from outside it does not.
    if not is_inbound(policer, sent):
        passes = Ethernet(sent).is_complete() and sent.device != config.external_device
        assert verdict == config.external_device if passes else verdict < 0
        assert policer.destinations.entries == before and policer.buckets.entries == levels
        return

    # A full table keeps the addresses that it has.
    key = key_of(sent)
    index = policer.destinations.find(key)
    if index < 0:
        assert verdict == Drop.TABLE_FULL
        assert all(i in before for i in range(config.max_destinations))
        assert policer.destinations.entries == before and policer.buckets.entries == levels
        return
    assert index not in before or before[index].key == key
    assert policer.destinations.entries == before | {index: Entry(key, now)}

    # §3: "The token buckets C and E are initially (at time 0) full"
    full = config.burst * BYTE
    level = level_of(policer, before, levels, index, now) if index in before else full
    # §3: "If Tc(t)-B >= 0, the packet is green and Tc is decremented by B down to the minimum
    # value of 0, else […] the packet is red and neither Tc nor Te is decremented."
    is_green = level - tokens_of(sent) >= 0
    assert verdict == (config.internal_device if is_green else Drop.EXCESS)
    left = level - tokens_of(sent) if is_green else level
    assert policer.buckets.entries == levels | {index: left}


# ---------------------------------------------------------------- one property each


@spec
def excess_is_dropped(policer: Policer, packet: Packet, now: Time) -> None:
    assume(is_inbound(policer, packet))
    index = policer.destinations.find(key_of(packet))
    before = known(policer, now)
    assume(index in before)
    assume(tokens_of(packet) > level_of(policer, before, policer.buckets.entries, index, now))
    assert policer.process(packet, now) == Drop.EXCESS


@spec
def conforming_traffic_is_forwarded(policer: Policer, packet: Packet, now: Time) -> None:
    assume(is_inbound(policer, packet))
    index = policer.destinations.find(key_of(packet))
    before = known(policer, now)
    assume(index in before)
    assume(tokens_of(packet) <= level_of(policer, before, policer.buckets.entries, index, now))
    assert policer.process(packet, now) == policer.config.internal_device


@spec
def inbound_adds_an_entry(policer: Policer, packet: Packet, now: Time) -> None:
    assume(is_inbound(policer, packet))
    assume(policer.process(packet, now) != Drop.TABLE_FULL)
    index = policer.destinations.find(key_of(packet))
    assert index >= 0 and policer.destinations.entries[index] == Entry(key_of(packet), now)


@spec
def outbound_is_not_policed(policer: Policer, packet: Packet, now: Time) -> None:
    assume(packet.device != policer.config.external_device and Ethernet(packet).is_complete())
    before, levels = known(policer, now), policer.buckets.entries
    assert policer.process(packet, now) == policer.config.external_device
    assert policer.destinations.entries == before and policer.buckets.entries == levels


@spec
def new_destinations_start_full(policer: Policer, packet: Packet, now: Time) -> None:
    assume(is_inbound(policer, packet))
    assume(all(entry.key != key_of(packet) for entry in known(policer, now).values()))
    verdict = policer.process(packet, now)
    assume(verdict != Drop.TABLE_FULL)
    assert (verdict >= 0) == (ip_of(packet).total_length() <= policer.config.burst)


@spec
def a_full_table_keeps_its_destinations(policer: Policer, packet: Packet, now: Time) -> None:
    before = known(policer, now)
    assume(all(i in before for i in range(policer.config.max_destinations)))
    policer.process(packet, now)
    after = policer.destinations.entries
    assert all(i in after and after[i].key == entry.key for i, entry in before.items())


@spec
def a_full_table_admits_no_one_else(policer: Policer, packet: Packet, now: Time) -> None:
    """Whoever fills the table does not get around the limit."""
    before = known(policer, now)
    assume(is_inbound(policer, packet))
    assume(all(i in before for i in range(policer.config.max_destinations)))
    assume(all(entry.key != key_of(packet) for entry in before.values()))
    assert policer.process(packet, now) == Drop.TABLE_FULL


@spec
def what_is_dropped_takes_no_tokens(policer: Policer, packet: Packet, now: Time) -> None:
    index = policer.destinations.find(key_of(packet)) if has_ipv4(packet) else -1
    before = known(policer, now)
    assume(index in before)
    level = level_of(policer, before, policer.buckets.entries, index, now)
    assume(policer.process(packet, now) < 0)
    after = policer.destinations.entries
    assert level_of(policer, after, policer.buckets.entries, index, now) == level


@spec
def other_destinations_keep_their_buckets(policer: Policer, packet: Packet, now: Time) -> None:
    assume(has_ipv4(packet))
    before, levels = known(policer, now), policer.buckets.entries
    others = {i: e for i, e in before.items() if e.key != key_of(packet)}
    policer.process(packet, now)
    after = policer.destinations.entries
    assert all(i in after and after[i] == entry for i, entry in others.items())
    assert all(level == levels[i] for i, level in policer.buckets.entries.items() if i in others)


@spec
def what_is_forgotten_was_full(policer: Policer, packet: Packet, now: Time) -> None:
    """Nothing is gained by being forgotten."""
    before, levels = policer.destinations.entries, policer.buckets.entries
    policer.process(packet, now)
    after, full = policer.destinations.entries, policer.config.burst * BYTE
    gone = {i: e for i, e in before.items() if i not in after or after[i].key != e.key}
    assert all(level_of(policer, before, levels, i, now) == full for i in levels if i in gone)


@spec
def frames_carry_the_addresses_of_the_next_hop(policer: Policer, packet: Packet, now: Time) -> None:
    device = policer.process(packet, now)
    assume(device >= 0)
    assert Ethernet(packet).source() == policer.config.mac[device]
    assert Ethernet(packet).destination() == policer.config.peer[device]


# ---------------------------------------------------------------- several packets, no inner state


@spec
def no_more_passes_than_burst_and_rate_times_time(
    policer: Policer, packet: Packet, now: Time, other: Packet, later: Time
) -> None:
    assume(is_inbound(policer, packet) and is_inbound(policer, other) and now <= later)
    assume(ip_of(packet).destination() == ip_of(other).destination())
    burst, rate = policer.config.burst, policer.config.rate
    passed = tokens_of(packet) if policer.process(packet, now) >= 0 else 0
    passed += tokens_of(other) if policer.process(other, later) >= 0 else 0
    assert passed <= burst * BYTE + rate * (later - now)


@spec
def a_destination_gets_its_rate(
    policer: Policer, packet: Packet, now: Time, other: Packet, later: Time
) -> None:
    """What has flowed in since the last packet passes, up to a burst."""
    assume(is_inbound(policer, packet) and is_inbound(policer, other) and now <= later)
    assume(ip_of(packet).destination() == ip_of(other).destination())
    burst, rate = policer.config.burst, policer.config.rate
    assume(policer.process(packet, now) != Drop.TABLE_FULL)
    assume(tokens_of(other) <= min(burst * BYTE, rate * (later - now)))
    assert policer.process(other, later) == policer.config.internal_device


@spec
def traffic_to_others_takes_nothing_away(
    policer: Policer,
    packet: Packet,
    now: Time,
    between: Packet,
    then: Time,
    other: Packet,
    later: Time,
) -> None:
    """However much comes between for others, a destination gets its rate."""
    assume(is_inbound(policer, packet) and is_inbound(policer, between))
    assume(is_inbound(policer, other) and now <= then <= later <= now + policer.config.timeout)
    assume(ip_of(packet).destination() == ip_of(other).destination())
    assume(ip_of(packet).destination() != ip_of(between).destination())
    burst, rate = policer.config.burst, policer.config.rate
    assume(policer.process(packet, now) >= 0)
    policer.process(between, then)
    assume(tokens_of(other) <= min(burst * BYTE, rate * (later - now)))
    assert policer.process(other, later) == policer.config.internal_device


@spec
def settings_are_in_range(policer: Policer, packet: Packet, now: Time) -> None:
    """Whatever is processed is processed under settings that make sense."""
    policer.process(packet, now)
    config = policer.config
    assert config.internal_device != config.external_device and len(config.mac) >= 2
    assert config.rate >= 1 and config.burst >= 1 and config.max_destinations >= 1
    assert 1 <= config.timeout <= MAX_TIME
