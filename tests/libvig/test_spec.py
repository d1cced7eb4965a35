"""The notation of specs, called as ordinary Python."""

import numpy as np
import pytest

from libvig.packet.packet import Packet
from libvig.spec import AssumptionFalse, assume, snapshot, spec
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
