"""The few operations that are native by hand: big-endian loads and stores, and two hashes.

Each is a Python function that says what it means, and a Numba intrinsic that does the same in a
few machine instructions. CPython refuses what would be out of bounds or would not fit; native
code does not look, because the verifier has proved that neither can happen.
"""

# Numba's extension API is typed in part, and an intrinsic is not called as it is written.
# mypy: disable-error-code="call-arg"

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

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


# SipHash, by Aumasson and Bernstein (INDOCRYPT 2012), with one round a word and three at the end,
# as the dictionaries of CPython and Rust have it.
_SIPHASH_BEGIN = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_SIPHASH_LENGTH = 16 << 56  # the last word of a message of two words: how many bytes they have
_SIPHASH_END = 0xFF
_SIPHASH_END_ROUNDS = 3
_WORD = 2**64 - 1


def siphash(first: int, second: int, key0: int, key1: int) -> int:
    """Return the lower 63 bits of SipHash-1-3 of two words of 64 bits; all have a sign."""
    words = [int(word) & _WORD for word in (first, second, key0, key1)]
    return digest(words[:2], words[2:]) % 2**63


def digest(
    words: Sequence[int], key: Sequence[int], rounds: int = 1, end_rounds: int = _SIPHASH_END_ROUNDS
) -> int:
    """Return the 64 bits of SipHash of whole words, with so many rounds a word and at the end."""
    state = [begin ^ word for begin, word in zip(_SIPHASH_BEGIN, (*key, *key), strict=True)]
    for word in (*words, (8 * len(words) & 0xFF) << 56):
        state[3] ^= word
        for _ in range(rounds):
            _round(state)
        state[0] ^= word
    state[2] ^= _SIPHASH_END
    for _ in range(end_rounds):
        _round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


# What a round does: v[a] += v[b]; v[b] = (v[b] <<< by) ^ v[a]; and v[a] <<< 32 where it is so.
_SIPHASH_STEPS = ((0, 1, 13, True), (2, 3, 16, False), (0, 3, 21, False), (2, 1, 17, True))


def _round(v: list[int]) -> None:
    for a, b, by, turns in _SIPHASH_STEPS:
        v[a] = v[a] + v[b] & _WORD
        v[b] = _rotated(v[b], by) ^ v[a]
        if turns:
            v[a] = _rotated(v[a], 32)


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 64 - by) & _WORD


INLINED: Any = {"forceinline": True, "_nrt": False, "no_cpython_wrapper": True}


def _pointer(context: Any, builder: Any, signature: Any, args: Any, bits: int) -> Any:
    """Return the address of element args[1] of array args[0], as that of a wider number."""
    array = context.make_array(signature.args[0])(context, builder, value=args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(bits).as_pointer())


def _swapped(builder: Any, value: Any, bits: int) -> Any:
    return value if bits == 8 else builder.bswap(value)


def _native_load(meaning: Callable[..., Any], bits: int) -> None:
    @intrinsic
    def load(typing: Any, data: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _pointer(context, builder, signature, args, bits)
            value = _swapped(builder, builder.load(pointer, align=1), bits)
            return builder.zext(value, ir.IntType(64))

        return types.int64(data, types.int64), generate

    @overload(meaning, jit_options=INLINED, strict=False)
    def choose(data: Any, at: Any) -> Any:
        return lambda data, at: load(data, at)  # noqa: PLW0108 (an intrinsic is no function)


def _native_store(meaning: Callable[..., Any], bits: int) -> None:
    @intrinsic
    def store(typing: Any, data: Any, at: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _pointer(context, builder, signature, args, bits)
            value = builder.trunc(args[2], ir.IntType(bits))
            builder.store(_swapped(builder, value, bits), pointer, align=1)
            return context.get_dummy_value()

        return types.void(data, types.int64, types.int64), generate

    @overload(meaning, jit_options=INLINED, strict=False)
    def choose(data: Any, at: Any, value: Any) -> Any:
        return lambda data, at, value: store(data, at, value)  # noqa: PLW0108 (as above)


@intrinsic
def _native_multiply_fold(typing: Any, a: Any, b: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide, word = ir.IntType(128), ir.IntType(64)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        high = builder.trunc(builder.lshr(product, wide(64)), word)
        return builder.and_(builder.xor(builder.trunc(product, word), high), word(2**63 - 1))

    return types.int64(types.int64, types.int64), generate


@overload(multiply_fold, jit_options=INLINED, strict=False)
def _choose_multiply_fold(a: Any, b: Any) -> Any:
    return lambda a, b: _native_multiply_fold(a, b)  # noqa: PLW0108 (as above)


@intrinsic
def _native_siphash(typing: Any, first: Any, second: Any, key0: Any, key1: Any) -> Any:
    word = ir.IntType(64)

    def rotated(builder: Any, value: Any, by: int) -> Any:
        return builder.or_(builder.shl(value, word(by)), builder.lshr(value, word(64 - by)))

    def one_round(builder: Any, v: list[Any]) -> None:
        for a, b, by, turns in _SIPHASH_STEPS:
            v[a] = builder.add(v[a], v[b])
            v[b] = builder.xor(rotated(builder, v[b], by), v[a])
            if turns:
                v[a] = rotated(builder, v[a], 32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        keys = (args[2], args[3], args[2], args[3])
        v = [builder.xor(word(begin), key) for begin, key in zip(_SIPHASH_BEGIN, keys, strict=True)]
        for message in (args[0], args[1], word(_SIPHASH_LENGTH)):
            v[3] = builder.xor(v[3], message)
            one_round(builder, v)
            v[0] = builder.xor(v[0], message)
        v[2] = builder.xor(v[2], word(_SIPHASH_END))
        for _ in range(_SIPHASH_END_ROUNDS):
            one_round(builder, v)
        result = builder.xor(builder.xor(v[0], v[1]), builder.xor(v[2], v[3]))
        return builder.and_(result, word(2**63 - 1))

    return types.int64(types.int64, types.int64, types.int64, types.int64), generate


@overload(siphash, jit_options=INLINED, strict=False)
def _choose_siphash(first: Any, second: Any, key0: Any, key1: Any) -> Callable[..., Any]:
    def native(first: Any, second: Any, key0: Any, key1: Any) -> Any:
        return _native_siphash(first, second, key0, key1)

    return native


_native_load(load8, 8)
_native_load(load16, 16)
_native_load(load32, 32)
_native_store(store8, 8)
_native_store(store16, 16)
_native_store(store32, 32)
