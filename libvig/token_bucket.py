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
from libvig.types import I64

BYTE = 10**9  # in nanobytes
MAX_CAPACITY = 2**30
# Bytes, as many as a packet can have at most (MAX_WIRE_LENGTH). Two full buckets are less than
# 2**63 nanobytes, so that what flows into a bucket fits beside what is in it.
MAX_BURST = 2**32 - 1
# Bytes per second, any that fit 64 bits: time and rate are multiplied only where the product is
# less than a full bucket.
MAX_RATE = 2**63 - 1


def level_at(level: int, elapsed: int, rate: int, burst: int) -> int:
    """Return the level of a bucket `elapsed` ns later if nothing is taken: what contracts mean.

    RFC 2697 §3 adds `rate` tokens of a byte per second, up to `burst`, and leaves open when in
    the second; here they flow in evenly.
    """
    return min(burst * BYTE, level + elapsed * rate)


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
@invariant(lambda self: all(0 <= level <= self.burst * BYTE for level in self.entries.values()))
class TokenBuckets(NamedTuple):
    """One bucket for each index, 0 to capacity - 1, all with the same rate and burst.

    When a bucket was changed last is not kept: whoever takes out of it tells how long ago that was.
    """

    rate: int  # bytes per second
    burst: int  # bytes that a full bucket holds
    fill_time: int  # nanoseconds in which an empty bucket fills, rounded up
    level: I64  # in nanobytes, at the last change

    @property
    def capacity(self) -> int:
        """How many buckets there are."""
        return len(self.level)

    @view
    def entries(self) -> dict[int, int]:
        """Level of each bucket at its last change, in nanobytes."""
        return {i: int(self.level[i]) for i in range(len(self.level))}

    @require(lambda elapsed: elapsed >= 0)
    @require(lambda size: 0 <= size <= MAX_BURST)
    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(
        lambda self, index, size, elapsed, result, OLD: (
            result == (size * BYTE <= level_at(OLD.entries[index], elapsed, self.rate, self.burst))
        )
    )
    @ensure(
        lambda self, index, size, elapsed, result, OLD: (
            self.entries
            == OLD.entries
            | {
                index: level_at(OLD.entries[index], elapsed, self.rate, self.burst)
                - (size * BYTE if result else 0)
            }
        )
    )
    def take(self, index: int, size: int, elapsed: int) -> bool:
        """Take `size` bytes, 0 to MAX_BURST, out of a bucket if it holds as many; tell whether.

        `elapsed` is how many nanoseconds ago, 0 or more, the bucket was changed last: by `take`,
        whether it took anything or not, or by `reset`.
        A packet passes whole or not at all: one that does not is in excess and takes nothing
        (RFC 2697 §3, no excess burst).
        """
        level = filled(
            int(self.level[index]), elapsed, self.rate, self.burst * BYTE, self.fill_time
        )
        conforms = size * BYTE <= level
        self.level[index] = level - size * BYTE if conforms else level
        return conforms

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(lambda self, index, OLD: self.entries == OLD.entries | {index: self.burst * BYTE})
    def reset(self, index: int) -> None:
        """Fill a bucket to the brim, for whoever is to take out of it from now on."""
        self.level[index] = self.burst * BYTE

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch the bucket at `index`, which may be any integer."""
        prefetch(self.level, index)


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@require(lambda rate: 1 <= rate <= MAX_RATE)
@require(lambda burst: 1 <= burst <= MAX_BURST)
@ensure(lambda capacity, result: result.capacity == capacity)
@ensure(lambda rate, burst, result: result.rate == rate and result.burst == burst)
@ensure(lambda burst, result: all(level == burst * BYTE for level in result.entries.values()))
def new_token_buckets(capacity: int, rate: int, burst: int) -> TokenBuckets:
    """Return `capacity` buckets, 1 to MAX_CAPACITY, which are full.

    `rate` is in bytes per second, 1 to MAX_RATE; `burst` in bytes, 1 to MAX_BURST.
    """
    full = burst * BYTE
    fill_time = (full - 1) // rate + 1
    return TokenBuckets(rate, burst, fill_time, np.full(capacity, full, np.int64))
