"""The few operations that are native by hand: big-endian loads and stores, and a hash.

Each is a Python function that says what it means; libvig/native_primitives.py does the same in a
few machine instructions. CPython refuses what would be out of bounds or would not fit; native
code does not look, because the verifier has proved that neither can happen.
"""

import numpy as np

from libvig.types import Bytes


def _outside(data: Bytes, at: int, size: int) -> IndexError:
    return IndexError(f"bytes {at} to {at + size - 1} of {len(data)}")


def load8(data: Bytes, at: int) -> int:
    """Return the byte at `at`."""
    if not 0 <= at < len(data):
        raise _outside(data, at, 1)
    value: int = data.item(at)
    return value


def load16(data: Bytes, at: int) -> int:
    """Return the two bytes from `at` as a number, the first byte highest."""
    if not 0 <= at < len(data) - 1:
        raise _outside(data, at, 2)
    byte = data.item
    value: int = byte(at) << 8 | byte(at + 1)
    return value


def load32(data: Bytes, at: int) -> int:
    """Return the four bytes from `at` as a number, the first byte highest."""
    if not 0 <= at < len(data) - 3:
        raise _outside(data, at, 4)
    byte = data.item
    value: int = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3)
    return value


def store8(data: Bytes, at: int, value: int) -> None:
    """Write `value`, 0 to 2**8 - 1, at `at`."""
    _store(data, at, value, 1)


def store16(data: Bytes, at: int, value: int) -> None:
    """Write `value`, 0 to 2**16 - 1, from `at` on, its highest byte first."""
    _store(data, at, value, 2)


def store32(data: Bytes, at: int, value: int) -> None:
    """Write `value`, 0 to 2**32 - 1, from `at` on, its highest byte first."""
    _store(data, at, value, 4)


def _store(data: Bytes, at: int, value: int, size: int) -> None:
    if not 0 <= at <= len(data) - size:
        raise _outside(data, at, size)
    data[at : at + size] = np.frombuffer(int(value).to_bytes(size, "big"), np.uint8)


def multiply_fold(a: int, b: int) -> int:
    """Return 63 well mixed bits of two factors, each 0 to 2**63 - 1: a step of a hash.

    The two halves of the 126-bit product, one xor the other (the "mum" of wyhash).
    """
    if not (0 <= a < 2**63 and 0 <= b < 2**63):
        raise ValueError(f"not two numbers of 63 bits: {a}, {b}")
    product = int(a) * int(b)
    return (product ^ product >> 64) & 2**63 - 1
