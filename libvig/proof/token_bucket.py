"""A bucket fills in a fixed time; before that, rate times time is less than a full bucket.

So the level never overflows, however long no packet came. And a byte that passes leaves the bucket
for good: what has passed and what is still in the bucket are together never more than a full
bucket and what has flowed in since.
"""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.proof.notation import about, always, decreases, loop
from libvig.token_bucket import (
    BYTE,
    MAX_BURST,
    MAX_CAPACITY,
    MAX_RATE,
    TokenBuckets,
    level_at,
    new_token_buckets,
)
from libvig.types import I64


@about
class Filling(TokenBuckets):
    """Buckets whose fill time is right."""

    @always
    def fill_time_fills_a_bucket(self) -> bool:
        return self.fill_time * self.rate >= self.burst * BYTE

    @always
    def less_time_does_not(self) -> bool:
        return (self.fill_time - 1) * self.rate < self.burst * BYTE


def flowed_in(buckets: TokenBuckets, times: I64, last: int) -> int:
    """What has flowed into a bucket that was never full since the first packet came."""
    return buckets.rate * (int(times[last]) - int(times[0]))


@require(lambda idle: idle >= 0)
@require(lambda times: times[0] >= 0)
@require(lambda times: all(times[i] <= times[i + 1] for i in range(len(times) - 1)))
@require(lambda sizes: all(0 <= sizes[i] <= MAX_BURST for i in range(len(sizes))))
@require(lambda sizes, times: len(sizes) == len(times) and len(times) >= 1)
@require(lambda buckets, index: 0 <= index < buckets.capacity)
@ensure(
    lambda buckets, times, result: (
        result * BYTE <= buckets.burst * BYTE + flowed_in(buckets, times, len(times) - 1)
    )
)
def bytes_passed(buckets: TokenBuckets, index: int, idle: int, sizes: I64, times: I64) -> int:
    """Never more passes than a burst and rate × time, in any interval.

    The packets of an interval take out of a bucket that may be in any state when the first one
    comes, `idle` nanoseconds after its last change; the interval ends with the last. Returned is
    how many bytes pass.
    """
    passed = int(sizes[0]) if buckets.take(index, int(sizes[0]), idle) else 0
    at = 1
    while at < len(times):
        if buckets.take(index, int(sizes[at]), int(times[at]) - int(times[at - 1])):
            passed += int(sizes[at])
        at += 1
    return passed


@loop(bytes_passed)
def at_least_one_packet_has_come(times: I64, at: int) -> bool:
    return 1 <= at <= len(times)


@loop(bytes_passed)
def time_is_not_negative(times: I64, at: int) -> bool:
    return int(times[at - 1]) >= 0


@loop(bytes_passed)
def passed_and_left_are_bounded(
    buckets: TokenBuckets, index: int, times: I64, at: int, passed: int
) -> bool:
    return passed * BYTE + buckets.entries[index] <= (
        buckets.burst * BYTE + flowed_in(buckets, times, at - 1)
    )


@decreases(bytes_passed)
def packets_to_come(times: I64, at: int) -> int:
    return len(times) - at


# What each call is good for, from the contract alone.


@require(lambda capacity, index: 0 <= index < capacity <= MAX_CAPACITY)
@require(lambda rate, burst: 1 <= rate <= MAX_RATE and 1 <= burst <= MAX_BURST)
@ensure(lambda result: result)
def begins_with_a_burst(capacity: int, rate: int, burst: int, index: int) -> bool:
    """There are buckets of any capacity, rate and burst; a whole burst passes, and no more."""
    buckets = new_token_buckets(capacity, rate, burst)
    return (
        buckets.capacity == capacity
        and buckets.rate == rate
        and buckets.burst == burst
        and buckets.take(index, burst, 0)
        and not buckets.take(index, 1, 0)
    )


@ensure(lambda buckets, index, result: result == (0 <= index < buckets.capacity))
def has_bucket(buckets: TokenBuckets, index: int) -> bool:
    """The indices with a bucket are those within the capacity."""
    return index in buckets.entries


@require(lambda buckets, index: 0 <= index < buckets.capacity)
@ensure(lambda result: result)
def numbers_are_in_range(buckets: TokenBuckets, index: int) -> bool:
    """No bucket holds less than nothing or more than a burst."""
    return (
        1 <= buckets.rate <= MAX_RATE
        and 1 <= buckets.burst <= MAX_BURST
        and 0 <= buckets.entries[index] <= buckets.burst * BYTE
    )


@require(lambda buckets, index: 0 <= index < buckets.capacity)
@require(lambda size: 0 <= size <= MAX_BURST)
@require(lambda elapsed: elapsed >= 0)
@ensure(lambda result: result)
def passes_whole_or_not_at_all(buckets: TokenBuckets, index: int, size: int, elapsed: int) -> bool:
    """A packet that passes takes its bytes, one that does not takes nothing."""
    level = level_at(buckets.entries[index], elapsed, buckets.rate, buckets.burst)
    passes = buckets.take(index, size, elapsed)
    left = buckets.entries[index]
    return passes == (size * BYTE <= level) and left == (level - size * BYTE if passes else level)


@require(lambda buckets, index: 0 <= index < buckets.capacity)
@ensure(lambda result: result)
def a_burst_passes_after_a_reset(buckets: TokenBuckets, index: int) -> bool:
    """A bucket that is reset is full, and no fuller."""
    buckets.reset(index)
    return buckets.take(index, buckets.burst, 0) and not buckets.take(index, 1, 0)


@require(lambda buckets, index: 0 <= index < buckets.capacity)
@require(lambda buckets, other: 0 <= other < buckets.capacity)
@require(lambda index, other: index != other)
@require(lambda size: 0 <= size <= MAX_BURST)
@require(lambda elapsed: elapsed >= 0)
@ensure(lambda result: result)
def other_buckets_stay(
    buckets: TokenBuckets, index: int, size: int, elapsed: int, other: int
) -> bool:
    """What is done with one bucket concerns no other."""
    before = buckets.entries[other]
    buckets.take(index, size, elapsed)
    after_take = buckets.entries[other]
    buckets.reset(index)
    return before == after_take and before == buckets.entries[other]
