"""A listed station: an Ethernet address and the device it is behind, in one word."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant

HALF = 2**47  # of all addresses: subtracted, so that a word has a sign and words sort by address


@compiled_class
@invariant(lambda self: 0 <= self.address < 2**48 and 0 <= self.device < 2**16)
class Station(NamedTuple):
    """What a setting of type `Stations` lists (see libvig/types.py)."""

    address: int
    device: int

    @ensure(lambda self, result: unpack_station(result) == self)
    def pack(self) -> int:
        """Return the station as one signed word; words are in the order of their addresses."""
        return (self.address - HALF) * 2**16 + self.device


@compiled
def unpack_station(word: int) -> Station:
    """Return the station that `pack` made this word of."""
    return Station((word >> 16) + HALF, word & 0xFFFF)
