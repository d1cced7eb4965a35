"""Records of two words, one an index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, invariant, require, view
from libvig.primitives import prefetch
from libvig.rows import in_rows
from libvig.types import I64

MAX_CAPACITY = 2**30


class Record(NamedTuple):
    """Two signed 64-bit words; an NF packs into them what it knows."""

    first: int
    second: int


@compiled_class
@invariant(lambda self: all(index in self.entries for index in range(self.capacity)))
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
class Vector(NamedTuple):
    """One record for each index, 0 to capacity - 1."""

    first: I64
    second: I64

    @property
    def capacity(self) -> int:
        """How many records there are."""
        return len(self.first)

    @view
    def entries(self) -> dict[int, Record]:
        """Record of each index."""
        return {i: Record(int(self.first[i]), int(self.second[i])) for i in range(len(self.first))}

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> Record:
        """Return the record of an index."""
        return Record(int(self.first[index]), int(self.second[index]))

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(lambda self, index, record, OLD: self.entries == OLD.entries | {index: record})
    def set(self, index: int, record: Record) -> None:
        """Put a record in the place of that of an index."""
        self.first[index] = record.first
        self.second[index] = record.second

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch the record of `index`, which may be any integer."""
        prefetch(self.first, index)  # beside which the second is


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda capacity, result: result.capacity == capacity)
@ensure(lambda capacity, result: result.entries == {i: Record(0, 0) for i in range(capacity)})
@in_rows("first", "second")
def new_vector(capacity: int) -> Vector:
    """Return a vector of `capacity` records, 1 to MAX_CAPACITY, all of zeros."""
    return Vector(np.zeros(capacity, np.int64), np.zeros(capacity, np.int64))
