"""Time stamps: exact in every unit, which Python's big integers confirm."""

import inspect
from fractions import Fraction

import icontract
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from libvig.compile import native
from libvig.io.pcapng_time import LAST_SECOND, nanoseconds, signed
from libvig.types import MAX_TIME

native_nanoseconds = native(inspect.unwrap(nanoseconds))
native_signed = native(inspect.unwrap(signed))

ticks = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1).map(lambda n: n >> 20))
offsets = st.one_of(
    st.integers(-LAST_SECOND, LAST_SECOND), st.integers(-(2**63), 2**63 - 1), st.integers(-9, 9)
)


@settings(max_examples=1000, deadline=None)
@given(ticks, st.integers(0, 255), offsets)
@example(2**64 - 1, 0, LAST_SECOND)
@example(2**64 - 1, 9, -LAST_SECOND)
@example(0, 9, 2**63 - 1)
@example(2**64 - 1, 9, -(2**63))
@example(2**64 - 1, 128, 0)
@example(2**64 - 1, 128 + 31, 0)
@example(2**64 - 1, 128 + 32, 0)
@example(MAX_TIME, 9, 0)
@example(MAX_TIME + 1, 9, 0)
def test_stamps_become_nanoseconds_rounded_down(stamp: int, resolution: int, offset: int) -> None:
    high, low = stamp >> 32, stamp & (2**32 - 1)
    unit = Fraction(1, 2 ** (resolution - 128) if resolution >= 128 else 10**resolution)
    unlimited = int(stamp * unit * 10**9)
    seconds = min(max(offset, -LAST_SECOND), LAST_SECOND)
    expected = min(max(min(unlimited, MAX_TIME) + seconds * 10**9, 0), MAX_TIME)
    assert nanoseconds(high, low, resolution, offset) == expected
    assert native_nanoseconds(high, low, resolution, offset) == expected


@given(st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**34), 2**34)))
def test_two_halves_are_one_signed_number(number: int) -> None:
    unsigned = number % 2**64
    halves = unsigned >> 32, unsigned & (2**32 - 1)
    assert signed(*halves) == number
    assert native_signed(*halves) == number


def test_the_last_second_is_that_of_the_last_time() -> None:
    assert LAST_SECOND == MAX_TIME // 10**9


@pytest.mark.parametrize("stamp", [(-1, 0, 9), (2**32, 0, 9), (0, -1, 9), (0, 2**32, 9)])
def test_halves_of_more_than_32_bits_are_refused(stamp: tuple[int, int, int]) -> None:
    with pytest.raises(icontract.ViolationError):
        nanoseconds(*stamp, 0)


@pytest.mark.parametrize("resolution", [-1, 256])
def test_a_unit_of_more_than_a_byte_is_refused(resolution: int) -> None:
    with pytest.raises(icontract.ViolationError):
        nanoseconds(0, 0, resolution, 0)
