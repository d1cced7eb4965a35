"""Vector against a list of records."""

from __future__ import annotations

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain


class VectorAndModel:
    def __init__(self, plain: Plain, capacity: int) -> None:
        module = plain.load("libvig.vector")
        self.record = module.Record
        self.vector = module.new_vector(capacity)
        self.model = [(0, 0)] * capacity

    def do(self, operation: int, which: int, now: int) -> None:
        index = chosen(range(len(self.model)), which)
        if operation == 0:
            self.model[index] = (now, -now)
        else:
            self.model[index] = (-now, operation % 2)
        self.vector.set(index, self.record(*self.model[index]))
        assert self.vector.entries == dict(enumerate(self.model))
        assert [self.vector.get(index) for index in range(len(self.model))] == self.model


def begin(plain: Plain, size: int) -> Comparison:
    return VectorAndModel(plain, chosen([2, 3, 1], size))
