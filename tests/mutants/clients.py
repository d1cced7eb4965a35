"""Callers that use all that contracts promise, so that it is noticed when one promises less.

In libvig few call a flow table, a port allocator or a backend pool: network functions do, whose
proofs take too long to try them on every mutant. These stand in for them. They are theorems like
those in libvig/proof, which the prover proves from the contracts alone.
"""

from __future__ import annotations

from libvig.backend_pool import LISTED, UNUSED, BackendPool, new_backend_pool
from libvig.contracts import all_different, ensure, require
from libvig.double_chain import MAX_CAPACITY, DoubleChain
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table
from libvig.hash_map import HashMap
from libvig.key_table import KeyTable
from libvig.maglev import MAX_SLOTS, NONE, MaglevTable, new_maglev_table
from libvig.port_allocator import PortAllocator, new_port_allocator
from libvig.station import unpack_station
from libvig.station_list import StationList, are_apart, new_station_list
from libvig.types import DROP_STATION, I64, MAX_TIME

# The chain.


@require(lambda chain, index: index in chain.entries)
@ensure(lambda result: result)
def oldest_goes_first(chain: DoubleChain, index: int, limit: int) -> bool:
    oldest = chain.oldest_before(limit)
    return oldest < 0 or chain.entries[oldest] <= chain.entries[index]


# The map.


@require(lambda map, one: one in map.entries)
@require(lambda map, other: other in map.entries)
@require(lambda one, other: one != other)
@ensure(lambda result: result)
def two_indices_have_two_keys(map: HashMap, one: int, other: int) -> bool:
    return map.get(one) != map.get(other)


# The key table.


@require(lambda table, index: index in table.entries)
@ensure(lambda result: result)
def keys_are_within_the_capacity(table: KeyTable, index: int) -> bool:
    return 0 <= index < table.capacity


@require(lambda table, one: one in table.entries)
@require(lambda table, other: other in table.entries)
@require(lambda one, other: one != other)
@ensure(lambda result: result)
def two_indices_in_use_have_two_keys(table: KeyTable, one: int, other: int) -> bool:
    return table.get(one) != table.get(other)


# The flow table.


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda result: result)
def a_new_table_is_empty(capacity: int, key: FlowKey, index: int) -> bool:
    table = new_flow_table(capacity)
    return table.capacity == capacity and table.find(key) < 0 and not table.holds(index)


@require(lambda table, index: index in table.entries)
@ensure(lambda result: result)
def flows_are_within_the_capacity(table: FlowTable, index: int) -> bool:
    return 0 <= index < table.capacity


@require(lambda table, one: one in table.entries)
@require(lambda table, other: other in table.entries)
@require(lambda one, other: one != other)
@ensure(lambda result: result)
def two_flows_have_two_keys(table: FlowTable, one: int, other: int) -> bool:
    return table.get(one) != table.get(other)


@require(lambda table, index: index in table.entries)
@ensure(lambda result: result)
def who_has_the_key_is_found(table: FlowTable, index: int, key: FlowKey) -> bool:
    found = table.find(key)
    if found >= 0 and table.get(found) != key:
        return False
    return (found == index) == (table.get(index) == key)


@require(lambda table, key: all(flow.key != key for flow in table.entries.values()))
@require(lambda table, now: all(flow.time <= now for flow in table.entries.values()))
@ensure(lambda result: result)
def what_is_added_is_there(table: FlowTable, key: FlowKey, now: int, other: int) -> bool:
    before = table.holds(other)
    index = table.add(key, now)
    if index < 0:
        return table.holds(other) == before and (before or not 0 <= other < table.capacity)
    is_new = not (before and other == index)
    is_there = table.get(index) == key and table.entries[index].time == now
    return is_new and is_there and table.holds(other) == (before or other == index)


@require(lambda table, key: all(flow.key != key for flow in table.entries.values()))
@require(lambda table, now: all(flow.time <= now for flow in table.entries.values()))
@require(lambda table, other: other in table.entries)
@ensure(lambda result: result)
def what_was_there_stays(table: FlowTable, key: FlowKey, now: int, other: int) -> bool:
    before = table.entries[other]
    table.add(key, now)
    return table.entries[other] == before


