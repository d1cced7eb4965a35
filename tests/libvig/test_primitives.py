"""Each primitive is its one-line meaning in both worlds, and CPython refuses what has none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from libvig.compile import compiled
from libvig.compile import native as kept_native
from libvig.numba_glue import NATIVE_OPTIONS, compile_for
from libvig.primitives import (
    expect,
    expected,
    load8,
    load16,
    load32,
    multiply_fold,
    select,
    store8,
    store16,
    store32,
    window,
)
from libvig.types import I64, Bytes
from tests.libvig.native_code import body_of, calls_in

LOADS = [(load8, 1), (load16, 2), (load32, 4)]
STORES = [(store8, 1), (store16, 2), (store32, 4)]
WORDS = st.integers(0, 2**63 - 1) | st.sampled_from([0, 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1])


def bytes_of(*values: int) -> Bytes:
    return np.array(values, np.uint8)


def native(function: Callable[..., Any]) -> Any:
    return njit(**NATIVE_OPTIONS)(function)


@native
def load_all(data: Bytes, at: int) -> tuple[int, int, int]:
    return load8(data, at), load16(data, at), load32(data, at)


@native
def store_all(data: Bytes, values: I64) -> None:
    store8(data, 0, int(values[0]))
    store16(data, 1, int(values[1]))
    store32(data, 3, int(values[2]))


@native
def fold(a: int, b: int) -> int:
    return multiply_fold(a, b)


@native
def chosen(condition: bool, one: int, other: int) -> int:
    return select(condition, one, other)


@native
def written_in_a_window(data: Bytes, start: int, size: int) -> int:
    part = window(data, start, size)
    store8(part, 0, 7)
    return len(part) * 256 + load8(part, size - 1)


def test_the_first_byte_is_the_highest() -> None:
    data = bytes_of(0x12, 0x34, 0x56, 0x78, 0x9A)
    assert (load8(data, 1), load16(data, 1), load32(data, 1)) == (0x34, 0x3456, 0x3456789A)
    store32(data, 0, 0xDEADBEEF)
    assert data.tobytes().hex() == "deadbeef9a"


def test_a_load_is_a_python_integer() -> None:
    data = bytes_of(255, 255, 255, 255)
    assert all(type(load(data, 0)) is int for load, _ in LOADS)
    assert load8(data, 0) << 8 == 0xFF00  # as a uint8 it would be 0


@settings(deadline=None)  # the first call compiles
@given(st.binary(min_size=12, max_size=12), st.integers(0, 8))
def test_loads_are_the_same_in_both_worlds(content: bytes, at: int) -> None:
    data = np.frombuffer(content, np.uint8)
    expected = tuple(int.from_bytes(content[at : at + size], "big") for _, size in LOADS)
    assert tuple(load(data, at) for load, _ in LOADS) == expected
    assert load_all(data, at) == expected


@settings(deadline=None)  # the first call compiles
@given(st.tuples(*(st.integers(0, 256**size - 1) for _, size in STORES)))
def test_stores_are_the_same_in_both_worlds(values: tuple[int, ...]) -> None:
    python, compiled = np.zeros(9, np.uint8), np.zeros(9, np.uint8)
    for (store, _), at, value in zip(STORES, (0, 1, 3), values, strict=True):
        store(python, at, value)
    store_all(compiled, np.array(values, np.int64))
    expected = b"".join(
        value.to_bytes(size, "big") for (_, size), value in zip(STORES, values, strict=True)
    )
    assert python.tobytes() == compiled.tobytes() == expected + bytes(2)


def test_a_part_of_a_buffer_is_written_in_place() -> None:
    buffer = np.zeros(8, np.uint8)
    store_all(buffer[1:], np.array([1, 2, 3], np.int64))
    assert buffer.tolist() == [0, 1, 0, 2, 0, 0, 0, 3]


@pytest.mark.parametrize(("load", "size"), LOADS)
@pytest.mark.parametrize("length", [0, 1, 3, 4, 9])
def test_a_load_outside_the_bytes_is_refused(
    load: Callable[..., int], size: int, length: int
) -> None:
    data = np.zeros(length, np.uint8)
    for at in range(-length - 5, length + 5):
        if 0 <= at <= length - size:
            assert load(data, at) == 0
        else:
            with pytest.raises(IndexError):
                load(data, at)


@pytest.mark.parametrize(("store", "size"), STORES)
def test_a_store_outside_the_bytes_or_of_too_much_is_refused(
    store: Callable[..., None], size: int
) -> None:
    data = np.zeros(4, np.uint8)
    for at in (-1, -4, 5 - size, 4, 2**70):
        with pytest.raises(IndexError):
            store(data, at, 1)
    for value in (-1, 256**size, 2**64):
        with pytest.raises(OverflowError):
            store(data, 0, value)
    assert data.tolist() == [0, 0, 0, 0]
    store(data, 0, 256**size - 1)
    assert data.tolist() == [255] * size + [0] * (4 - size)


@settings(deadline=None)  # the first call compiles
@given(WORDS, WORDS)
def test_multiply_fold_is_the_same_in_both_worlds(a: int, b: int) -> None:
    high, low = divmod(a * b, 2**64)
    assert multiply_fold(a, b) == fold(a, b) == (high ^ low) % 2**63


@pytest.mark.parametrize("arguments", [(-1, 0), (0, -1), (2**63, 0), (0, 2**63)])
def test_multiply_fold_takes_63_bits(arguments: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="63 bits"):
        multiply_fold(*arguments)


@given(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
@settings(deadline=None)
def test_select_is_the_same_in_both_worlds(condition: bool, one: int, other: int) -> None:
    expected = one if condition else other
    assert select(condition, one, other) == chosen(condition, one, other) == expected


def test_a_window_is_of_the_bytes_themselves() -> None:
    for write in (written_in_a_window.py_func, written_in_a_window):
        data = np.arange(10, dtype=np.uint8)
        assert write(data, 3, 4) == 4 * 256 + 6
        assert data.tolist() == [0, 1, 2, 7, 4, 5, 6, 7, 8, 9]
        assert write(data, 9, 1) == 256 + 7


@pytest.mark.parametrize(("start", "size"), [(-1, 2), (0, 11), (10, 1), (4, -1), (2**62, 2**62)])
def test_a_window_outside_the_bytes_is_refused(start: int, size: int) -> None:
    data = np.zeros(10, np.uint8)
    with pytest.raises(IndexError):
        window(data, start, size)
    assert len(window(data, 10, 0)) == 0


@pytest.mark.parametrize("function", [load_all, store_all, fold, chosen, written_in_a_window])
def test_a_primitive_is_a_few_instructions(function: Any) -> None:
    """No call is left, and no branch, so no check of bounds."""
    arguments: dict[Any, tuple[Any, ...]] = {
        load_all: (np.zeros(9, np.uint8), 0),
        store_all: (np.zeros(9, np.uint8), np.zeros(3, np.int64)),
        fold: (1, 2),
        chosen: (True, 1, 2),
        written_in_a_window: (np.zeros(9, np.uint8), 2, 3),
    }
    function(*arguments[function])
    assert calls_in(function) == set()
    assert " br " not in body_of(function)


@compiled
def told(hint: int) -> int:
    return expected()


@compiled
def tell(hint: int) -> int:
    expect(hint)
    return told(hint)


def guess(hint: int) -> int:
    """Nobody ever expects anything."""
    return told(hint)


def tell_and_guess(hint: int) -> int:
    before = told(hint)
    return 100 * before + tell(hint)


def test_a_guess_is_what_was_told_last() -> None:
    run = kept_native(tell_and_guess)
    assert [run(hint) for hint in (3, 5, -7)] == [-100 + 3, 300 + 5, 500 - 7]
    assert kept_native(guess)(3) == -1


def test_a_guess_costs_nothing_where_nobody_tells() -> None:
    def remembers(function: Any) -> bool:
        return b"pyvigor_expectation" in compile_for(function, (3,)).code

    assert [remembers(guess), remembers(tell_and_guess)] == [False, True]
