"""The few operations that are native by hand: loads and stores, hashes, prefetches and guesses.

Each is a Python function that says what it means; libvig/native_primitives.py does the same in a
few machine instructions. CPython refuses what would be out of bounds or would not fit; native
code does not look, because the verifier has proved that neither can happen.
"""

import numpy as np

from libvig.aes import cipher
from libvig.native_call import has_aes
from libvig.siphash import digest
from libvig.types import I32, I64, Bytes


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


def window(data: Bytes, start: int, size: int) -> Bytes:
    """Return the bytes start .. start + size - 1, which are written in place."""
    if not 0 <= start <= start + size <= len(data):
        raise _outside(data, start, size)
    return data[start : start + size]


def prefetch(array: I32 | I64 | Bytes, index: int) -> None:
    """Ask for an element before it is needed. It changes nothing: `index` may be any integer."""


_expectation = [-1]


def expect(hint: int) -> None:
    """Tell what the next searches are likely to find, for `expected`; -1 if that is not known."""
    _expectation[0] = hint


def expected() -> int:
    """Return what `expect` was told last, a guess: to the verifier, any integer."""
    return _expectation[0]


def select(condition: bool, one: int, other: int) -> int:
    """Return one number if the condition holds, else the other: both are there, none is jumped to.

    For conditions that a processor cannot foretell. To guess wrong takes it as long as twenty or
    more operations do.
    """
    return one if condition else other


def multiply_fold(a: int, b: int) -> int:
    """Return 63 well mixed bits of two factors, each 0 to 2**63 - 1: a step of a hash.

    The two halves of the 126-bit product, one xor the other (the "mum" of wyhash).
    """
    if not (0 <= a < 2**63 and 0 <= b < 2**63):
        raise ValueError(f"not two numbers of 63 bits: {a}, {b}")
    product = int(a) * int(b)
    return (product ^ product >> 64) & 2**63 - 1


def keyed_hash(first: int, second: int, key0: int, key1: int) -> int:
    """Return 63 bits of two words of 64 bits, which nobody can foretell without the key's two.

    AES-128 of the words as one block; or SipHash-1-3, where the processor is not x86-64 with
    AES-NI. All words have a sign.
    """
    words = [int(word) & 2**64 - 1 for word in (first, second, key0, key1)]
    if has_aes():
        hash = cipher(words[0] | words[1] << 64, words[2] | words[3] << 64)
    else:
        hash = digest(words[:2], words[2:])
    return hash & 2**63 - 1
