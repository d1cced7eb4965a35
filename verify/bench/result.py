"""What was measured of a network function with one number of flows, and of the machine."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from verify.bench.latency import Burst, Latency
from verify.bench.race import IN_C, OURS, Throughput
from verify.bench.rounds import Spread, ratios, spread
from verify.bench.start_up import StartUp

VERSION = 1
"""Of the JSON: it rises when something is taken away or means something else."""


class Table(NamedTuple):
    """The main table, and how many entries of it are in use."""

    flows: int
    capacity: int


class Result(NamedTuple):
    """Of those that take part, by name: OURS, and IN_C where that is at hand."""

    nf: str
    unit: str
    """What takes an entry of the main table, such as a flow."""
    table: Table | None
    throughput: Throughput
    bytes: dict[str, int]
    """Of all arrays."""
    latency: dict[str, Latency]
    expiry: dict[str, Burst]
    start_up: StartUp | None

    @property
    def ours(self) -> Spread:
        """Nanoseconds a packet."""
        return spread(self.throughput.ours)

    @property
    def in_c(self) -> Spread | None:
        return spread(self.throughput.in_c) if self.throughput.in_c else None

    @property
    def plain(self) -> Spread | None:
        """Of the same without looking ahead; None if it does not look ahead."""
        return spread(self.throughput.plain) if self.throughput.plain else None

    @property
    def ratio(self) -> Spread | None:
        """Of our time to that of C, round by round."""
        given = self.throughput
        return spread(ratios(given.ours, given.in_c)) if given.in_c else None

    @property
    def plain_ratio(self) -> Spread | None:
        given = self.throughput
        if not given.plain or not given.in_c:
            return None
        return spread(ratios(given.plain, given.in_c))

    def bytes_per_flow(self, name: str) -> float | None:
        """Of the table's capacity; None without a table, or without this one."""
        if self.table is None or name not in self.bytes:
            return None
        return self.bytes[name] / self.table.capacity


class Skipped(NamedTuple):
    """What was not measured, and why."""

    nf: str
    flows: int
    reason: str


def as_object(result: Result) -> dict[str, Any]:
    """For JSON; times are in nanoseconds, those of start-up in seconds."""
    ratio, in_c, plain, plain_ratio = result.ratio, result.in_c, result.plain, result.plain_ratio
    return {
        "nf": result.nf,
        "unit": result.unit,
        "flows": result.table.flows if result.table else None,
        "capacity": result.table.capacity if result.table else None,
        "ns_per_packet": result.ours.median,
        "ns_lowest": result.ours.lowest,
        "ns_highest": result.ours.highest,
        "packets_per_second": 1e9 / result.ours.median,
        "c_ns_per_packet": in_c.median if in_c else None,
        "ratio_to_c": ratio.median if ratio else None,
        "ratio_lowest": ratio.lowest if ratio else None,
        "ratio_highest": ratio.highest if ratio else None,
        "plain_ns_per_packet": plain.median if plain else None,
        "plain_ratio_to_c": plain_ratio.median if plain_ratio else None,
        "bytes_per_flow": result.bytes_per_flow(OURS),
        "c_bytes_per_flow": result.bytes_per_flow(IN_C),
        "rounds": result.throughput._asdict(),
        "latency": {name: found._asdict() for name, found in result.latency.items()},
        "expiry": {
            name: {"flows": b.flows, **b.latency._asdict(), "longest": b.longest, "stall": b.stall}
            for name, b in result.expiry.items()
        },
        "start_up": (
            {name: run._asdict() for name, run in result.start_up._asdict().items()}
            if result.start_up
            else None
        ),
    }


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numba": metadata.version("numba"),
    }


def _processor() -> str:
    """As Linux names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
