"""Token buckets: how many bytes may pass, at a rate and in bursts (RFC 2697).

Exact to the nanosecond, by integers. A bucket's level is counted in nanobytes, the 10**9th parts
of a byte: a rate in bytes per second is the same number in nanobytes per nanosecond.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require, view
from libvig.primitives import prefetch
from libvig.rows import in_rows
from libvig.types import I64

BYTE = 10**9  # in nanobytes
MAX_CAPACITY = 2**30
# Bytes, as many as a packet can have at most (MAX_WIRE_LENGTH). Two full buckets are less than
# 2**63 nanobytes, so that what flows into a bucket fits beside what is in it.
MAX_BURST = 2**32 - 1
# Bytes per second, any that fit 64 bits: time and rate are multiplied only where the product is
# less than a full bucket.
MAX_RATE = 2**63 - 1


class Bucket(NamedTuple):
    """What a bucket holds."""

    level: int  # in nanobytes, at `time`
    time: int  # in nanoseconds


def level_at(bucket: Bucket, now: int, rate: int, burst: int) -> int:
    """Return the level that a bucket reaches by `now` if nothing is taken: what contracts mean.

    RFC 2697 §3 adds `rate` tokens of a byte per second, up to `burst`, and leaves open when in
    the second; here they flow in evenly.
    """
    return min(burst * BYTE, bucket.level + (now - bucket.time) * rate)


@compiled
@require(lambda rate, full, fill_time: (fill_time - 1) * rate < full <= fill_time * rate)
@require(lambda level, full: 0 <= level <= full <= MAX_BURST * BYTE)
@require(lambda elapsed: elapsed >= 0)
@ensure(lambda level, elapsed, rate, full, result: result == min(full, level + elapsed * rate))
def filled(level: int, elapsed: int, rate: int, full: int, fill_time: int) -> int:
    """Return the level `elapsed` nanoseconds later, however long that is, at most `full`.

    An empty bucket takes `fill_time` nanoseconds to fill, the last one perhaps in part.
    """
    if elapsed >= fill_time:
        return full
    return min(full, level + elapsed * rate)


@compiled_class
@invariant(lambda self: 1 <= self.rate <= MAX_RATE and 1 <= self.burst <= MAX_BURST)
@invariant(lambda self: all(index in self.entries for index in range(self.capacity)))
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
@invariant(
    lambda self: all(0 <= bucket.level <= self.burst * BYTE for bucket in self.entries.values())
)
@invariant(lambda self: all(bucket.time >= 0 for bucket in self.entries.values()))
class TokenBuckets(NamedTuple):
    """One bucket for each index, 0 to capacity - 1, all with the same rate and burst."""

    rate: int  # bytes per second
    burst: int  # bytes that a full bucket holds
    fill_time: int  # nanoseconds in which an empty bucket fills, rounded up
    level: I64  # in nanobytes, at `time`
    time: I64  # of the last change, in nanoseconds

    @property
    def capacity(self) -> int:
        """How many buckets there are."""
        return len(self.level)

    @view
    def entries(self) -> dict[int, Bucket]:
        """Bucket of each index."""
        return {i: Bucket(int(self.level[i]), int(self.time[i])) for i in range(len(self.level))}

    @require(lambda size: 0 <= size <= MAX_BURST)
    @require(lambda self, index, now: self.entries[index].time <= now)
    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(
        lambda self, index, size, now, result, OLD: (
            result == (size * BYTE <= level_at(OLD.entries[index], now, self.rate, self.burst))
        )
    )
    @ensure(
        lambda self, index, size, now, result, OLD: (
            self.entries
            == OLD.entries
            | {
                index: Bucket(
                    level_at(OLD.entries[index], now, self.rate, self.burst)
                    - (size * BYTE if result else 0),
                    now,
                )
            }
        )
    )
    def take(self, index: int, size: int, now: int) -> bool:
        """Take `size` bytes out of a bucket if there are as many in it at `now`; tell whether.

        A packet passes whole or not at all: one that does not is in excess and takes nothing
        (RFC 2697 §3, no excess burst).
        """
        elapsed = now - int(self.time[index])
        level = filled(
            int(self.level[index]), elapsed, self.rate, self.burst * BYTE, self.fill_time
        )
        conforms = size * BYTE <= level
        self.level[index] = level - size * BYTE if conforms else level
        self.time[index] = now
        return conforms

    @require(lambda self, index, now: self.entries[index].time <= now)
    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(
        lambda self, index, now, OLD: (
            self.entries == OLD.entries | {index: Bucket(self.burst * BYTE, now)}
        )
    )
    def reset(self, index: int, now: int) -> None:
        """Fill a bucket to the brim, for whoever is to take out of it from `now` on."""
        self.level[index] = self.burst * BYTE
        self.time[index] = now

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch the bucket at `index`, which may be any integer."""
        prefetch(self.level, index)  # beside which the time is


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@require(lambda rate: 1 <= rate <= MAX_RATE)
@require(lambda burst: 1 <= burst <= MAX_BURST)
@ensure(lambda capacity, result: result.capacity == capacity)
@ensure(lambda rate, burst, result: result.rate == rate and result.burst == burst)
@ensure(
    lambda capacity, burst, result: (
        result.entries == {i: Bucket(burst * BYTE, 0) for i in range(capacity)}
    )
)
@in_rows("level", "time")
def new_token_buckets(capacity: int, rate: int, burst: int) -> TokenBuckets:
    """Return `capacity` buckets, 1 to MAX_CAPACITY, which are full at time 0.

    `rate` is in bytes per second, 1 to MAX_RATE; `burst` in bytes, 1 to MAX_BURST.
    """
    full = burst * BYTE
    return TokenBuckets(
        rate,
        burst,
        (full - 1) // rate + 1,
        np.full(capacity, full, np.int64),
        np.zeros(capacity, np.int64),
    )
