"""TokenBuckets against a list of levels and times, counted in integers of any size."""

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
        self.model = [(self.full, 0), (self.full, 0)]

    def do(self, operation: int, which: int, now: int) -> None:
        index = 0 if which == 0 else 1
        if operation == len(SIZES):
            self.buckets.reset(index, now)
            self.model[index] = (self.full, now)
        else:
            self.take(index, chosen(SIZES, operation), now)
        assert self.buckets.entries == dict(enumerate(self.model))

    def take(self, index: int, size: int, now: int) -> None:
        level, time = self.model[index]
        level = min(self.full, level + (now - time) * self.rate)
        passes = size * BYTE <= level
        assert self.buckets.take(index, size, now) == passes
        self.model[index] = (level - size * BYTE if passes else level, now)


def begin(plain: Plain, size: int) -> Comparison:
    return BucketsAndModel(plain, *chosen(SETTINGS, size))
