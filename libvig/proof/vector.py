"""The first words and the second words are two columns of one table.

The columns are equally long, so an index that is within one is within the other.
"""

from __future__ import annotations

from libvig.proof.notation import about, always
from libvig.vector import Vector


@about
class Columns(Vector):
    """A vector as the two columns of a table."""

    @always
    def columns_are_equally_long(self) -> bool:
        return len(self.second) == len(self.first)
