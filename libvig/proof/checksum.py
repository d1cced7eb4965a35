"""A running sum is folded at every step, so it stays one 16-bit word however long the data is."""

from __future__ import annotations

from libvig.packet.checksum import internet_checksum
from libvig.proof.notation import loop


@loop(internet_checksum)
def sum_is_one_word(total: int) -> bool:
    return 0 <= total <= 0xFFFF
