"""What a checksum is a checksum of: a word of contracts and specs, which the verifier knows."""

from __future__ import annotations

from libvig.types import Bytes


def word_sum(data: Bytes, start: int, stop: int) -> int:
    """Sum of the big-endian 16-bit words of bytes ``start`` to ``stop - 1``.

    An odd last byte counts as the high half of a word (RFC 1071 §1).
    """
    total = 0
    for at in range(start, stop):
        total += int(data[at]) * (256 if (at - start) % 2 == 0 else 1)
    return total
