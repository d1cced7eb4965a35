"""Vector against a list of words."""

from __future__ import annotations

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain


class VectorAndModel:
    def __init__(self, plain: Plain, capacity: int) -> None:
        self.vector = plain.load("libvig.vector").new_vector(capacity)
        self.model = [0] * capacity

    def do(self, operation: int, which: int, now: int) -> None:
        index = chosen(range(len(self.model)), which)
        self.model[index] = now if operation == 0 else -now
        self.vector.set(index, self.model[index])
        assert self.vector.entries == dict(enumerate(self.model))
        assert [self.vector.get(index) for index in range(len(self.model))] == self.model


def begin(plain: Plain, size: int) -> Comparison:
    return VectorAndModel(plain, chosen([2, 3, 1], size))
