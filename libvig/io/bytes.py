"""Unsigned integers in the byte order that a capture file chose for itself."""

from libvig.compile import compiled
from libvig.primitives import load8, load16, load32
from libvig.types import Bytes


@compiled
def u16(data: Bytes, at: int, little: bool) -> int:
    """Two bytes at `at`; `little`: lowest byte first. Needs at + 2 <= len(data)."""
    if little:
        return load8(data, at) | load8(data, at + 1) << 8
    return load16(data, at)


@compiled
def u32(data: Bytes, at: int, little: bool) -> int:
    """Four bytes at `at`; `little`: lowest byte first. Needs at + 4 <= len(data)."""
    if little:
        low = load8(data, at) | load8(data, at + 1) << 8
        return low | load8(data, at + 2) << 16 | load8(data, at + 3) << 24
    return load32(data, at)
