"""All that is measured of a network function with one number of flows."""

from __future__ import annotations

import gc
from typing import NamedTuple

from verify.bench.latency import BURSTS, bursts, latencies
from verify.bench.race import Race
from verify.bench.result import Result, Table
from verify.bench.scenarios import SCENARIOS
from verify.bench.start_up import start_up
from verify.bench.traffic import Shape, Traffic
from verify.registry import LoadedNetworkFunction


class Plan(NamedTuple):
    """What is asked for."""

    rounds: int
    shape: Shape
    latency: bool
    start_up: bool


def measure(target: str, found: LoadedNetworkFunction, table: Table, plan: Plan) -> Result:
    """Measure; raises FaultyNfError where an output is not that of the same in C."""
    new = SCENARIOS[found.name]
    scenario = new()
    race = Race(found, Traffic(scenario, table.flows, plan.shape), table.capacity)
    race.open()
    throughput = race.measure(plan.rounds)
    quiet = latencies(race) if plan.latency else {}
    taken = {name: subject.bytes for name, subject in race.subjects.items()}
    del race
    gc.collect()
    expiry = {}
    if plan.latency and scenario.table:
        constant = plan.shape._replace(churn=0.0)
        fresh = (Traffic(new(), table.flows, constant) for _ in range(BURSTS))
        expiry = bursts(found, fresh, table.capacity)
    return Result(
        nf=found.name,
        unit=scenario.unit,
        table=table if scenario.table else None,
        throughput=throughput,
        bytes=taken,
        latency=quiet,
        expiry=expiry,
        start_up=start_up(target, found.name) if plan.start_up else None,
    )
