"""What the contract of a vector is good for.

There is one word in memory for each index, so the vector itself needs no proof. From its contract
alone it follows that it keeps what it is given, for each index apart.
"""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.vector import MAX_CAPACITY, Vector, new_vector


@require(lambda capacity, index: 0 <= index < capacity <= MAX_CAPACITY)
@ensure(lambda result: result)
def every_index_begins_with_zero(capacity: int, index: int) -> bool:
    """There is a vector of any capacity, and every index of it has a word."""
    vector = new_vector(capacity)
    return vector.capacity == capacity and vector.get(index) == 0


@ensure(
    lambda vector, index, result: result == (0 <= index < vector.capacity),
)
def has_word(vector: Vector, index: int) -> bool:
    """The indices with a word are those within the capacity."""
    return index in vector.entries


@require(lambda vector, index: 0 <= index < vector.capacity)
@require(lambda vector, other: 0 <= other < vector.capacity)
@ensure(lambda result: result)
def what_is_set_is_got(vector: Vector, index: int, word: int, other: int) -> bool:
    """A word stays as it is until it is set."""
    before = vector.get(other)
    vector.set(index, word)
    return vector.get(other) == (word if other == index else before)
