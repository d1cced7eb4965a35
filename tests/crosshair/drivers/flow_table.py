"""FlowTable against a dict of keys and times by index."""

from __future__ import annotations

from typing import Any

from tests.crosshair.bare import Bare
from tests.crosshair.driver import Comparison, chosen

FIELDS = [(0, 6, 1, 2, 3, 4), (0, 17, 1, 2, 3, 4), (2**15 - 1, 255, 2**32 - 1, 0, 2**32 - 1, 1)]


class TableAndModel:
    def __init__(self, bare: Bare, capacity: int) -> None:
        module = bare.load("libvig.flow_table")
        self.flow = module.Flow
        self.keys = [module.FlowKey(*fields) for fields in FIELDS]
        self.table = module.new_flow_table(capacity)
        self.capacity = capacity
        self.model: dict[int, Any] = {}

    def do(self, operation: int, which: int, now: int) -> None:
        chosen([self.add, self.touch, self.expire], operation)(which, now)
        assert self.table.entries == self.model
        index_of = {flow.key: index for index, flow in self.model.items()}
        for key in self.keys:
            assert self.table.find(key) == index_of.get(key, -1)
        for index in range(-1, self.capacity + 3):
            assert self.table.holds(index) == (index in self.model)
        for index, flow in self.model.items():
            assert self.table.get(index) == flow.key

    def add(self, which: int, now: int) -> None:
        key = chosen(self.keys, which)
        if key in [flow.key for flow in self.model.values()]:
            return
        index = self.table.add(key, now)
        if len(self.model) == self.capacity:
            assert index == -1
            return
        assert 0 <= index < self.capacity and index not in self.model
        self.model[index] = self.flow(key, now)

    def touch(self, which: int, now: int) -> None:
        if self.model:
            index = chosen(sorted(self.model), which)
            self.table.touch(index, now)
            self.model[index] = self.flow(self.model[index].key, now)

    def expire(self, limit: int, _: int) -> None:
        self.table.expire(limit)
        self.model = {i: flow for i, flow in self.model.items() if flow.time >= limit}


def begin(bare: Bare, size: int) -> Comparison:
    return TableAndModel(bare, chosen([2, 3, 1], size))
