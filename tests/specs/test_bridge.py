"""The specs of the bridge hold of random traffic, and not of a broken bridge."""

from __future__ import annotations

import copy
import functools
from random import Random
from typing import Any

import pytest

from libvig.hash_map import Key
from libvig.key_table import KeyTable
from libvig.packet.packet import FLOOD, Packet
from nfs import bridge as bridge_module
from nfs.bridge import Bridge, Drop
from specs import bridge as module
from tests.nfs.bridges import AGEING_TIME, EVERYONE, frame, new, random_frame
from tests.packets import seen
from tests.specs.bugs import Bug, put_in
from tests.specs.running import Spec, Step, Traffic, packets_of, specs_of

SPECS = specs_of(module)
EXAMPLES = 100  # the same each time
LEAST = 5  # of them must be ones that the spec speaks of

PAUSES = [0, 1, 30, AGEING_TIME, AGEING_TIME + 1]


def random_step(random: Random) -> Step:
    return random_frame(random), random.choice(PAUSES)


def next_steps(spec: Spec, random: Random) -> list[Step]:
    """A frame; or two, of which the other is an answer or has the same destination."""
    first = random_step(random)
    if packets_of(spec) == 1 or first[0].length() < 14:
        return [first, first][: packets_of(spec)]
    other, pause = random_step(random)
    source = seen(other).src if other.length() >= 14 else EVERYONE
    to = random.choice([seen(first[0]).src, seen(first[0]).dst])
    return [first, (frame(source, to, other.device), pause)]


@functools.cache
def histories() -> list[Traffic]:
    """Bridges that have had some frames."""
    result = []
    for number in range(EXAMPLES):
        random = Random(number)
        result.append(Traffic(new(max_stations=random.choice([1, 2, 3]))))
        result[-1].play([random_step(random) for _ in range(random.randint(1, 8))])
    return result


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_holds(spec: Spec) -> None:
    spoken_of = 0
    random = Random(spec.__name__)
    for number, traffic in enumerate(map(copy.deepcopy, histories() * 3)):
        spoken_of += traffic.is_spoken_of(spec, next_steps(spec, random))
        if spoken_of >= LEAST and number >= EXAMPLES:
            break
    assert spoken_of >= LEAST


# ---------------------------------------------------------------- bugs


process = Bridge.process
learn, device_of = vars(Bridge)["_learn"], vars(Bridge)["_device_of"]
filtered = bridge_module.filtered
use, expire = KeyTable.use, KeyTable.expire


def does_not_move_stations(bridge: Bridge, source: int, device: int, now: int) -> None:
    index = bridge.learned.find(Key(source, 0))
    known = bridge.behind.get(index) if index >= 0 else device
    learn(bridge, source, known, now)


def learns_everybody(bridge: Bridge, source: int, device: int, now: int) -> None:
    index = bridge.learned.use(Key(source, 0), now)
    if index >= 0:
        bridge.behind.set(index, device)


def learns_nobody(*_: Any) -> None:
    """In place of the Learning Process."""


def floods_everything(_: Bridge, __: int) -> int:
    return FLOOD


def floods_nothing(bridge: Bridge, destination: int) -> int:
    device = int(device_of(bridge, destination))
    return 0 if device == FLOOD else device


def forwards_everything(_: int, device: int, __: int) -> int:
    return min(device, FLOOD)


def sends_beyond_the_last_device(destination: int, device: int, came_by: int) -> int:
    return 3 if device == FLOOD else filtered(destination, device, came_by)


def keeps_the_oldest_time(table: KeyTable, key: Key, now: int) -> int:
    index = table.find(key)
    return index if index >= 0 else use(table, key, now)


def forgets_the_oldest_when_full(table: KeyTable, key: Key, now: int) -> int:
    if len(table.entries) == table.capacity and table.find(key) < 0:
        table.expire(min(entry.time for entry in table.entries.values()) + 1)
    return use(table, key, now)


