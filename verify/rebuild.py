"""Real libVig structures with a given abstract state, made through their public operations."""

from __future__ import annotations

from collections.abc import Mapping

from libvig.flow_key import FlowKey
from libvig.flow_table import Flow, FlowTable, new_flow_table
from libvig.port_allocator import NOBODY, PortAllocator, new_port_allocator

LARGEST = 4096  # indices that are filled in; more would take too long under contracts


class CannotRebuild(Exception):
    """The state cannot be made; the message says why."""


def flow_table(capacity: int, entries: Mapping[int, Flow]) -> FlowTable:
    """A flow table of this capacity with these flows.

    Indices are given out in ascending order, so the gaps are filled with flows older than all
    others, which then expire.
    """
    count = max(entries, default=-1) + 1
    if not 1 <= capacity <= 2**20 or count > LARGEST:
        raise CannotRebuild(f"a flow table of capacity {capacity} with index {count - 1}")
    table = new_flow_table(capacity)
    if not entries:
        return table
    oldest = min(flow.time for flow in entries.values())
    fillers = iter(_unused_keys({flow.key for flow in entries.values()}, count))
    for index in range(count):
        key = entries[index].key if index in entries else next(fillers)
        table.add(key, oldest - 1)
    for index in sorted(entries, key=lambda index: entries[index].time):
        table.touch(index, entries[index].time)
    table.expire(oldest)
    if table.entries != dict(entries):
        raise CannotRebuild(f"flows {dict(entries)}")
    return table


def _unused_keys(used: set[FlowKey], count: int) -> list[FlowKey]:
    candidates = (FlowKey(0, 0, address, 0, 0, 0) for address in range(count + len(used)))
    return [key for key in candidates if key not in used]


def port_allocator(
    first: int, last: int, capacity: int, entries: Mapping[int, int]
) -> PortAllocator:
    """A port allocator in which these holders have these ports; the others get what is left."""
    if not 1 <= first <= last <= 65535 or not 1 <= capacity <= last - first + 1:
        raise CannotRebuild(f"a port allocator of ports {first} to {last}, {capacity} holders")
    allocator = new_port_allocator(first, last, capacity)
    left = [port for port in range(first, last + 1) if port not in set(entries.values())]
    allocator.holder[:] = NOBODY
    for holder in range(capacity):
        port = entries[holder] if holder in entries else left.pop(0)
        allocator.port[holder] = port
        allocator.holder[port - first] = holder
    allocator.resting[:] = left
    if any(allocator.entries[holder] != port for holder, port in entries.items()):
        raise CannotRebuild(f"ports {dict(entries)}")
    return allocator
