"""A bucket fills in a fixed time; before that, rate times time is less than a full bucket.

So the level never overflows, however long no packet came. And a byte that passes leaves the bucket
for good: what has passed and what is still in the bucket are together never more than a full
bucket and what has flowed in since.
"""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.proof.notation import about, always, decreases, loop
from libvig.token_bucket import BYTE, MAX_BURST, TokenBuckets
from libvig.types import I64


@about
class Filling(TokenBuckets):
    """Buckets whose fill time is right."""

    @always
    def columns_are_equally_long(self) -> bool:
        return len(self.time) == len(self.level)

    @always
    def fill_time_fills_a_bucket(self) -> bool:
        return self.fill_time * self.rate >= self.burst * BYTE

    @always
    def less_time_does_not(self) -> bool:
        return (self.fill_time - 1) * self.rate < self.burst * BYTE


def flowed_in(buckets: TokenBuckets, times: I64, last: int) -> int:
    """What has flowed into a bucket that was never full since the first packet came."""
    return buckets.rate * (int(times[last]) - int(times[0]))


@require(lambda buckets, index, times: buckets.entries[index].time <= times[0])
@require(lambda times: all(times[i] <= times[i + 1] for i in range(len(times) - 1)))
@require(lambda sizes: all(0 <= sizes[i] <= MAX_BURST for i in range(len(sizes))))
@require(lambda sizes, times: len(sizes) == len(times) and len(times) >= 1)
@require(lambda buckets, index: 0 <= index < buckets.capacity)
@ensure(
    lambda buckets, times, result: (
        result * BYTE <= buckets.burst * BYTE + flowed_in(buckets, times, len(times) - 1)
    )
)
def bytes_passed(buckets: TokenBuckets, index: int, sizes: I64, times: I64) -> int:
    """Never more passes than a burst and rate × time, in any interval.

    The packets of an interval take out of a bucket that may be in any state when the first one
    comes; the interval ends with the last. Returned is how many bytes pass.
    """
    passed = int(sizes[0]) if buckets.take(index, int(sizes[0]), int(times[0])) else 0
    at = 1
    while at < len(times):
        if buckets.take(index, int(sizes[at]), int(times[at])):
            passed += int(sizes[at])
        at += 1
    return passed


@loop(bytes_passed)
def at_least_one_packet_has_come(times: I64, at: int) -> bool:
    return 1 <= at <= len(times)


@loop(bytes_passed)
def bucket_is_of_the_last_packet(buckets: TokenBuckets, index: int, times: I64, at: int) -> bool:
    return buckets.entries[index].time == int(times[at - 1])


@loop(bytes_passed)
def passed_and_left_are_bounded(
    buckets: TokenBuckets, index: int, times: I64, at: int, passed: int
) -> bool:
    return passed * BYTE + buckets.entries[index].level <= (
        buckets.burst * BYTE + flowed_in(buckets, times, at - 1)
    )


@decreases(bytes_passed)
def packets_to_come(times: I64, at: int) -> int:
    return len(times) - at
