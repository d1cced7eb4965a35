"""What callers of a flow table count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.double_chain import MAX_CAPACITY
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable, new_flow_table


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


@require(lambda table, now: all(flow.time <= now for flow in table.entries.values()))
@ensure(lambda result: result)
def what_is_used_is_there(table: FlowTable, key: FlowKey, now: int, other: int) -> bool:
    known, before = table.find(key), table.holds(other)
    index = table.use(key, now)
    if index < 0:
        is_full = before or not 0 <= other < table.capacity
        return known < 0 and is_full and table.holds(other) == before
    is_same = index == known if known >= 0 else not (before and other == index)
    is_there = table.get(index) == key and table.entries[index].time == now
    return is_same and is_there and table.holds(other) == (before or other == index)


@require(lambda table, key, other: table.entries[other].key != key)
@require(lambda table, other: other in table.entries)
@require(lambda table, now: all(flow.time <= now for flow in table.entries.values()))
@ensure(lambda result: result)
def others_are_not_used(table: FlowTable, key: FlowKey, now: int, other: int) -> bool:
    before = table.entries[other]
    table.use(key, now)
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
