"""The first words and the second words are two columns of one table.

The columns are equally long, so an index that is within one is within the other. What that is good
for is said by the theorems: from its contract alone it follows that a vector keeps what it is
given, for each index apart.
"""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.proof.notation import about, always
from libvig.vector import MAX_CAPACITY, Record, Vector, new_vector


@about
class Columns(Vector):
    """A vector as the two columns of a table."""

    @always
    def columns_are_equally_long(self) -> bool:
        return len(self.second) == len(self.first)


@require(lambda capacity, index: 0 <= index < capacity <= MAX_CAPACITY)
@ensure(lambda result: result)
def every_index_begins_with_zeros(capacity: int, index: int) -> bool:
    """There is a vector of any capacity, and every index of it has a record."""
    vector = new_vector(capacity)
    return vector.capacity == capacity and vector.get(index) == Record(0, 0)


@ensure(
    lambda vector, index, result: result == (0 <= index < vector.capacity),
)
def has_record(vector: Vector, index: int) -> bool:
    """The indices with a record are those within the capacity."""
    return index in vector.entries


@require(lambda vector, index: 0 <= index < vector.capacity)
@require(lambda vector, other: 0 <= other < vector.capacity)
@ensure(lambda result: result)
def what_is_set_is_got(vector: Vector, index: int, record: Record, other: int) -> bool:
    """A record stays as it is until it is set."""
    before = vector.get(other)
    vector.set(index, record)
    return vector.get(other) == (record if other == index else before)
