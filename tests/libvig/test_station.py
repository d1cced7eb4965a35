"""A station in one word: what is packed is unpacked, in the order of the addresses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from libvig.station import Station, unpack_station

STATIONS = st.builds(Station, address=st.integers(0, 2**48 - 1), device=st.integers(0, 2**16 - 1))


@given(STATIONS)
def test_what_is_packed_is_unpacked(station: Station) -> None:
    word = station.pack()
    assert -(2**63) <= word < 2**63
    assert unpack_station(word) == station


@given(STATIONS, STATIONS)
def test_words_are_in_the_order_of_the_addresses(one: Station, other: Station) -> None:
    assert (one.pack() < other.pack()) == (one < other)
