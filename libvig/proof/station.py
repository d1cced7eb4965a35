"""A word is a number with two digits, the address and then the device: it compares as they do.

The device is less than its digit can be, so no two stations have the same word.
"""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.station import Station


@require(lambda station, other: station.address < other.address)
@ensure(lambda result: result)
def words_are_in_order_of_addresses(station: Station, other: Station) -> bool:
    return station.pack() < other.pack()


@ensure(lambda station, other, result: result == (station == other))
def have_the_same_word(station: Station, other: Station) -> bool:
    """Two stations are packed into the same word if they are the same station, and only then."""
    return station.pack() == other.pack()
