"""How long single packets take: in quiet times, and when many flows expire at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from libvig.compile import native
from libvig.types import I64
from verify.bench.race import Race
from verify.bench.timed import time_nothing
from verify.bench.traffic import GAP, SECOND, START, Traffic
from verify.registry import LoadedNetworkFunction

BATCHES = 4
BURSTS = 5
BURST_FLOWS = 10_000
BURST_PACKETS = 10_000


class Latency(NamedTuple):
    """Of packets, in nanoseconds, the clock's own time included."""

    packets: int
    p50: float
    p99: float
    p99_9: float
    max: float


class Burst(NamedTuple):
    """Of the packets that follow when flows expire at once."""

    flows: int
    latency: Latency
    longest: list[float]
    """The longest time that a packet took, by burst."""

    @property
    def stall(self) -> float:
        """The longest time in the quietest burst: others' processes make it longer in most."""
        return min(self.longest)


def latency_of(took: I64) -> Latency:
    p50, p99, p99_9 = np.percentile(took, [50, 99, 99.9]).tolist()
    return Latency(len(took), p50, p99, p99_9, float(took.max()))


def clock_alone(packets: int) -> Latency:
    """What the clock and the machine add."""
    took = np.zeros(packets, np.int64)
    measure = native(time_nothing)
    measure(took)
    measure(took)
    return latency_of(took)


def latencies(race: Race) -> dict[str, Latency]:
    """Of everyone in a race whose tables are full, over several batches; the first warms up."""
    took: dict[str, list[I64]] = {name: [] for name in race.subjects}
    for _ in range(BATCHES + 1):
        for name, times in _timed(race, race.traffic.packets).items():
            took[name].append(times)
    return {name: latency_of(np.concatenate(times[1:])) for name, times in took.items()}


def bursts(
    found: LoadedNetworkFunction, traffic: Iterable[Traffic], capacity: int
) -> dict[str, Burst]:
    """Fill tables anew, one for each traffic, and let the oldest flows expire at once."""
    took: dict[str, list[I64]] = {}
    flows = 0
    for fresh in traffic:
        flows = min(BURST_FLOWS, fresh.live // 4 * 2)
        race = Race(found, fresh, capacity)
        for name, times in burst(race, flows).items():
            took.setdefault(name, []).append(times)
    return {
        name: Burst(flows, latency_of(np.concatenate(times)), [float(t.max()) for t in times])
        for name, times in took.items()
    }


def burst(race: Race, flows: int) -> dict[str, I64]:
    """Nanoseconds of the packets that come when so many flows, and no others, have just expired."""
    traffic = race.traffic
    race.pass_all(traffic.opening(0, flows))
    traffic.now += SECOND
    race.pass_all(traffic.opening(flows))
    race.pass_all(traffic.batch(above=flows) for _ in range(2))
    expired = START + flows * GAP + traffic.timeout
    assert traffic.now < expired
    traffic.now = expired
    return _timed(race, BURST_PACKETS, above=flows)


def _timed(race: Race, packets: int, above: int = 0) -> dict[str, I64]:
    race.give(race.traffic.batch(packets, above))
    took = {name: np.zeros(packets, np.int64) for name in race.subjects}
    for name, times in took.items():
        race.turn_timed(name, times)
    race.compare()
    return took