@require(lambda table, index: index in table.entries)
@require(lambda table, now: all(flow.time <= now for flow in table.entries.values()))
@ensure(lambda result: result)
def what_is_touched_is_younger(table: FlowTable, index: int, now: int, other: int) -> bool:
    key, before = table.get(index), table.holds(other)
    table.touch(index, now)
    is_younger = table.get(index) == key and table.entries[index].time == now
    return is_younger and table.holds(other) == before


@require(lambda table, index: index in table.entries)
@require(lambda table, now: all(flow.time <= now for flow in table.entries.values()))
@require(lambda table, index, other: other in table.entries and other != index)
@ensure(lambda result: result)
def others_are_not_touched(table: FlowTable, index: int, now: int, other: int) -> bool:
    before = table.entries[other]
    table.touch(index, now)
    return table.entries[other] == before


@require(lambda table, index: index in table.entries)
@ensure(lambda result: result)
def what_is_idle_goes(table: FlowTable, limit: int, index: int) -> bool:
    before = table.entries[index]
    table.expire(limit)
    if before.time < limit:
        return not table.holds(index)
    return table.holds(index) and table.entries[index] == before


@require(lambda table, index: index not in table.entries)
@ensure(lambda result: result)
def nothing_comes_back(table: FlowTable, limit: int, index: int) -> bool:
    table.expire(limit)
    return not table.holds(index)


# The port allocator.


@require(lambda first, last: 1 <= first <= last <= 65535)
@require(lambda first, last, holders: 1 <= holders <= last - first + 1)
@require(lambda holders, holder: 0 <= holder < holders)
@ensure(lambda result: result)
def holders_begin_in_order(first: int, last: int, holders: int, holder: int) -> bool:
    ports = new_port_allocator(first, last, holders)
    as_asked = ports.first == first and ports.last == last and ports.capacity == holders
    return as_asked and ports.port_of(holder) == first + holder


@ensure(lambda result: result)
def there_are_ports_for_all(ports: PortAllocator, holder: int) -> bool:
    in_range = 1 <= ports.first <= ports.last <= 65535
    enough = 1 <= ports.capacity <= ports.last - ports.first + 1
    return in_range and enough and (holder in ports.entries) == (0 <= holder < ports.capacity)


@require(lambda ports, one: 0 <= one < ports.capacity)
@require(lambda ports, other: 0 <= other < ports.capacity)
@ensure(lambda result: result)
def two_holders_have_two_ports(ports: PortAllocator, one: int, other: int) -> bool:
    in_range = ports.first <= ports.port_of(one) <= ports.last
    return in_range and (one == other or ports.port_of(one) != ports.port_of(other))


@require(lambda ports, holder: 0 <= holder < ports.capacity)
@ensure(lambda result: result)
def who_has_the_port_holds_it(ports: PortAllocator, holder: int, port: int) -> bool:
    found = ports.holder_of(port)
    if found >= 0 and ports.port_of(found) != port:
        return False
    return (found == holder) == (ports.port_of(holder) == port)


@require(lambda ports, holder: 0 <= holder < ports.capacity)
@require(lambda ports, other: 0 <= other < ports.capacity)
@ensure(lambda result: result)
def a_new_port_was_nobodys(ports: PortAllocator, holder: int, other: int) -> bool:
    old, before = ports.port_of(holder), ports.port_of(other)
    port = ports.allocate(holder)
    none_rests = ports.last - ports.first + 1 == ports.capacity
    is_new = (port == old) == none_rests and (other == holder or port != before)
    others_stay = other == holder or ports.port_of(other) == before
    return is_new and others_stay and ports.port_of(holder) == port


# The Maglev table.


@require(lambda slots: 2 <= slots <= MAX_SLOTS)
@require(lambda backends, slots: 1 <= backends <= slots)
@require(lambda hash: hash >= 0)
@ensure(lambda result: result)
def at_first_none_is_live(backends: int, slots: int, backend: int, hash: int) -> bool:
    table = new_maglev_table(backends, slots)
    as_asked = table.backends == backends and table.slots == slots
    return as_asked and not table.is_live(backend) and table.lookup(hash) == NONE


