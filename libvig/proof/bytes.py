"""Bytes are copied one by one, as many as both arrays are known to hold."""

from __future__ import annotations

from libvig.io.bytes import copy
from libvig.proof.notation import loop


@loop(copy)
def bytes_to_copy(i: int, length: int) -> bool:
    return i <= length
