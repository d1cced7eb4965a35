"""KeyTable against a dict of keys and times by index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain

WORDS = [(0, 1), (1, 1), (2**63 - 1, 2**63 - 1)]


class TableAndModel:
    """A table of keys, or of flows, which has the same operations but for `time_of`."""

    def __init__(self, new: Callable[[int], Any], entry: Any, keys: list[Any], size: int) -> None:
        capacity = chosen([2, 3, 1], size)
        self.entry = entry
        self.keys = keys
        self.table = new(capacity)
        self.capacity = capacity
        self.model: dict[int, Any] = {}

    def do(self, operation: int, which: int, now: int) -> None:
        chosen([self.add, self.touch, self.expire], operation)(which, now)
        assert self.table.entries == self.model
        index_of = {entry.key: index for index, entry in self.model.items()}
        for key in self.keys:
            assert self.table.find(key) == index_of.get(key, -1)
        for index in range(-1, self.capacity + 3):
            assert self.table.holds(index) == (index in self.model)
        for index, entry in self.model.items():
            assert self.table.get(index) == entry.key

    def add(self, which: int, now: int) -> None:
        key = chosen(self.keys, which)
        if key in [entry.key for entry in self.model.values()]:
            return
        index = self.table.add(key, now)
        if len(self.model) == self.capacity:
            assert index == -1
            return
        assert 0 <= index < self.capacity and index not in self.model
        self.model[index] = self.entry(key, now)

    def touch(self, which: int, now: int) -> None:
        if self.model:
            index = chosen(sorted(self.model), which)
            self.table.touch(index, now)
            self.model[index] = self.entry(self.model[index].key, now)

    def expire(self, limit: int, _: int) -> None:
        if not -(2**63) <= limit < 2**63:  # no number of native code
            return
        self.table.expire(limit)
        self.model = {i: entry for i, entry in self.model.items() if entry.time >= limit}


class KeyTableAndModel(TableAndModel):
    def do(self, operation: int, which: int, now: int) -> None:
        super().do(operation, which, now)
        for index, entry in self.model.items():
            assert self.table.time_of(index) == entry.time


def begin(plain: Plain, size: int) -> Comparison:
    module = plain.load("libvig.key_table")
    keys = [module.Key(*words) for words in WORDS]
    return KeyTableAndModel(module.new_key_table, module.Entry, keys, size)
