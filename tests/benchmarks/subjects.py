"""The ways of running a NAT that are compared, under one interface."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

import nfs.nat
import nfs.nop
from libvig.compile import native
from libvig.io.loop import process_all
from libvig.io.trace import Trace
from libvig.types import I64
from nfs.nat import Nat, NatConfig, new_nat
from nfs.nop import Nop, NopConfig, new_nop
from tests.benchmarks.dpkt_nat import DpktNat
from tests.benchmarks.model import Outcome, Setup
from tests.benchmarks.workload import (
    GAP,
    SETUP,
    Batch,
    opening,
    outcomes,
    packets_of,
    traffic,
)

Loop = Callable[[Any, Trace, int, int], None]


class Subject(Protocol):
    """Something that passes packets on, and remembers flows from one batch to the next."""

    def run(self, batch: Batch) -> tuple[int, list[Outcome]]:
        """Pass a batch, one packet at a time; return the nanoseconds it took and the outcomes."""


def nat_of(setup: Setup) -> Nat:
    """Return our NAT with this configuration."""
    return new_nat(
        NatConfig(
            mac=macs(setup.mac),
            peer=macs(setup.peer),
            external_address=setup.external_address,
            first_port=setup.first_port,
            last_port=setup.last_port,
            max_flows=setup.max_flows,
            timeout=setup.timeout,
        )
    )


def nop_of(setup: Setup) -> Nop:
    """Return our no-op with the same MAC addresses."""
    return new_nop(NopConfig(macs(setup.mac), macs(setup.peer)))


def macs(addresses: tuple[bytes, ...]) -> I64:
    """Return MAC addresses as a configuration has them."""
    return np.array([int.from_bytes(address, "big") for address in addresses], np.int64)


class Ours:
    """A network function of ours, compiled or interpreted."""

    def __init__(self, nf: Nat | Nop, loop: Loop) -> None:
        """Run `nf` by `loop`, which is `process_all` or its native form."""
        self.nf = nf
        self._loop = loop

    def run(self, batch: Batch) -> tuple[int, list[Outcome]]:
        """Pass a batch; neither the copy of it nor the outcomes are in the time."""
        trace = batch.trace()
        began = time.perf_counter_ns()
        self._loop(self.nf, trace, 0, len(trace.start))
        return time.perf_counter_ns() - began, outcomes(trace)


class ByHand:
    """The NAT that is written with dpkt."""

    def __init__(self, setup: Setup) -> None:
        """Begin without flows."""
        self._nat = DpktNat(setup)

    def run(self, batch: Batch) -> tuple[int, list[Outcome]]:
        """Pass a batch, given as a list of byte strings."""
        packets = packets_of(batch)
        process = self._nat.process
        began = time.perf_counter_ns()
        done = [process(frame, device, now) for frame, device, now in packets]
        return time.perf_counter_ns() - began, done


def compiled_loop() -> Loop:
    """Return the native loop that `pyvigor run` uses."""
    loop: Loop = native(process_all, sources=[nfs.nat, nfs.nop])
    return loop


class Turn(Protocol):
    """What takes its turn in each round of a benchmark."""

    packets: int  # that it passes in a round

    def round(self) -> float:
        """Pass the packets once; return nanoseconds a packet."""


Turns = dict[str, Turn]


class Here:
    """A subject in this process: it passes the same packets in each round, at ever later times."""

    def __init__(self, subject: Subject, given: Batch) -> None:
        """Let a subject, whose flows are live, pass a batch a round."""
        self.packets = len(given.frames)
        self.passed = given  # in the last round
        self.made: list[Outcome] = []
        self._subject = subject

    def round(self) -> float:
        """Pass the packets once; return nanoseconds a packet."""
        self.passed = self.passed._replace(time=self.passed.time + self.packets * GAP)
        nanoseconds, self.made = self._subject.run(self.passed)
        return nanoseconds / self.packets


class Unchecked:
    """The interpreted NAT without contracts, as a process of its own: `python -O` omits them."""

    def __init__(self, flows: int, packets: int) -> None:
        """Start the process; it makes the same flows and the same traffic for itself."""
        self.packets = packets
        self._process = subprocess.Popen(
            [sys.executable, "-O", "-m", "tests.benchmarks.subjects", str(flows), str(packets)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def round(self) -> float:
        """Let it pass its packets once; return nanoseconds a packet."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("round\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


def interpreted(flows: int, packets: int) -> Here:
    """Return the interpreted NAT; its flows are opened natively, for that is quicker."""
    nat = nat_of(SETUP)
    _, opened = Ours(nat, compiled_loop()).run(opening(flows))
    return Here(Ours(nat, process_all), traffic(opened, packets))


def main(flows: int, packets: int) -> None:
    """Be the process of `Unchecked`: one round for each line of input."""
    turn = interpreted(flows, packets)
    for _ in sys.stdin:
        print(turn.round(), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
