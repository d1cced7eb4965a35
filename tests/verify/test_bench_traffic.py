"""What `pyvigor bench` feeds: live flows, as many as asked for, and none but these expire."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from libvig.flow_key import FlowKey
from libvig.packet.packet import FLOOD
from verify.bench import race as racing
from verify.bench.baseline import Missing
from verify.bench.collisions import SHARE, colliding
from verify.bench.latency import burst
from verify.bench.race import OURS, Race
from verify.bench.rounds import interleaved, ratios, spread
from verify.bench.scenarios import SCENARIOS, from_inside
from verify.bench.subjects import Ours
from verify.bench.traffic import LINGER, Shape, Traffic
from verify.errors import UsageError
from verify.native_loop import bytes_of
from verify.registry import find

FLOWS, CAPACITY = 900, 1024
WITH_TABLE = [name for name in SCENARIOS if name != "nop"]


@pytest.fixture(autouse=True)
def no_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(racing, "library", lambda name: Missing("not asked for"))


def race_of(name: str, shape: Shape, flows: int = FLOWS) -> Race:
    traffic = Traffic(SCENARIOS[name](), flows, shape)
    traffic.packets = 5000
    return Race(find(name), traffic, CAPACITY)


def entries(race: Race) -> int:
    """How many flows are in the main table."""
    subject = race.subjects[OURS]
    assert isinstance(subject, Ours)
    nf: Any = subject.nf
    tables = (getattr(nf, name, None) for name in ("flows", "learned", "destinations"))
    return next(len(table.entries) for table in tables if table is not None)


@pytest.mark.parametrize("name", WITH_TABLE)
def test_every_packet_is_forwarded_and_the_flows_stay(name: str) -> None:
    race = race_of(name, Shape())
    race.open()
    assert entries(race) == FLOWS
    for _ in range(3):
        batch = race.traffic.batch()
        race.give(batch)
        for subject in race.subjects:
            race.turn(subject)
        race.compare()
        verdict = race._given[OURS].verdict
        assert (verdict >= 0).all()
        assert (verdict != FLOOD).all()
        assert (verdict != batch.device).all()
    assert entries(race) == FLOWS
    if race.traffic.scenario.has_replies:
        assert 0.4 < (batch.device == 1).mean() < 0.6


@pytest.mark.parametrize("name", WITH_TABLE)
def test_just_so_many_flows_expire_at_once(name: str) -> None:
    race = race_of(name, Shape())
    took = burst(race, 300)
    assert entries(race) == FLOWS - 300
    assert len(took[OURS]) == 10_000


@pytest.mark.parametrize("churn", [0.01, 0.2, 1.0])
def test_with_new_flows_the_table_is_as_full(churn: float) -> None:
    race = race_of("firewall", Shape(churn=churn))
    race.open()
    assert race.traffic.live == int(FLOWS / (1 + LINGER * churn))
    first = race.traffic._first
    for _ in range(5):
        race.pass_all([race.traffic.batch()])
        assert 0.85 * FLOWS < entries(race) <= 1.1 * FLOWS
    assert race.traffic._first - first == pytest.approx(churn * 25_000, rel=0.2)


def test_by_zipf_few_flows_have_most_packets() -> None:
    def shares(zipf: float | None) -> list[float]:
        traffic = Traffic(SCENARIOS["firewall"](), FLOWS, Shape(zipf=zipf))
        traffic.batch(20_000)
        counts = np.bincount(traffic._wanted.flow, minlength=FLOWS)
        return [count / 20_000 for count in sorted(counts.tolist(), reverse=True)]

    alike, ranked = shares(None), shares(1.0)
    assert alike[0] < 5 / FLOWS
    harmonic = sum(1 / rank for rank in range(1, FLOWS + 1))
    assert ranked[0] == pytest.approx(1 / harmonic, rel=0.1)
    assert ranked[1] == pytest.approx(1 / (2 * harmonic), rel=0.1)


def test_traffic_is_the_same_for_the_same_seed() -> None:
    def frames(seed: int) -> bytes:
        traffic = Traffic(SCENARIOS["bridge"](), FLOWS, Shape(churn=0.1, seed=seed))
        return b"".join(batch.frames.tobytes() for batch in (traffic.batch(99), traffic.batch(99)))

    assert frames(1) == frames(1) != frames(2)


def test_time_goes_on_from_batch_to_batch() -> None:
    traffic = Traffic(SCENARIOS["nop"](), 10, Shape())
    traffic.packets = 4
    batches = [*traffic.opening(), traffic.batch(), traffic.batch()]
    times = np.concatenate([batch.time for batch in batches])
    assert (np.diff(times) > 0).all()
    assert len(times) == 18
    assert all(a.time[-1] < b.time[0] for a, b in pairwise(batches))


def test_taking_turns() -> None:
    order: list[str] = []

    def turn(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = interleaved(
        {"a": lambda: turn("a"), "b": lambda: turn("b")},
        2,
        lambda: order.append("("),
        lambda: order.append(")"),
    )
    assert "".join(order) == "(ba)(ab)(ba)"
    assert found == {"a": [6.0, 11.0], "b": [7.0, 10.0]}
    assert ratios(found["a"], found["b"]) == [6 / 7, 1.1]
    assert spread([3.0, 1.0, 9.0]) == (3.0, 1.0, 9.0)


def test_the_memory_of_all_arrays_is_counted() -> None:
    race = race_of("policer", Shape())
    subject = race.subjects[OURS]
    assert isinstance(subject, Ours)
    nf: Any = subject.nf
    table = nf.destinations
    fields = [nf.config.mac, nf.config.peer, *nf.buckets, *table.chain, *table.keys, table.horizon]
    arrays = [x for x in fields if isinstance(x, np.ndarray)]
    assert len(arrays) >= 8
    in_rows = [x for x in arrays if x.strides[0] > x.itemsize]
    assert sorted(x.strides[0] for x in in_rows) == [8] * 2 + [32] * 4
    longest = {
        x.strides[0]: max(len(y) for y in in_rows if y.strides == x.strides) for x in in_rows
    }
    rows = sum(size * count + 64 for size, count in longest.items())  # to begin at a line
    assert subject.bytes == bytes_of(nf)
    assert subject.bytes == rows + sum(x.nbytes for x in arrays if x.strides[0] == x.itemsize)


def test_timing_changes_no_output() -> None:
    given = Traffic(SCENARIOS["firewall"](), FLOWS, Shape()).batch(500)
    outputs = []
    for timed in (False, True):
        subject = race_of("firewall", Shape()).subjects[OURS]
        trace, took = given.trace(), np.full(500, -1, np.int64)
        if timed:
            subject.run_timed(trace, took)
            assert (took >= 0).all()
        else:
            subject.run(trace)
        outputs.append((trace.data.tobytes(), trace.verdict.tolist()))
    assert outputs[0] == outputs[1]


def test_colliding_flows_have_keys_that_collide_without_a_secret() -> None:
    numbers = colliding(from_inside, 40)
    assert len(set(numbers.tolist())) == 40
    tuples = from_inside(numbers)
    for protocol, *ends in zip(*(column.tolist() for column in tuples), strict=True):
        assert FlowKey(0, protocol, *ends).pack().hash() % SHARE == 0
    shape = Shape(colliding=True)
    (batch,) = Traffic(SCENARIOS["firewall"](), 40, shape).opening()
    sources = batch.frames[:, 26:30].astype(np.int64) @ [1 << 24, 1 << 16, 1 << 8, 1]
    assert sources.tolist() == tuples.source.tolist()
    with pytest.raises(UsageError, match="--colliding: is for the firewall, not for the Bridge"):
        Traffic(SCENARIOS["bridge"](), 40, shape)
