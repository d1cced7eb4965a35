"""Time stamps of pcapng in nanoseconds, exactly, within signed 64-bit integers.

A stamp is an unsigned 64-bit count, given as two halves, of a unit that may be any power of ten
or of two (draft-ietf-opsawg-pcapng, if_tsresol). Fractions of a nanosecond are dropped, and what
lies outside 0..MAX_TIME is moved to its nearer end.
"""

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.types import MAX_TIME

SECOND = 1_000_000_000
LAST_SECOND = 4_611_686_018
"""MAX_TIME in seconds; it lies between 2**32 and 2**33."""


@compiled
@require(lambda high: 0 <= high < 2**32)
@require(lambda low: 0 <= low < 2**32)
@require(lambda resolution: 0 <= resolution <= 255)
@ensure(lambda result: 0 <= result <= MAX_TIME)
def nanoseconds(high: int, low: int, resolution: int, offset: int) -> int:
    """The time of the stamp high * 2**32 + low.

    `resolution`: k < 128 means a unit of 10**-k s, 128 + k means 2**-k s; `offset` is in seconds.
    """
    if resolution >= 128:
        time = binary(high, low, resolution - 128)
    else:
        time = decimal(high, low, resolution)
    time += max(min(offset, LAST_SECOND), -LAST_SECOND) * SECOND
    return max(min(time, MAX_TIME), 0)


@compiled
@require(lambda high: 0 <= high < 2**32)
@require(lambda low: 0 <= low < 2**32)
@require(lambda digits: 0 <= digits < 128)
@ensure(lambda result: 0 <= result <= MAX_TIME)
def decimal(high: int, low: int, digits: int) -> int:
    """The nanoseconds in high * 2**32 + low units of 10**-digits s, at most MAX_TIME."""
    # Dividing digit by digit rounds down exactly as one division would.
    while digits > 9:
        low = (high % 10 * 2**32 + low) // 10
        high = high // 10
        digits -= 1
    if high >= 2**30:
        return MAX_TIME
    time = high * 2**32 + low
    while digits < 9:
        if time > MAX_TIME // 10:
            return MAX_TIME
        time *= 10
        digits += 1
    return time


@compiled
@require(lambda high: 0 <= high < 2**32)
@require(lambda low: 0 <= low < 2**32)
@require(lambda bits: 0 <= bits < 128)
@ensure(lambda result: 0 <= result <= MAX_TIME)
def binary(high: int, low: int, bits: int) -> int:
    """The nanoseconds in high * 2**32 + low units of 2**-bits s, at most MAX_TIME."""
    # In units of 2**-32 s, `high` is whole seconds.
    while bits < 32:
        if high > LAST_SECOND:
            return MAX_TIME
        high = high * 2 + (low >> 31)
        low = low * 2 & 0xFFFFFFFF
        bits += 1
    if high > LAST_SECOND:
        return MAX_TIME
    time = min(high * SECOND + (low * SECOND >> 32), MAX_TIME)
    while bits > 32:
        time = time >> 1
        bits -= 1
    return time


@compiled
@require(lambda high: 0 <= high < 2**32)
@require(lambda low: 0 <= low < 2**32)
@ensure(lambda high, result: result // 2**32 == (high if high < 2**31 else high - 2**32))
@ensure(lambda low, result: result % 2**32 == low)
def signed(high: int, low: int) -> int:
    """The signed 64-bit number with the two halves given."""
    if high >= 2**31:
        high -= 2**32
    return high * 2**32 + low
