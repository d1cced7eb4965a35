"""The Internet checksum: the examples of the RFCs, and the update against the whole."""

import icontract
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scapy.utils import checksum as scapy_checksum

from libvig.packet.checksum import (
    MAX_WORDS,
    fold,
    internet_checksum,
    updated,
    updated_if_any,
    words,
)
from libvig.primitives import load16, store16
from libvig.types import I64, Bytes
from tests.libvig.native_code import assert_same_in_both_worlds
from tests.packets import ADDRESSES


def data_of(content: bytes) -> Bytes:
    return np.frombuffer(content, np.uint8)


def test_example_of_rfc_1071() -> None:
    """§3: the words 0001, f203, f4f5, f6f7 sum to 2ddf0, carries folded in: ddf2."""
    data = data_of(bytes.fromhex("0001 f203 f4f5 f6f7"))
    assert sum((0x0001, 0xF203, 0xF4F5, 0xF6F7)) == 0x2DDF0
    assert fold(0x2DDF0) == 0xDDF2
    assert internet_checksum(data, 0, 8) == 0xFFFF - 0xDDF2 == 0x220D


def test_example_of_rfc_1624() -> None:
    """§4: HC = DD2F, m = 5555 becomes m' = 3285, and the checksum is 0000, not FFFF."""
    assert updated(0xDD2F, 0x5555, 0x3285) == 0x0000


@pytest.mark.parametrize(
    ("total", "folded"),
    [(0, 0), (0xFFFF, 0xFFFF), (0x10000, 1), (0x1FFFF, 1), (0xFFFFFFFF, 0xFFFF)],
)
def test_carries_are_folded_in(total: int, folded: int) -> None:
    assert fold(total) == folded


def test_words_of_an_address() -> None:
    assert words(0x12345678) == 0x1234 + 0x5678
    assert words(0xFFFFFFFF) == 2 * 0xFFFF


def test_an_odd_last_byte_is_the_high_half_of_a_word() -> None:
    assert internet_checksum(data_of(b"\x01\x02\x03"), 0, 3) == 0xFFFF - 0x0102 - 0x0300
    assert internet_checksum(data_of(b"\x03"), 0, 1) == 0xFFFF - 0x0300


def test_a_region_is_not_left() -> None:
    data = data_of(bytes.fromhex("ff 01 02 ff ff"))
    assert internet_checksum(data, 1, 3) == 0xFFFF - 0x0102
    assert internet_checksum(data, 2, 2) == 0xFFFF


@given(st.binary(max_size=40), st.integers(0, 3))
def test_scapy_computes_the_same(content: bytes, before: int) -> None:
    data = data_of(bytes(before) + content)
    assert internet_checksum(data, before, len(data)) == scapy_checksum(content)


@given(st.binary(min_size=2, max_size=41), st.data())
def test_a_region_with_its_own_checksum_has_the_checksum_zero(
    content: bytes, draw: st.DataObject
) -> None:
    data = data_of(content).copy()
    at = 2 * draw.draw(st.integers(0, len(data) // 2 - 1))
    data[at : at + 2] = 0
    data[at : at + 2] = list(scapy_checksum(data.tobytes()).to_bytes(2, "big"))
    assert internet_checksum(data, 0, len(data)) == 0


CHANGES = st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)), max_size=3)


@given(st.binary(max_size=20), st.integers(1, 0xFFFF), CHANGES)
@example(b"", 1, [(0xFFFF, 0)] * 3)
@example(b"", 0xFFFF, [(0, 0xFFFF)] * 3)
def test_the_update_is_the_checksum_computed_anew(
    content: bytes, unchanged: int, changes: list[tuple[int, int]]
) -> None:
    """Where not all words are zero, as in every header: there 0000 and FFFF are two encodings."""
    covered = content + bytes(len(content) % 2) + unchanged.to_bytes(2, "big")
    before = covered + b"".join(old.to_bytes(2, "big") for old, _ in changes)
    after = covered + b"".join(new.to_bytes(2, "big") for _, new in changes)
    assert updated(
        internet_checksum(data_of(before), 0, len(before)),
        sum(old for old, _ in changes),
        sum(new for _, new in changes),
    ) == internet_checksum(data_of(after), 0, len(after))


