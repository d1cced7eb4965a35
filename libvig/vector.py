"""Words, one for each index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, invariant, require, view
from libvig.primitives import prefetch
from libvig.types import I64

MAX_CAPACITY = 2**30


@compiled_class
@invariant(lambda self: all(index in self.entries for index in range(self.capacity)))
@invariant(lambda self: all(0 <= index < self.capacity for index in self.entries))
class Vector(NamedTuple):
    """One signed 64-bit word for each index, 0 to capacity - 1. What it means, an NF decides."""

    words: I64

    @property
    def capacity(self) -> int:
        """How many words there are."""
        return len(self.words)

    @view
    def entries(self) -> dict[int, int]:
        """Word of each index."""
        return {i: int(self.words[i]) for i in range(len(self.words))}

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(lambda self, index, result: result == self.entries[index])
    def get(self, index: int) -> int:
        """Return the word of an index."""
        return int(self.words[index])

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(lambda self, index, word, OLD: self.entries == OLD.entries | {index: word})
    def set(self, index: int, word: int) -> None:
        """Put a word, -2^63 to 2^63 - 1, in the place of that of an index."""
        self.words[index] = word

    @ensure(lambda self, OLD: self.entries == OLD.entries)
    def fetch(self, index: int) -> None:
        """Prefetch the word of `index`, which may be any integer."""
        prefetch(self.words, index)


@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)
@ensure(lambda capacity, result: result.capacity == capacity)
@ensure(lambda result: all(word == 0 for word in result.entries.values()))
def new_vector(capacity: int) -> Vector:
    """Return a vector of `capacity` words, 1 to MAX_CAPACITY, all of them 0."""
    return Vector(np.zeros(capacity, np.int64))
