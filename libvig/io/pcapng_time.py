"""Time stamps of pcapng in nanoseconds, exactly, within signed 64-bit integers.

A stamp is an unsigned 64-bit count, given as two halves, of a unit that may be any power of ten
or of two (draft-ietf-opsawg-pcapng, if_tsresol). Fractions of a nanosecond are dropped, and what
lies outside 0..MAX_TIME is moved to its nearer end.
"""

from libvig.compile import compiled
from libvig.types import MAX_TIME

SECOND = 1_000_000_000
OFFSET_LIMIT = MAX_TIME // SECOND
"""The greatest offset, in seconds, that leaves sums within 64 bits."""


@compiled
def nanoseconds(high: int, low: int, resolution: int, offset: int) -> int:
    """The time of the stamp high * 2**32 + low, both halves 0..2**32-1.

    `resolution`, 0..255: k < 128 means a unit of 10**-k s, 128 + k means 2**-k s; `offset` is in
    seconds, -OFFSET_LIMIT..OFFSET_LIMIT.
    """
    if resolution >= 128:
        time = binary(high, low, resolution - 128)
    else:
        time = decimal(high, low, resolution)
    time += offset * SECOND
    if time < 0:
        return 0
    if time > MAX_TIME:
        return MAX_TIME
    return time


@compiled
def decimal(high: int, low: int, digits: int) -> int:
    """The nanoseconds in high * 2**32 + low units of 10**-digits s, at most MAX_TIME."""
    # Dividing digit by digit rounds down exactly as one division would.
    while digits > 9:
        low = (high % 10 << 32 | low) // 10
        high = high // 10
        digits -= 1
    if high >= 2**30:
        return MAX_TIME
    factor = 1
    while digits < 9:
        factor *= 10
        digits += 1
    ticks = high << 32 | low
    if ticks > MAX_TIME // factor:
        return MAX_TIME
    return ticks * factor


@compiled
def binary(high: int, low: int, bits: int) -> int:
    """The nanoseconds in high * 2**32 + low units of 2**-bits s, at most MAX_TIME."""
    if bits >= 32:
        shift = min(bits - 32, 63)
        time = high * SECOND + (low * SECOND >> 32) >> shift
    elif high >> bits + 1 > 0:
        return MAX_TIME
    else:
        seconds = (high << 32 - bits) | (low >> bits)
        if seconds > OFFSET_LIMIT:
            return MAX_TIME
        fraction = low & ((1 << bits) - 1)
        time = seconds * SECOND + (fraction * SECOND >> bits)
    if time > MAX_TIME:
        return MAX_TIME
    return time


@compiled
def signed_seconds(high: int, low: int) -> int:
    """The signed number with the two halves given, moved into -OFFSET_LIMIT..OFFSET_LIMIT."""
    if high >= 2**31:
        high -= 2**32
    # OFFSET_LIMIT lies between 2**32 and 2**33.
    if high >= 2:
        return OFFSET_LIMIT
    if high < -2:
        return -OFFSET_LIMIT
    seconds = high * 2**32 + low
    if seconds > OFFSET_LIMIT:
        return OFFSET_LIMIT
    if seconds < -OFFSET_LIMIT:
        return -OFFSET_LIMIT
    return seconds
