"""The Internet checksum: whole (RFC 1071) and incremental (RFC 1624)."""

from __future__ import annotations

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.packet.word_sum import word_sum
from libvig.primitives import load8, load16
from libvig.types import Bytes

MAX_WORDS = 3 * 0xFFFF  # the largest sum that `updated` replaces: an address and a port


@compiled
@require(lambda total: 0 <= total < 2**32)
@ensure(lambda result: 0 <= result <= 0xFFFF)
@ensure(lambda total, result: (result - total) % 0xFFFF == 0)
@ensure(lambda total, result: (result > 0) == (total > 0))
def fold(total: int) -> int:
    """One's complement sum of the two 16-bit halves, carries folded in (RFC 1071 §1)."""
    total = (total & 0xFFFF) + (total >> 16)
    return (total & 0xFFFF) + (total >> 16)


@compiled
@require(lambda address: 0 <= address < 2**32)
def words(address: int) -> int:
    """Sum of the two 16-bit words of an address."""
    return (address >> 16) + (address & 0xFFFF)


@compiled
@require(lambda checksum: 0 <= checksum <= 0xFFFF)
@require(lambda old: 0 <= old <= MAX_WORDS)
@require(lambda new: 0 <= new <= MAX_WORDS)
@ensure(lambda result: 0 <= result <= 0xFFFF)
@ensure(lambda checksum, old, new, result: (result + new - checksum - old) % 0xFFFF == 0)
@ensure(lambda old, result: result < 0xFFFF or old == MAX_WORDS)
def updated(checksum: int, old: int, new: int) -> int:
    """The checksum after words that sum to ``old`` gave way to words that sum to ``new``.

    RFC 1624 §3, equation 3: HC' = ~(~HC + ~m + m'). One's complement negation is subtraction from
    a multiple of 0xFFFF. The result is the checksum computed anew, but 0 where only zeroes are
    left, of which that is 0xFFFF.
    """
    return 0xFFFF - fold((0xFFFF - checksum) + (MAX_WORDS - old) + new)


@compiled
@require(lambda checksum: 0 <= checksum <= 0xFFFF)
@require(lambda old: 0 <= old <= MAX_WORDS)
@require(lambda new: 0 <= new <= MAX_WORDS)
@ensure(lambda result: 0 <= result <= 0xFFFF)
@ensure(lambda checksum, result: (result == 0) == (checksum == 0))
@ensure(
    lambda checksum, old, new, result: (
        checksum == 0 or (result + new - checksum - old) % 0xFFFF == 0
    )
)
def updated_if_any(checksum: int, old: int, new: int) -> int:
    """The same for UDP, where 0 stands for no checksum.

    "An all zero transmitted checksum value means that the transmitter generated no checksum", and
    a computed zero "is transmitted as all ones" (RFC 768).
    """
    if checksum == 0:
        return 0
    changed = updated(checksum, old, new)
    return changed if changed != 0 else 0xFFFF


@compiled
@require(lambda data, start, stop: 0 <= start <= stop <= len(data))
@ensure(lambda result: 0 <= result <= 0xFFFF)
@ensure(
    lambda data, start, stop, result: (
        (0xFFFF - result) % 0xFFFF == word_sum(data, start, stop) % 0xFFFF
    )
)
@ensure(
    lambda data, start, stop, result: (
        result < 0xFFFF if word_sum(data, start, stop) > 0 else result == 0xFFFF
    )
)
def internet_checksum(data: Bytes, start: int, stop: int) -> int:
    """The checksum of bytes ``start`` to ``stop - 1``, an odd last one padded by zero (RFC 1071).

    Over a region that holds its own correct checksum the result is 0. Zero has two encodings;
    0xFFFF is the checksum of zeroes only.
    """
    total = 0
    for at in range(start, stop - 1, 2):
        total = fold(total + load16(data, at))
    if (stop - start) % 2 == 1:
        total = fold(total + load8(data, stop - 1) * 256)
    return 0xFFFF - total
