"""Time stamps: exact in every unit, which Python's big integers confirm."""

from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from libvig.compile import native
from libvig.io.pcapng_time import OFFSET_LIMIT, nanoseconds, signed_seconds
from libvig.types import MAX_TIME

native_nanoseconds = native(nanoseconds)
native_signed_seconds = native(signed_seconds)

ticks = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1).map(lambda n: n >> 20))


@settings(max_examples=1000, deadline=None)
@given(ticks, st.integers(0, 255), st.integers(-OFFSET_LIMIT, OFFSET_LIMIT))
@example(2**64 - 1, 0, OFFSET_LIMIT)
@example(2**64 - 1, 9, -OFFSET_LIMIT)
@example(2**64 - 1, 128, 0)
@example(2**64 - 1, 128 + 31, 0)
@example(2**64 - 1, 128 + 32, 0)
@example(MAX_TIME, 9, 0)
@example(MAX_TIME + 1, 9, 0)
def test_stamps_become_nanoseconds_rounded_down(stamp: int, resolution: int, offset: int) -> None:
    high, low = stamp >> 32, stamp & (2**32 - 1)
    unit = Fraction(1, 2 ** (resolution - 128) if resolution >= 128 else 10**resolution)
    unlimited = int(stamp * unit * 10**9)
    expected = min(max(min(unlimited, MAX_TIME) + offset * 10**9, 0), MAX_TIME)
    assert nanoseconds(high, low, resolution, offset) == expected
    assert native_nanoseconds(high, low, resolution, offset) == expected


@given(st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**34), 2**34)))
def test_seconds_are_signed_and_limited(seconds: int) -> None:
    unsigned = seconds % 2**64
    halves = unsigned >> 32, unsigned & (2**32 - 1)
    expected = min(max(seconds, -OFFSET_LIMIT), OFFSET_LIMIT)
    assert signed_seconds(*halves) == expected
    assert native_signed_seconds(*halves) == expected
