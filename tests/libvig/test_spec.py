"""The notation of specs, called as ordinary Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libvig.packet.packet import Packet
from libvig.spec import AssumptionFalse, assume, snapshot, spec, word_sum
from tests.packets import bytes_of, packet_of


def length_is_even(packet: Packet) -> None:
    assume(packet.length() > 0)
    assert packet.length() % 2 == 0


def test_a_spec_is_the_function_that_it_was() -> None:
    marked = spec(length_is_even)
    assert marked is length_is_even
    assert vars(marked)["__is_spec__"] is True
    marked(packet_of(b"ab"))
    with pytest.raises(AssertionError):
        marked(packet_of(b"abc"))
    with pytest.raises(AssumptionFalse):
        marked(packet_of(b""))


def test_a_false_assumption_is_no_failed_assertion() -> None:
    assume(True)
    with pytest.raises(AssumptionFalse):
        assume(False)
    assert not issubclass(AssumptionFalse, AssertionError)


def test_a_snapshot_stays_as_it_is() -> None:
    buffer = np.array([1, 2, 3, 4], np.uint8)
    packet = Packet(buffer[1:], 60, 2)
    before = snapshot(packet)
    packet.set_u16(0, 0xFFFF)
    assert (bytes_of(before), before.wire_length, before.device) == (b"\x02\x03\x04", 60, 2)
    before.set_u8(2, 0)
    assert buffer.tolist() == [1, 0xFF, 0xFF, 4]


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
