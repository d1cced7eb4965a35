"""Bytes are copied word by word, then one by one, as many as both arrays are known to hold."""

from __future__ import annotations

from libvig.io.bytes import copy
from libvig.proof.notation import loop


@loop(copy)
def words_to_copy(i: int, words: int, length: int) -> bool:
    return i <= words and 4 * words <= length


@loop(copy, 1)
def bytes_to_copy(j: int, length: int) -> bool:
    return 0 <= j <= length
