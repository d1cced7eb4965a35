"""Real libVig structures with a given abstract state: their numbers, and entries of their view.

They are made through their public operations, or filled in by hand where these cannot lead to
every state that the contracts allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

import numpy as np

from libvig.backend_pool import LISTED, BackendPool, new_backend_pool
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table
from libvig.hash_map import Key
from libvig.key_table import KeyTable, new_key_table
from libvig.maglev import MaglevTable, new_maglev_table
from libvig.port_allocator import NOBODY, PortAllocator, new_port_allocator
from libvig.station import Station
from libvig.station_list import StationList, new_station_list
from libvig.token_bucket import TokenBuckets, new_token_buckets
from libvig.types import DROP_STATION
from libvig.vector import Vector, new_vector

LARGEST = 4096  # indices that are filled in; more would take too long under contracts
MAX_CAPACITY = 2**20

Numbers = Mapping[str, int]
Entries = Mapping[int, Any]


class CannotRebuild(Exception):
    """The state cannot be made; the message says why."""


def structure(name: str, numbers: Numbers, entries: Entries) -> Any:
    """The real structure of the class of this name, with these entries.

    What has an entry for every index has others besides, of which nothing is said.
    """
    build = BUILDERS.get(name)
    if build is None:
        raise CannotRebuild(f"a {name}: verify/rebuild.py has no function for it")
    built = build(numbers, entries)
    if any(built.entries.get(index) != entry for index, entry in entries.items()):
        raise CannotRebuild(f"a {name} with entries {dict(entries)}")
    return built


def _capacity(numbers: Numbers, entries: Entries) -> int:
    """The capacity, of a structure that does not take too long to make."""
    capacity, highest = numbers["capacity"], max(entries, default=0)
    if capacity < 1:
        raise CannotRebuild(
            f"no such structure has a capacity of {capacity}; say in an @invariant what it has"
        )
    if highest >= capacity:
        raise CannotRebuild(f"a structure of capacity {capacity} with index {highest}")
    if capacity > MAX_CAPACITY or highest >= LARGEST:
        raise CannotRebuild(
            f"to make a structure of capacity {capacity} with index {highest} takes too long"
        )
    return capacity


# ---------------------------------------------------------------- tables of keys and times


def _flow_table(numbers: Numbers, entries: Entries) -> FlowTable:
    table = new_flow_table(_capacity(numbers, entries))
    _fill(table, entries, (FlowKey(0, 0, address, 0, 0, 0) for address in count()))
    return table


def _key_table(numbers: Numbers, entries: Entries) -> KeyTable:
    table = new_key_table(_capacity(numbers, entries))
    _fill(table, entries, (Key(word, 0) for word in count()))
    return table


def _fill(table: Any, entries: Entries, keys: Iterable[Any]) -> None:
    """Indices are given out in ascending order, so what is between them is filled and expires."""
    if not entries:
        return
    used = {entry.key for entry in entries.values()}
    fillers = (key for key in keys if key not in used)
    oldest = min(entry.time for entry in entries.values())
    for index in range(max(entries) + 1):
        table.add(entries[index].key if index in entries else next(fillers), oldest - 1)
    for index in sorted(entries, key=lambda index: entries[index].time):
        table.touch(index, entries[index].time)
    table.expire(oldest)


# ---------------------------------------------------------------- an entry for every index


def _port_allocator(numbers: Numbers, entries: Entries) -> PortAllocator:
    first, last = numbers["first"], numbers["last"]
    capacity = _capacity(numbers, entries)
    if not 1 <= first <= last <= 65535 or capacity > last - first + 1:
        raise CannotRebuild(f"a port allocator of ports {first} to {last}, {capacity} holders")
    allocator = new_port_allocator(first, last, capacity)
    left = [port for port in range(first, last + 1) if port not in set(entries.values())]
    allocator.holder[:] = NOBODY
    for holder in range(capacity):
        port = entries[holder] if holder in entries else left.pop(0)
        allocator.port[holder] = port
        allocator.holder[port - first] = holder
    allocator.resting[:] = left
    return allocator


def _vector(numbers: Numbers, entries: Entries) -> Vector:
    vector = new_vector(_capacity(numbers, entries))
    for index, word in entries.items():
        vector.set(index, word)
    return vector


def _station_list(numbers: Numbers, entries: Entries) -> StationList:
    capacity = numbers["capacity"]
    if capacity > LARGEST:
        raise CannotRebuild(f"a station list of {capacity}")
    listed = {station.address for station in entries.values()}
    fillers = (Station(address, DROP_STATION) for address in count() if address not in listed)
    stations = [entries[i] if i in entries else next(fillers) for i in range(capacity)]
    words = np.array([station.pack() for station in stations], np.int64)
    return new_station_list(words, numbers["devices"])


def _token_buckets(numbers: Numbers, entries: Entries) -> TokenBuckets:
    buckets = new_token_buckets(_capacity(numbers, entries), numbers["rate"], numbers["burst"])
    for index, level in entries.items():
        buckets.level[index] = level
    return buckets


def _maglev_table(numbers: Numbers, entries: Entries) -> MaglevTable:
    table = new_maglev_table(numbers["backends"], min(numbers["slots"], MAX_CAPACITY))
    for backend in entries:
        table.set_live(backend, True)
    return table


def _backend_pool(numbers: Numbers, entries: Entries) -> BackendPool:
    nobody = np.zeros(0, np.int64)
    slots = min(numbers["slots"], MAX_CAPACITY)
    pool = new_backend_pool(_capacity(numbers, entries), slots, nobody)
    for index, backend in entries.items():
        pool.word[index], pool.time[index] = backend
        pool.table.set_live(index, backend.time != LISTED)
    return pool


BUILDERS: Mapping[str, Callable[[Numbers, Entries], Any]] = {
    "KeyTable": _key_table,
    "FlowTable": _flow_table,
    "PortAllocator": _port_allocator,
    "Vector": _vector,
    "StationList": _station_list,
    "TokenBuckets": _token_buckets,
    "MaglevTable": _maglev_table,
    "BackendPool": _backend_pool,
}
