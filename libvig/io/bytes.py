"""Unsigned integers in the byte order that a capture file chose for itself, and plain bytes."""

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.primitives import load8, load16, load32, store8, store32
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


@compiled
@require(lambda data, at: 0 <= at <= len(data) - 4)
@require(lambda value: 0 <= value < 2**32)
def put_u32(data: Bytes, at: int, value: int, little: bool) -> None:
    """Write four bytes at `at`; `little`: lowest byte first."""
    if little:
        store8(data, at, value & 0xFF)
        store8(data, at + 1, value >> 8 & 0xFF)
        store8(data, at + 2, value >> 16 & 0xFF)
        store8(data, at + 3, value >> 24)
    else:
        store32(data, at, value)


@compiled
@require(lambda length: length >= 0)
@require(lambda into, at, length: 0 <= at <= len(into) - length)
@require(lambda data, start, length: 0 <= start <= len(data) - length)
def copy(into: Bytes, at: int, data: Bytes, start: int, length: int) -> None:
    """Write `length` bytes of `data` from `start` on into another array, from `at` on."""
    words = length // 4
    for i in range(words):
        store32(into, at + 4 * i, load32(data, start + 4 * i))
    for j in range(4 * words, length):
        store8(into, at + j, load8(data, start + j))
