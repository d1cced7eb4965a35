"""What callers of a backend pool count on."""

from __future__ import annotations

from libvig.backend_pool import LISTED, UNUSED, BackendPool, new_backend_pool
from libvig.contracts import all_different, ensure, require
from libvig.maglev import MAX_SLOTS
from libvig.types import I64, MAX_TIME


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
