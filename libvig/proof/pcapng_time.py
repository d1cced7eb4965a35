"""A stamp stays two halves of 32 bits while its unit is brought to a second or a nanosecond.

Each turn moves the unit by one digit or one bit, so it ends when the unit is there; and a number
that would outgrow MAX_TIME is noticed before it is multiplied.
"""

from __future__ import annotations

from libvig.io.pcapng_time import LAST_SECOND, binary, decimal
from libvig.proof.notation import decreases, loop
from libvig.types import MAX_TIME


@loop(decimal)
def two_halves(high: int, low: int) -> bool:
    return 0 <= high < 2**32 and 0 <= low < 2**32


@decreases(decimal)
def digits_to_divide_by(digits: int) -> int:
    return digits - 9


@loop(decimal, 1)
def is_a_time(time: int) -> bool:
    return 0 <= time <= MAX_TIME


@decreases(decimal, 1)
def digits_to_multiply_by(digits: int) -> int:
    return 9 - digits


@loop(binary)
def seconds_and_fraction(high: int, low: int) -> bool:
    return 0 <= high <= 2 * LAST_SECOND + 1 and 0 <= low < 2**32


@decreases(binary)
def bits_to_shift_left(bits: int) -> int:
    return 32 - bits


@loop(binary, 1)
def is_a_time_still(time: int) -> bool:
    return 0 <= time <= MAX_TIME


@decreases(binary, 1)
def bits_to_shift_right(bits: int) -> int:
    return bits - 32
