"""What callers of a key table count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.key_table import KeyTable


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


@require(lambda table, index: index in table.entries)
@require(lambda table, now: all(entry.time <= now for entry in table.entries.values()))
@ensure(lambda result: result)
def what_is_touched_was_used_then(table: KeyTable, index: int, now: int) -> bool:
    table.touch(index, now)
    return table.time_of(index) == now
