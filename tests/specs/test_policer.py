"""The specs of the policer hold of random traffic, and not of a broken policer."""

from __future__ import annotations

import copy
import functools
from random import Random

import pytest

from libvig.hash_map import Key
from libvig.key_table import KeyTable
from libvig.packet.ethernet import Ethernet
from libvig.packet.packet import Packet
from libvig.token_bucket import BYTE, TokenBuckets, level_at
from nfs.policer import Policer
from specs import policer as module
from tests.nfs.nats import GUESTS, LAN, WAN
from tests.nfs.policers import OTHER, SECOND, SERVER, THIRD, inbound, new, outbound
from tests.packets import bytes_of, packet_of
from tests.specs.bugs import Bug, put_in
from tests.specs.running import Spec, Step, Traffic, packets_of, specs_of

SPECS = specs_of(module)
EXAMPLES = 100  # the same each time
LEAST = 5  # of them must be ones that the spec speaks of

PAUSES = [0, 0, 1, SECOND // 2, SECOND, 3 * SECOND, 5 * SECOND, 5 * SECOND + 1]


def random_packet(random: Random, to: str) -> Packet:
    """Mostly from outside, mostly IPv4."""
    size = random.choice([28, 50, 50, 100, 150, 290, 301])
    if random.randint(0, 4) == 0:
        return outbound(size, random.choice([LAN, GUESTS]))
    whole = bytes_of(inbound(size, to, padding=random.choice([0, 6])))
    captured = random.choice([len(whole)] * 8 + [34, 20])
    damage = b"\x65" if random.randint(0, 9) == 0 else whole[14:15]
    frame = whole[:14] + damage + whole[15:]
    return packet_of(frame[:captured], WAN, wire_length=len(whole))


def random_steps(random: Random, most: int) -> list[Step]:
    """Packets to few destinations, as they come."""
    return [
        (random_packet(random, random.choice([SERVER, SERVER, OTHER, THIRD])), pause)
        for pause in random.choices(PAUSES, k=random.randint(1, most))
    ]


def next_steps(spec: Spec, random: Random) -> list[Step]:
    """A packet; two for one destination; or two, and one for another between them."""
    destinations = [[random.choice([SERVER, OTHER, THIRD])], [SERVER] * 2, [SERVER, OTHER, SERVER]]
    return [
        (random_packet(random, to), random.choice(PAUSES))
        for to in destinations[packets_of(spec) - 1]
    ]


@functools.cache
def histories() -> list[Traffic]:
    """Policers that have had some packets."""
    result = []
    for number in range(EXAMPLES):
        result.append(Traffic(new()))
        result[-1].play(random_steps(Random(number), most=8))
    return result


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_holds(spec: Spec) -> None:
    spoken_of = 0
    random = Random(spec.__name__)
    for traffic in map(copy.deepcopy, histories()):
        spoken_of += traffic.is_spoken_of(spec, next_steps(spec, random))
    assert spoken_of >= LEAST


# ---------------------------------------------------------------- bugs


process = Policer.process
add, expire = KeyTable.add, KeyTable.expire
take, reset = TokenBuckets.take, TokenBuckets.reset


def lets_excess_pass(buckets: TokenBuckets, index: int, size: int, elapsed: int) -> bool:
    take(buckets, index, size, elapsed)
    return True


def lets_nothing_pass(buckets: TokenBuckets, index: int, size: int, elapsed: int) -> bool:
    take(buckets, index, size, elapsed)
    return False


def takes_half(buckets: TokenBuckets, index: int, size: int, elapsed: int) -> bool:
    return take(buckets, index, size // 2, elapsed)


def takes_for_what_it_drops(buckets: TokenBuckets, index: int, size: int, elapsed: int) -> bool:
    conforms = take(buckets, index, size, elapsed)
    if not conforms:
        buckets.level[index] = 0
    return conforms


def fills_half(buckets: TokenBuckets, index: int) -> None:
    reset(buckets, index)
    buckets.level[index] //= 2


def polices_what_goes_out(policer: Policer, packet: Packet, now: int) -> int:
    verdict = process(policer, packet, now)
    if packet.device != policer.config.external_device:
        take(policer.buckets, 0, 1, 0)
    return verdict


def forgets_at_once(policer: Policer, packet: Packet, now: int) -> int:
    verdict = process(policer, packet, now)
    policer.destinations.expire(now + 1)
    return verdict


def forgets_the_oldest_when_full(table: KeyTable, key: Key, now: int) -> int:
    if len(table.entries) == table.capacity:
        table.expire(min(entry.time for entry in table.entries.values()) + 1)
    return add(table, key, now)


def forgets_too_soon(table: KeyTable, limit: int) -> None:
    expire(table, limit + 9 * SECOND // 2)


def takes_from_all(buckets: TokenBuckets, index: int, size: int, elapsed: int) -> bool:
    conforms = take(buckets, index, size, elapsed)
    left = buckets.level[index]
    buckets.level[:] = 0
    buckets.level[index] = left
    return conforms


def shares_a_burst(buckets: TokenBuckets, index: int, size: int, elapsed: int) -> bool:
    own = level_at(buckets.entries[index], elapsed, buckets.rate, buckets.burst)
    levels, full = buckets.entries | {index: own}, buckets.burst * BYTE
    taken = sum(full - level for level in levels.values())
    return take(buckets, index, size, elapsed) and taken + size * BYTE <= full


def sends_as_if_from_the_next_hop(policer: Policer, packet: Packet, device: int) -> int:
    own, next_hop = int(policer.config.mac[device]), int(policer.config.peer[device])
    Ethernet(packet).set_addresses(next_hop, own)
    return device


BUGS = {
    "lets excess pass": Bug(
        TokenBuckets,
        "take",
        lets_excess_pass,
        ["rfc2697", "excess_is_dropped", "no_more_passes_than_burst_and_rate_times_time"],
    ),
    "lets nothing pass": Bug(
        TokenBuckets,
        "take",
        lets_nothing_pass,
        [
            "rfc2697",
            "conforming_traffic_is_forwarded",
            "new_destinations_start_full",
            "a_destination_gets_its_rate",
        ],
    ),
    "takes half of what passes": Bug(
        TokenBuckets,
        "take",
        takes_half,
        ["rfc2697", "no_more_passes_than_burst_and_rate_times_time"],
    ),
    "takes tokens for what it drops": Bug(
        TokenBuckets,
        "take",
        takes_for_what_it_drops,
        ["rfc2697", "what_is_dropped_takes_no_tokens"],
    ),
    "fills new buckets by half": Bug(
        TokenBuckets, "reset", fills_half, ["rfc2697", "new_destinations_start_full"]
    ),
    "polices what goes out": Bug(
        Policer, "process", polices_what_goes_out, ["rfc2697", "outbound_is_not_policed"]
    ),
    "forgets at once": Bug(
        Policer,
        "process",
        forgets_at_once,
        ["rfc2697", "inbound_adds_an_entry", "a_full_table_keeps_its_destinations"],
    ),
    "forgets the oldest when full": Bug(
        KeyTable,
        "add",
        forgets_the_oldest_when_full,
        ["rfc2697", "a_full_table_keeps_its_destinations", "a_full_table_admits_no_one_else"],
    ),
    "forgets too soon": Bug(
        KeyTable,
        "expire",
        forgets_too_soon,
        [
            "rfc2697",
            "what_is_forgotten_was_full",
            "no_more_passes_than_burst_and_rate_times_time",
        ],
    ),
    "takes from all buckets": Bug(
        TokenBuckets,
        "take",
        takes_from_all,
        [
            "rfc2697",
            "other_destinations_keep_their_buckets",
        ],
    ),
    "shares a burst among all": Bug(
        TokenBuckets,
        "take",
        shares_a_burst,
        ["rfc2697", "traffic_to_others_takes_nothing_away"],
    ),
    "sends as if from the next hop": Bug(
        Policer,
        "_send",
        sends_as_if_from_the_next_hop,
        ["frames_carry_the_addresses_of_the_next_hop"],
    ),
}


def test_there_is_a_bug_for_every_spec() -> None:
    """But for what the rules of the settings keep, whatever `process` does."""
    assert {name for bug in BUGS.values() for name in bug.specs} == set(SPECS) - {
        "settings_are_in_range"
    }


CASES = [(bug, name) for bug, (*_, names) in BUGS.items() for name in names]


@pytest.mark.parametrize(("bug", "name"), CASES)
def test_a_bug_breaks_the_spec(monkeypatch: pytest.MonkeyPatch, bug: str, name: str) -> None:
    twice = histories() * 2  # held by a policer that is not broken yet
    put_in(monkeypatch, BUGS[bug])
    random = Random(name)
    with pytest.raises(AssertionError):
        for traffic in map(copy.deepcopy, twice):
            traffic.is_spoken_of(SPECS[name], next_steps(SPECS[name], random))