@ensure(lambda result: result)
def backends_are_in_range(table: MaglevTable, backend: int) -> bool:
    enough = 1 <= table.backends <= table.slots <= MAX_SLOTS
    return enough and (backend not in table.entries or 0 <= backend < table.backends)


@require(lambda table, one: one in table.entries)
@require(lambda table, other: other in table.entries)
@ensure(lambda result: result)
def shares_are_even(table: MaglevTable, one: int, other: int) -> bool:
    share = table.entries[one]
    return 1 <= share <= table.slots and share <= table.entries[other] + 1


@require(lambda hash: hash >= 0)
@require(lambda table, live: live in table.entries)
@ensure(lambda result: result)
def who_is_named_is_live(table: MaglevTable, hash: int, live: int) -> bool:
    found = table.lookup(hash)
    return found != NONE and table.is_live(found) and table.is_live(live)


@require(lambda table, backend: 0 <= backend < table.backends)
@require(lambda table, other: 0 <= other < table.backends)
@ensure(lambda result: result)
def no_other_comes_or_goes(table: MaglevTable, backend: int, is_live: bool, other: int) -> bool:
    before = table.is_live(other)
    table.set_live(backend, is_live)
    return table.is_live(other) == (is_live if other == backend else before)


@require(lambda table, backend: backend in table.entries)
@require(lambda table, other: other in table.entries)
@ensure(lambda result: result)
def who_is_live_stays_so(table: MaglevTable, backend: int, other: int) -> bool:
    before = table.entries[other]
    table.set_live(backend, True)
    return table.entries[other] == before


@require(lambda table, backend: 0 <= backend < table.backends and backend not in table.entries)
@require(lambda table, other: other in table.entries)
@ensure(lambda result: result)
def who_is_not_live_need_not_go(table: MaglevTable, backend: int, other: int) -> bool:
    before = table.entries[other]
    table.set_live(backend, False)
    return table.entries[other] == before


# The backend pool.


@require(lambda slots: 2 <= slots <= MAX_SLOTS)
@require(lambda capacity, slots: 1 <= capacity <= slots)
@require(lambda capacity, listed: len(listed) <= capacity)
@require(lambda listed: all(int(listed[i]) != UNUSED for i in range(len(listed))))
@require(lambda listed: all_different(int(listed[i]) for i in range(len(listed))))
@ensure(lambda result: result)
def at_first_those_listed_are_live(capacity: int, slots: int, listed: I64, index: int) -> bool:
    pool = new_backend_pool(capacity, slots, listed)
    is_listed = 0 <= index < len(listed)
    if is_listed and (pool.get(index) != listed[index] or pool.entries[index].time != LISTED):
        return False
    as_asked = pool.capacity == capacity and pool.slots == slots
    return as_asked and (index in pool.entries) == is_listed


@ensure(lambda result: result)
def backends_are_within_the_capacity(pool: BackendPool, index: int) -> bool:
    enough = 2 <= pool.slots <= MAX_SLOTS and 1 <= pool.capacity <= pool.slots
    return enough and (index not in pool.entries or 0 <= index < pool.capacity)


@require(lambda pool, one: one in pool.entries)
@require(lambda pool, other: other in pool.entries)
@require(lambda one, other: one != other)
@ensure(lambda result: result)
def two_backends_have_two_words(pool: BackendPool, one: int, other: int) -> bool:
    is_word = pool.get(one) != UNUSED and 0 <= pool.entries[one].time <= LISTED
    return is_word and pool.get(one) != pool.get(other)


@require(lambda pool, index: index in pool.entries)
@ensure(lambda result: result)
def who_has_the_word_is_found(pool: BackendPool, index: int, word: int) -> bool:
    found = pool.find(word)
    if found >= 0 and pool.get(found) != word:
        return False
    return (found == index) == pool.holds(index, word) == (pool.get(index) == word)


@require(lambda word: word != UNUSED)
@require(lambda now: 0 <= now <= MAX_TIME)
@ensure(lambda result: result)
def who_is_heard_is_live(pool: BackendPool, word: int, now: int, other: int) -> bool:
    known, before = pool.find(word), other in pool.entries
    index = pool.hear(word, now)
    if index < 0:
        is_full = before or not 0 <= other < pool.capacity
        return known < 0 and is_full and (other in pool.entries) == before
    is_same = index == known if known >= 0 else not (before and other == index)
    is_live = pool.holds(index, word) and pool.entries[index].time >= now
    return is_same and is_live and (other in pool.entries) == (before or other == index)


