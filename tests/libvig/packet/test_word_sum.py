"""Sums of 16-bit words: no carry is folded in, an odd last byte is the high half of a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libvig.packet.word_sum import word_sum
from tests.packets import packet_of


@pytest.mark.parametrize(
    ("content", "total"),
    [
        ("", 0),
        ("01", 0x0100),
        ("0102", 0x0102),
        ("0102 03", 0x0102 + 0x0300),
        ("ffff ffff ffff", 3 * 0xFFFF),  # no carry is folded in
    ],
)
def test_sums_of_words(content: str, total: int) -> None:
    data = packet_of(bytes.fromhex(content)).data
    assert word_sum(data, 0, len(data)) == total


@given(st.binary(max_size=30), st.data())
def test_a_sum_is_over_a_part_of_the_bytes(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.integers(start, len(content)))
    part = content[start:stop] + bytes((stop - start) % 2)
    expected = 0
    for at in range(0, len(part), 2):
        expected += int.from_bytes(part[at : at + 2], "big")
    assert word_sum(packet_of(content).data, start, stop) == expected
