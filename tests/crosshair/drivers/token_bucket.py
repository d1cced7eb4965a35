"""TokenBuckets against a list of levels, counted in integers of any size."""

from __future__ import annotations

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain

BYTE = 10**9  # nanobytes
MAX_BURST = 2**32 - 1
SETTINGS = [(1500, 3000), (1, 1), (2**63 - 1, MAX_BURST), (3, MAX_BURST)]  # rate, burst
SIZES = [0, 1, 1500, 3000, MAX_BURST]


class BucketsAndModel:
    def __init__(self, plain: Plain, rate: int, burst: int) -> None:
        self.buckets = plain.load("libvig.token_bucket").new_token_buckets(2, rate, burst)
        self.rate = rate
        self.full = burst * BYTE
        self.model = [self.full, self.full]
        self.changed = [0, 0]  # when each bucket was changed last

    def do(self, operation: int, which: int, now: int) -> None:
        index = 0 if which == 0 else 1
        if operation == len(SIZES):
            self.buckets.reset(index)
            self.model[index] = self.full
        else:
            self.take(index, chosen(SIZES, operation), now - self.changed[index])
        self.changed[index] = now
        assert self.buckets.entries == dict(enumerate(self.model))

    def take(self, index: int, size: int, elapsed: int) -> None:
        level = min(self.full, self.model[index] + elapsed * self.rate)
        passes = size * BYTE <= level
        assert self.buckets.take(index, size, elapsed) == passes
        self.model[index] = level - size * BYTE if passes else level


def begin(plain: Plain, size: int) -> Comparison:
    return BucketsAndModel(plain, *chosen(SETTINGS, size))