@given(st.binary(max_size=20), st.data())
@example(b"", None)
def test_where_only_zeroes_are_left_zero_is_encoded_in_the_other_way(
    content: bytes, draw: st.DataObject | None
) -> None:
    """RFC 1624 gives 0000 there, RFC 1071 FFFF; all else is the same."""
    data = data_of(content + bytes(2)).copy()
    at = 2 * draw.draw(st.integers(0, len(content) // 2)) if draw else 0
    old, new = load16(data, at), draw.draw(st.sampled_from([0, 1, 0xFFFF])) if draw else 0
    before = internet_checksum(data, 0, len(data))
    store16(data, at, new)
    after = internet_checksum(data, 0, len(data))
    assert updated(before, old, new) == after % 0xFFFF
    assert (after == 0xFFFF) == (not data.any())


@given(ADDRESSES, ADDRESSES, st.integers(0, 0xFFFF))
def test_an_update_can_be_taken_back(old: int, new: int, checksum: int) -> None:
    there = updated(checksum, words(old), words(new))
    back = updated(there, words(new), words(old))
    assert (back - checksum) % 0xFFFF == 0  # 0000 and FFFF both encode zero


@pytest.mark.parametrize("total", [-1, 2**32])
def test_a_sum_of_more_than_32_bits_is_refused(total: int) -> None:
    with pytest.raises(icontract.ViolationError):
        fold(total)


@pytest.mark.parametrize("address", [-1, 2**32])
def test_an_address_of_more_than_32_bits_is_refused(address: int) -> None:
    with pytest.raises(icontract.ViolationError):
        words(address)


@pytest.mark.parametrize(
    "arguments",
    [
        (-1, 0, 0),
        (2**16, 0, 0),
        (0, -1, 0),
        (0, MAX_WORDS + 1, 0),
        (0, 0, -1),
        (0, 0, MAX_WORDS + 1),
    ],
)
def test_an_update_that_makes_no_sense_is_refused(arguments: tuple[int, int, int]) -> None:
    for update in (updated, updated_if_any):
        with pytest.raises(icontract.ViolationError):
            update(*arguments)


@pytest.mark.parametrize(
    ("checksum", "old", "new", "result"),
    [(0, 5, 3, 0), (7, 5, 3, 9), (7, 0, 7, 0xFFFF), (0xFFFF, 0, 7, 0xFFF8)],
)
def test_a_checksum_of_udp_is_updated_if_there_is_one(
    checksum: int, old: int, new: int, result: int
) -> None:
    assert updated_if_any(checksum, old, new) == result


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (2, 1), (0, 5)])
def test_a_region_outside_the_bytes_is_refused(start: int, stop: int) -> None:
    with pytest.raises(icontract.ViolationError):
        internet_checksum(data_of(bytes(4)), start, stop)


def run(content: tuple[Bytes], operations: I64, results: I64) -> None:
    """Perform rows of (what, number, number, number)."""
    data = content[0]
    for row in range(len(operations)):
        what, first, second, third = operations[row]
        if what == 0:
            results[row] = fold(first << 14 | second)
        elif what == 1:
            results[row] = words(first << 14 | second)
        elif what == 2:
            results[row] = updated(first & 0xFFFF, second, third)
        else:
            start, length = first % 20, second % 20
            results[row] = internet_checksum(data, start, start + length)


def test_native_code_does_the_same() -> None:
    random = np.random.default_rng(1)
    operations = random.integers(0, [4, 2**18, MAX_WORDS + 1, MAX_WORDS + 1], (200, 4))
    content = random.integers(0, 256, 40).astype(np.uint8)
    assert_same_in_both_worlds(run, lambda: (content.copy(),), operations)
