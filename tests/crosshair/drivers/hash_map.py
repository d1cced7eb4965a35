"""HashMap against a dict, with keys that collide."""

from __future__ import annotations

from typing import Any

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain

LAST, FIRST = 2**63 - 1, 2**62  # hashes: of the last slot, with all bits of a tag; of the first
WORDS = [(LAST, 0), (LAST, 1), (FIRST, 0), (FIRST | 8, 0), (LAST - 1, 0)]
"""Of keys: the first is the hash. Two agree in it, one differs from another in the tag only."""


class MapAndModel:
    def __init__(self, plain: Plain, capacity: int) -> None:
        module = plain.load("libvig.hash_map")
        module.HashMap._hash = lambda map, key: key.first  # it is right whatever the hash is
        self.keys = [module.Key(*words) for words in WORDS]
        self.map = module.new_hash_map(capacity)
        self.capacity = capacity
        self.model: dict[int, Any] = {}

    def do(self, operation: int, which: int, now: int) -> None:
        chosen([self.insert, self.insert, self.remove], operation)(which)
        assert self.map.entries == self.model
        index_of = {key: index for index, key in self.model.items()}
        for key in self.keys:
            assert self.map.find(key) == index_of.get(key, -1)
        for index, key in self.model.items():
            assert self.map.get(index) == key

    def insert(self, which: int) -> None:
        key = chosen(self.keys, which)
        free = [index for index in range(self.capacity) if index not in self.model]
        if free and key not in self.model.values():
            self.map.insert(free[-1], key)
            self.model[free[-1]] = key

    def remove(self, which: int) -> None:
        if self.model:
            index = chosen(sorted(self.model), which)
            self.map.remove(index)
            del self.model[index]


def begin(plain: Plain, size: int) -> Comparison:
    return MapAndModel(plain, chosen([3, 4, 2, 1], size))
