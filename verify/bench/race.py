"""A network function and the same in C, given the same packets; each output is compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from libvig.io.trace import Trace
from libvig.settings import device_names, make_config, read_settings
from libvig.types import I64
from verify.bench.baseline import InC, Missing, check_same, library
from verify.bench.rounds import interleaved
from verify.bench.scenarios import Scenario
from verify.bench.subjects import Ours, Subject
from verify.bench.traffic import Batch, Traffic
from verify.registry import LoadedNetworkFunction

OURS, PLAIN, IN_C = "ours", "plain", "c"
"""A network function as it is run, the same without looking ahead if that makes a difference, and
the same in C."""


class Throughput(NamedTuple):
    """Nanoseconds a packet, by round."""

    ours: list[float]
    plain: list[float] | None
    in_c: list[float] | None


class Race:
    """Those who take part, with the same flows in their tables, and what they pass next."""

    def __init__(self, found: LoadedNetworkFunction, traffic: Traffic, capacity: int) -> None:
        scenario: Scenario = traffic.scenario
        self.name = found.name
        self.traffic = traffic
        settings = read_settings(None, scenario.assignments(capacity, traffic.timeout))
        self.config: Any = make_config(found.config_class, settings, device_names(settings, 2))
        own = Ours(found, self.config)
        self.subjects: dict[str, Subject] = {OURS: own}
        if own.looks_ahead:
            self.subjects[PLAIN] = Ours(found, self.config, ahead=False)
        self.baseline = library(found.name)
        if not isinstance(self.baseline, Missing):
            self.subjects[IN_C] = InC(self.baseline, self.config)
        self._given: dict[str, Trace] = {}

    def give(self, batch: Batch) -> None:
        """A batch for everyone to pass."""
        self._given = {name: batch.trace() for name in self.subjects}

    def turn(self, name: str) -> float:
        """Let one of them pass the batch; returns nanoseconds a packet."""
        trace = self._given[name]
        return self.subjects[name].run(trace) / len(trace.start)

    def turn_timed(self, name: str, took: I64) -> None:
        """The same, with the nanoseconds of each packet."""
        self.subjects[name].run_timed(self._given[name], took)

    def compare(self) -> None:
        """See that all made the same of the batch."""
        for name in self._given.keys() - {OURS}:
            check_same(self.name, self._given[OURS], self._given[name], name)
        self.traffic.learn(self._given[OURS])

    def pass_all(self, batches: Iterable[Batch]) -> None:
        """Let everyone pass these, without being measured."""
        for batch in batches:
            self.give(batch)
            for name in self.subjects:
                self.turn(name)
            self.compare()

    def open(self) -> None:
        """Fill the tables."""
        self.pass_all(self.traffic.opening())
        self.pass_all(self.traffic.batch() for _ in range(self.traffic.warm_up()))

    def measure(self, rounds: int) -> Throughput:
        """Let them race, once their tables are full."""
        turns = {name: lambda name=name: self.turn(name) for name in self.subjects}
        found = interleaved(turns, rounds, lambda: self.give(self.traffic.batch()), self.compare)
        return Throughput(found[OURS], found.get(PLAIN), found.get(IN_C))
