"""What callers of a Maglev table count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.maglev import MAX_SLOTS, NONE, MaglevTable, new_maglev_table


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
