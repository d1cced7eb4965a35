"""The specs of the no-op hold of random frames, and not of a broken no-op."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libvig.packet.ethernet import Ethernet
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME
from nfs.nop import Drop, Nop, NopConfig, new_nop
from specs import nop as module
from tests.packets import packet_of
from tests.specs.running import UNTIL_A_FAILURE, Spec, speaks_of, specs_of

SPECS = specs_of(module)
LEAST = 5  # examples that a spec must speak of

PACKETS = st.builds(packet_of, st.binary(min_size=8, max_size=30), st.integers(0, 2))
TIMES = st.integers(0, MAX_TIME)


def new() -> Nop:
    macs = np.arange(3, dtype=np.int64)
    return new_nop(NopConfig(macs, macs + 0x100))


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_holds(spec: Spec) -> None:
    spoken_of = 0

    @settings(max_examples=100)
    @given(PACKETS, TIMES)
    def check(packet: Packet, now: int) -> None:
        nonlocal spoken_of
        spoken_of += speaks_of(spec, new(), packet, now)

    check()
    assert spoken_of >= LEAST


def returns_the_wrong_device(self: Nop, packet: Packet, now: int) -> int:
    verdict = working(self, packet, now)
    return verdict if verdict < 0 else 1 - verdict


def forwards_short_frames(self: Nop, packet: Packet, now: int) -> int:
    verdict = working(self, packet, now)
    return 0 if verdict == Drop.TRUNCATED else verdict


def writes_behind_the_addresses(self: Nop, packet: Packet, now: int) -> int:
    verdict = working(self, packet, now)
    if verdict >= 0:
        packet.set_u8(12, packet.u8(12) ^ 1)
    return verdict


def changes_the_addresses_over(self: Nop, packet: Packet, now: int) -> int:
    verdict = working(self, packet, now)
    if verdict >= 0:
        ethernet = Ethernet(packet)
        ethernet.set_addresses(ethernet.destination(), ethernet.source())
    return verdict


working = Nop.process

BUGS: dict[str, Callable[..., Any]] = {
    "frames_leave_by_the_other_device": returns_the_wrong_device,
    "frames_without_a_header_are_dropped": forwards_short_frames,
    "only_the_ethernet_addresses_change": writes_behind_the_addresses,
    "frames_carry_the_addresses_of_the_next_hop": changes_the_addresses_over,
}


def test_there_is_a_bug_for_every_spec() -> None:
    assert set(BUGS) == set(SPECS)


@pytest.mark.parametrize(("name", "bug"), BUGS.items())
def test_a_bug_breaks_the_spec(
    monkeypatch: pytest.MonkeyPatch, name: str, bug: Callable[..., Any]
) -> None:
    monkeypatch.setattr(Nop, "process", bug)

    @settings(UNTIL_A_FAILURE)
    @given(PACKETS, TIMES)
    def check(packet: Packet, now: int) -> None:
        speaks_of(SPECS[name], new(), packet, now)

    with pytest.raises(AssertionError):
        check()
