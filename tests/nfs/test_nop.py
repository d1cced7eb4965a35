"""The no-op: every frame goes to the other device, under the addresses of the next hop."""

import icontract
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libvig.types import MAX_TIME
from nfs import nop
from nfs.nop import Drop, Nop, NopConfig, new_nop
from tests.nfs.worlds import assert_same_in_both_worlds
from tests.packets import bytes_of, packet_of

MACS = [0x020000000000, 0x020000000001, 0x020000000002]
PEERS = [0x020000000100, 0x020000000101, 0x020000000102]


def new() -> Nop:
    return new_nop(NopConfig(np.array(MACS), np.array(PEERS)))


@pytest.mark.parametrize(("device", "other"), [(0, 1), (1, 0), (2, 0)])
def test_a_frame_leaves_by_the_other_device(device: int, other: int) -> None:
    packet = packet_of(bytes.fromhex("ffffffffffff 0a0000000001 88cc") + b"payload", device)
    assert new().process(packet, 0) == other
    expected = PEERS[other].to_bytes(6, "big") + MACS[other].to_bytes(6, "big")
    assert bytes_of(packet) == expected + b"\x88\xccpayload"


def test_an_ethernet_header_is_needed_and_enough() -> None:
    assert new().process(packet_of(bytes(14), 0), MAX_TIME) == 1
    too_short = packet_of(b"\x01" * 13, 0, wire_length=60)
    assert new().process(too_short, 0) == Drop.TRUNCATED
    assert bytes_of(too_short) == b"\x01" * 13


@pytest.mark.parametrize(
    ("macs", "peers", "message"),
    [
        (MACS[:1], PEERS[:1], "at least two devices"),
        (MACS, PEERS[:2], "one address for each"),
        ([0, 2**48], [0, 0], "mac: addresses of 48 bits"),
        ([0, 0], [-1, 0], "peer: addresses of 48 bits"),
    ],
)
def test_a_bad_configuration_is_refused(macs: list[int], peers: list[int], message: str) -> None:
    with pytest.raises(icontract.ViolationError, match=message):
        NopConfig(np.array(macs), np.array(peers))


@pytest.mark.parametrize(("device", "now"), [(3, 0), (0, -1), (0, MAX_TIME + 1)])
def test_a_packet_that_cannot_be_is_refused(device: int, now: int) -> None:
    with pytest.raises(icontract.ViolationError):
        new().process(packet_of(bytes(14), device), now)


@given(st.lists(st.tuples(st.binary(max_size=30), st.integers(0, 2)), max_size=10))
def test_native_code_does_the_same(frames: list[tuple[bytes, int]]) -> None:
    assert_same_in_both_worlds(nop, new, [(packet_of(*frame), 0) for frame in frames])