def forgets_too_soon(table: KeyTable, limit: int) -> None:
    expire(table, limit + AGEING_TIME // 2)


def forgets_nothing(*_: Any) -> None:
    """In place of the ageing of entries."""


def changes_the_frame(bridge: Bridge, packet: Packet, now: int) -> int:
    verdict = process(bridge, packet, now)
    if packet.length() > 0:
        packet.set_u8(packet.length() - 1, 1)
    return verdict


def moves_everybody(bridge: Bridge, packet: Packet, now: int) -> int:
    verdict = process(bridge, packet, now)
    for index in bridge.behind.entries:
        bridge.behind.set(index, packet.device)
    return verdict


def drops_with_another_reason(bridge: Bridge, packet: Packet, now: int) -> int:
    verdict = process(bridge, packet, now)
    return verdict if verdict >= 0 else min(Drop) - 1


BUGS = {
    "does not move stations": Bug(
        Bridge,
        "_learn",
        does_not_move_stations,
        [
            "ieee8021q",
            "known_sources_are_refreshed",
            "a_station_receives_where_it_spoke",
            "frames_within_a_segment_stay_there",
        ],
    ),
    "learns everybody": Bug(
        Bridge,
        "_learn",
        learns_everybody,
        ["ieee8021q", "groups_and_listed_stations_are_not_learned"],
    ),
    "learns nobody": Bug(
        Bridge,
        "_learn",
        learns_nobody,
        ["ieee8021q", "new_sources_are_learned", "known_sources_are_refreshed"],
    ),
    "floods everything": Bug(
        Bridge,
        "_device_of",
        floods_everything,
        [
            "known_stations_are_sent_to_where_they_are",
            "statically_filtered_frames_are_dropped",
            "listed_stations_are_where_they_are_listed",
            "nobody_moves_a_listed_station",
        ],
    ),
    "floods nothing": Bug(
        Bridge,
        "_device_of",
        floods_nothing,
        [
            "unknown_stations_are_searched_everywhere",
            "groups_are_flooded",
            "a_silent_station_is_forgotten",
        ],
    ),
    "forwards everything": Bug(
        bridge_module,
        "filtered",
        forwards_everything,
        [
            "no_frame_returns_to_its_device",
            "reserved_addresses_are_not_forwarded",
        ],
    ),
    "sends beyond the last device": Bug(
        bridge_module,
        "filtered",
        sends_beyond_the_last_device,
        ["every_frame_is_dropped_or_forwarded"],
    ),
    "drops with another reason": Bug(
        Bridge, "process", drops_with_another_reason, ["every_frame_is_dropped_or_forwarded"]
    ),
    "keeps the oldest time": Bug(
        KeyTable, "use", keeps_the_oldest_time, ["known_sources_are_refreshed"]
    ),
    "forgets the oldest when full": Bug(
        KeyTable,
        "use",
        forgets_the_oldest_when_full,
        [
            "ieee8021q",
            "a_full_table_keeps_the_old_stations",
            "table_updates_are_exactly_these",
        ],
    ),
    "forgets too soon": Bug(KeyTable, "expire", forgets_too_soon, ["ieee8021q"]),
    "forgets nothing": Bug(
        KeyTable, "expire", forgets_nothing, ["ieee8021q", "a_silent_station_is_forgotten"]
    ),
    "changes the frame": Bug(
        Bridge, "process", changes_the_frame, ["ieee8021q", "frames_are_carried_unchanged"]
    ),
    "moves everybody": Bug(
        Bridge,
        "process",
        moves_everybody,
        ["ieee8021q", "others_do_not_change_where_a_station_receives"],
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
    many = histories() * 5  # held by a bridge that is not broken yet
    put_in(monkeypatch, BUGS[bug])
    random = Random(name)
    with pytest.raises(AssertionError):
        for traffic in map(copy.deepcopy, many):
            traffic.is_spoken_of(SPECS[name], next_steps(SPECS[name], random))
