"""What the benchmark compares with does the same, to the last byte, on whatever packets."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from libvig.io.trace import Trace
from libvig.packet.packet import FLOOD
from libvig.settings import device_names, make_config, read_settings
from tests.benchmarks.hostile import DEVICES, Hostile
from verify.bench.baseline import InC, Missing, check_same, library
from verify.bench.frames import L4_AT
from verify.bench.scenarios import SCENARIOS, WAN, Wanted
from verify.bench.subjects import Ours
from verify.bench.traffic import Batch
from verify.check import copy_of
from verify.errors import FaultyNfError
from verify.registry import find

FLOWS = 40  # in the table; there are twice as many
TIMEOUT = 1_000_000
BATCHES, PACKETS = 16, 3000

SETTINGS: dict[str, list[str]] = {
    "nop": [],
    "nat": ["first-port=1", "last-port=50"],
    "firewall": [],
    "maglev": ["max-backends=4", "slots=11", "backend-timeout=1ms"],
    "bridge": ["static.02:00:01:00:00:05=lan", "static.02:00:01:00:00:06=drop"],
    "policer": ["rate=1 GB/s", "burst=100 B"],
}
LISTED = ["backend.02:00:00:00:09:00=lan", "backend.02:00:00:00:09:77=guests", *SETTINGS["maglev"]]


class Pair:
    """Ours and that in C, with the same settings."""

    def __init__(self, name: str, more: list[str]) -> None:
        loaded = library(name)
        if isinstance(loaded, Missing):
            pytest.skip(loaded.reason)
        scenario = SCENARIOS[name]()
        scenario.fixed = ()
        given = [*scenario.assignments(FLOWS, TIMEOUT), *more, "devices=lan,wan,guests"]
        settings = read_settings(None, given)
        found = find(name)
        config = make_config(found.config_class, settings, device_names(settings, 0))
        self.ours = Ours(found, config)
        self.in_c = InC(loaded, config)
        self.hostile = Hostile(scenario, 2 * FLOWS, TIMEOUT, Random(name))

    def round(self) -> tuple[Trace, Trace]:
        """What both make of the next packets."""
        ours = self.hostile.trace(PACKETS)
        theirs = copy_of(ours)
        self.ours.run(ours)
        self.in_c.run(theirs)
        self.hostile.learn(ours)
        return ours, theirs


@pytest.mark.parametrize("name", SCENARIOS)
def test_packets_and_verdicts_are_the_same(name: str) -> None:
    pair = Pair(name, SETTINGS[name])
    verdicts: set[int] = set()
    for _ in range(BATCHES):
        ours, theirs = pair.round()
        check_same(name, ours, theirs)
        verdicts |= {*ours.verdict.tolist()}
    reasons = {int(reason) for reason in find(name).drop}
    sent = verdicts - reasons
    assert reasons <= verdicts, "the packets are not hostile enough"
    assert sent <= {*range(DEVICES), FLOOD}
    assert len(sent) >= 2 - (name == "maglev")


def test_backends_that_are_listed_are_the_same() -> None:
    pair = Pair("maglev", LISTED)
    sent: set[int] = set()
    for _ in range(BATCHES):
        ours, theirs = pair.round()
        check_same("maglev", ours, theirs)
        sent |= {verdict for verdict in ours.verdict.tolist() if verdict >= 0}
    assert sent == {0, 2}


@pytest.mark.parametrize("flow", [0, 1], ids=["TCP", "UDP"])
def test_every_checksum_is_updated_to_the_same(flow: int) -> None:
    pair = Pair("nat", SETTINGS["nat"])
    number = np.full(1 << 16, flow, np.int64)
    packets = SCENARIOS["nat"]().packets(64, Wanted(number, number, number < 0))
    at = L4_AT + (6 if flow else 16)
    packets.frames[:, at : at + 2] = np.arange(1 << 16).astype(">u2").view(np.uint8).reshape(-1, 2)
    batch = Batch(packets.frames, packets.device, np.zeros(1 << 16, np.int64))
    ours, theirs = batch.trace(), batch.trace()
    pair.ours.run(ours)
    pair.in_c.run(theirs)
    assert (ours.verdict == WAN).all()
    check_same("nat", ours, theirs)


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_packet_by_itself_is_the_same(name: str) -> None:
    pair = Pair(name, SETTINGS[name])
    given = pair.hostile.trace(PACKETS)
    ours, in_c = (copy_of(given) for _ in range(2))
    for subject, trace in ((pair.ours, ours), (pair.in_c, in_c)):
        took = np.full(PACKETS, -1, np.int64)
        subject.run_timed(trace, took)
        assert (took >= 0).all()
    check_same(name, ours, in_c)


def test_another_verdict_is_noticed() -> None:
    ours, theirs = Pair("nop", []).round()
    theirs.verdict[7] = 5
    with pytest.raises(
        FaultyNfError, match=r"nop: packet 8: the verdict is \S+, and that of the same in C is 5"
    ):
        check_same("nop", ours, theirs)


def test_another_byte_is_noticed() -> None:
    ours, theirs = Pair("nop", []).round()
    at = int(np.flatnonzero(ours.length > 40)[9])
    theirs.data[theirs.start[at] + 33] ^= 1
    with pytest.raises(FaultyNfError, match=f"nop: packet {at + 1}: byte 33 is"):
        check_same("nop", ours, theirs)