@require(lambda pool, index: index in pool.entries)
@require(lambda now: 0 <= now <= MAX_TIME)
@ensure(lambda result: result)
def nobody_gets_older(pool: BackendPool, index: int, now: int) -> bool:
    before = pool.entries[index].time
    pool.hear(pool.get(index), now)
    return pool.entries[index].time == max(before, now)


@require(lambda pool, word: all(backend.word != word for backend in pool.entries.values()))
@require(lambda word: word != UNUSED)
@require(lambda now: 0 <= now <= MAX_TIME)
@ensure(lambda result: result)
def who_is_new_was_heard_now(pool: BackendPool, word: int, now: int) -> bool:
    index = pool.hear(word, now)
    return index < 0 or pool.entries[index].time == now


@require(lambda pool, word, other: pool.entries[other].word != word)
@require(lambda pool, other: other in pool.entries)
@require(lambda word: word != UNUSED)
@require(lambda now: 0 <= now <= MAX_TIME)
@ensure(lambda result: result)
def others_are_not_heard(pool: BackendPool, word: int, now: int, other: int) -> bool:
    before = pool.entries[other]
    pool.hear(word, now)
    return pool.entries[other] == before


@require(lambda limit: -MAX_TIME <= limit <= MAX_TIME)
@ensure(lambda result: result)
def who_is_silent_goes(pool: BackendPool, limit: int, index: int) -> bool:
    if index not in pool.entries:
        pool.expire(limit)
        return index not in pool.entries
    before = pool.entries[index]
    pool.expire(limit)
    if before.time < limit:
        return index not in pool.entries
    after = pool.entries[index]
    return after.word == before.word and after.time == min(before.time, MAX_TIME)


@require(lambda limit: -MAX_TIME <= limit <= MAX_TIME)
@require(lambda hash: hash >= 0)
@ensure(lambda result: result)
def who_is_chosen_is_live(pool: BackendPool, limit: int, hash: int, live: int) -> bool:
    pool.expire(limit)
    chosen = pool.choose(hash)
    return chosen in pool.entries if chosen >= 0 else live not in pool.entries


# The station list.


@require(lambda stations: len(stations) <= MAX_CAPACITY)
@require(
    lambda stations, devices: all(
        unpack_station(int(stations[i])).device < devices
        or unpack_station(int(stations[i])).device == DROP_STATION
        for i in range(len(stations))
    )
)
@require(lambda stations: are_apart(stations))  # noqa: PLW0108 (a contract is a lambda)
@ensure(lambda result: result)
def stations_are_as_listed(stations: I64, devices: int, index: int) -> bool:
    made = new_station_list(stations, devices)
    is_listed = 0 <= index < len(stations)
    if is_listed and made.get(index) != unpack_station(int(stations[index])):
        return False
    return made.devices == devices and (index in made.entries) == is_listed


@ensure(lambda result: result)
def stations_are_within_the_capacity(stations: StationList, index: int) -> bool:
    return (index in stations.entries) == (0 <= index < stations.capacity)


@require(lambda stations, index: index in stations.entries)
@ensure(lambda result: result)
def stations_are_behind_devices(stations: StationList, index: int) -> bool:
    device = stations.get(index).device
    return device < stations.devices or device == DROP_STATION


@require(lambda stations, one: one in stations.entries)
@require(lambda stations, other: other in stations.entries)
@require(lambda one, other: one != other)
@ensure(lambda result: result)
def two_stations_have_two_addresses(stations: StationList, one: int, other: int) -> bool:
    return stations.get(one).address != stations.get(other).address


@require(lambda stations, index: index in stations.entries)
@require(lambda address: address >= 0)
@ensure(lambda result: result)
def who_has_the_address_is_found(stations: StationList, index: int, address: int) -> bool:
    found = stations.find(address)
    if found >= 0 and stations.get(found).address != address:
        return False
    return (found == index) == (stations.get(index).address == address)
