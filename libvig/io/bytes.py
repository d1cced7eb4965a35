"""Unsigned integers in the byte order that a capture file chose for itself."""

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.primitives import load8, load16, load32
from libvig.types import Bytes


@compiled
@require(lambda data, at: 0 <= at <= len(data) - 2)
@ensure(lambda result: 0 <= result < 2**16)
def u16(data: Bytes, at: int, little: bool) -> int:
    """Two bytes at `at`; `little`: lowest byte first."""
    if little:
        return load8(data, at) | load8(data, at + 1) << 8
    return load16(data, at)


@compiled
@require(lambda data, at: 0 <= at <= len(data) - 4)
@ensure(lambda result: 0 <= result < 2**32)
def u32(data: Bytes, at: int, little: bool) -> int:
    """Four bytes at `at`; `little`: lowest byte first."""
    if little:
        low = load8(data, at) | load8(data, at + 1) << 8
        return low | load8(data, at + 2) << 16 | load8(data, at + 3) << 24
    return load32(data, at)
