"""MyNf, tested: its specs on generated traffic, and a few packets by hand.

`pytest specs` proves the specs for all packets; what is here is quick, and finds bugs only.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from libvig.packet.packet import Packet
from verify.examples import cases_that_hold, specs_of
from verify.registry import find

FILE = str(Path(__file__).parents[1] / "my_nf.py")
module = find(FILE).module  # imported from its file, wherever pytest is started

LAN, WAN = 0, 1
BROADCAST = bytes.fromhex("ffffffffffff 020000000001 0806")
UNICAST = bytes.fromhex("020000000002 020000000001 0800")


def frame(data: bytes, device: int) -> Packet:
    return Packet(np.frombuffer(bytearray(data), np.uint8), len(data), device)


@pytest.mark.parametrize("spec", specs_of(FILE), ids=lambda spec: spec.__name__)
def test_a_spec_holds_of_examples(spec: Callable[..., None]) -> None:
    assert cases_that_hold(spec, examples=50) > 0


def test_a_broadcast_too_many_is_dropped_and_other_frames_pass() -> None:
    nf = module.new_my_nf(module.MyNfConfig(limit=1, interval=10))
    assert nf.process(frame(BROADCAST, LAN), now=100) == WAN
    assert nf.process(frame(BROADCAST, LAN), now=109) == module.Drop.STORM
    assert nf.process(frame(UNICAST, LAN), now=109) == WAN
    assert nf.process(frame(BROADCAST, LAN), now=110) == WAN
