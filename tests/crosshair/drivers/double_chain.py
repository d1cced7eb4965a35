"""DoubleChain against a list of indices and times, oldest first."""

from __future__ import annotations

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain


class ChainAndModel:
    def __init__(self, plain: Plain, capacity: int) -> None:
        self.chain = plain.load("libvig.double_chain").new_double_chain(capacity)
        self.capacity = capacity
        self.model: list[tuple[int, int]] = []

    def do(self, operation: int, which: int, now: int) -> None:
        chosen([self.allocate, self.touch, self.release, self.look], operation)(which, now)
        assert self.chain.entries == dict(self.model)
        for index in range(-1, self.capacity + 3):
            assert self.chain.is_allocated(index) == (index in dict(self.model))

    def allocate(self, _: int, now: int) -> None:
        index = self.chain.allocate(now)
        if len(self.model) == self.capacity:
            assert index == -1
            return
        assert 0 <= index < self.capacity and index not in dict(self.model)
        self.model.append((index, now))

    def touch(self, which: int, now: int) -> None:
        if self.model:
            index, time = chosen(self.model, which)
            self.chain.touch(index, now)
            if time != now:  # else it stays where it is, among those that were used at one time
                self.model.remove((index, time))
                self.model.append((index, now))

    def release(self, which: int, _: int) -> None:
        if self.model:
            index, time = chosen(self.model, which)
            self.chain.release(index)
            self.model.remove((index, time))

    def look(self, limit: int, _: int) -> None:
        is_old = self.model and self.model[0][1] < limit
        assert self.chain.oldest_before(limit) == (self.model[0][0] if is_old else -1)


def begin(plain: Plain, size: int) -> Comparison:
    return ChainAndModel(plain, chosen([2, 3, 1], size))
