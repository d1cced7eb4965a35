"""`pyvigor run --check`: an NF on the packets of a capture, and its specs beside it.

A spec is a theorem about every state, packet and time, so it also holds of the state that the NF
is in when a packet comes, of that packet and of its time. It is run on the NF just then, and
what it has changed is undone. A spec of several packets is run on each packet with others that
follow soon, each at its own time, as if none came between them.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from libvig.io.trace import Trace, undecided
from verify.bare import Bare
from verify.cases import Parameters, Spec, State, cases
from verify.check_report import Breach, Checked, Difference, Report, seen
from verify.once import processed_once
from verify.progress import Advance
from verify.replay import one_line, statement_at
from verify.source import Module
from verify.steps import Steps


@dataclass(frozen=True)
class Run:
    """What came of the specs, and the packets as the NF in CPython left them."""

    report: Report
    trace: Trace

    def compared_with(self, native: Trace) -> Report:
        """The report, with the first packet of which native code made something else."""
        difference = first_difference(self.trace, native)
        return replace(self.report, is_native_compared=True, difference=difference)


def check(bare: Bare, config: Any, trace: Trace, advance: Advance) -> Run:
    """Run an NF over a copy of a trace, and its specs beside it."""
    state, done = State(bare.new(config)), copy_of(trace)
    checkers = [Checker(bare, spec) for spec in bare.specs]
    report = Report(shown(bare.spec_module.path), specs=[checker.checked for checker in checkers])
    with processed_once(state) as once:
        for i in range(len(trace.start)):
            began = perf_counter()
            for checker in checkers:
                checker.check(state, trace, i)
            packet, now = arrival(bare, trace, i)
            try:
                done.verdict[i] = state.nf.process(packet, now)
            except Exception as error:
                report.failure = f"packet {i + 1}: {type(error).__name__}: {one_line(error)}"
                break
            bytes_at(done, i)[:] = packet.data
            state.save()
            once.forget()
            report.packets += 1
            report.seconds += perf_counter() - began
            advance(1)
    return Run(report, done)


def first_difference(interpreted: Trace, native: Trace) -> Difference | None:
    """The first packet of which two runs of one NF over the same packets made something else."""
    for i in range(len(native.start)):
        one, other = bytes_at(interpreted, i), bytes_at(native, i)
        differing = np.flatnonzero(one != other)
        if interpreted.verdict[i] != native.verdict[i] or len(differing):
            at = int(differing[0]) if len(differing) else None
            return Difference(i + 1, described(interpreted, i, at), described(native, i, at))
    return None


def described(trace: Trace, i: int, at: int | None) -> str:
    """What became of a packet: the verdict, and some bytes from an offset on."""
    verdict = f"verdict {trace.verdict[i]}"
    if at is None:
        return verdict
    return f"{verdict}, bytes from {at} on: {bytes_at(trace, i)[at : at + 8].tobytes().hex(' ')}"


class Checker:
    """Runs one spec."""

    def __init__(self, bare: Bare, spec: Spec) -> None:
        self.bare, self.spec = bare, spec
        self.parameters = Parameters(spec)
        self.checked = Checked(
            spec.__name__, self.parameters.packets, refusal=self.parameters.refusal
        )
        self.steps = Steps(spec, self.parameters, bare.spec_module)

    def check(self, state: State, trace: Trace, first: int) -> None:
        """Run the spec on the cases that begin with a packet, until one breaks it."""
        if self.checked.refusal:
            return
        refused: tuple[int, ...] | None = None
        for case in cases(first, self.parameters.packets, len(trace.start)):
            if self.checked.breach is not None:
                return
            self.checked.cases += 1
            if refused is None or case[: len(refused)] != refused:
                refused = self._run(state, trace, case)

    def _run(self, state: State, trace: Trace, case: tuple[int, ...]) -> tuple[int, ...] | None:
        """Run the spec on one case; return the first packets of it if these are not spoken of."""
        chosen = [arrival(self.bare, trace, i) for i in case]
        try:
            self.spec(state.nf, *self.parameters.arguments(chosen))
            self.checked.applied += 1
        except self.bare.assumption_false as assumption:
            return case[: self.steps.packets_named(assumption)]
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # what ends a program, too, must not end the check
            self.checked.applied += 1
            self.checked.breach = self._breach(trace, case, error)
        finally:
            state.restore()
        return None

    def _breach(self, trace: Trace, case: Sequence[int], error: BaseException) -> Breach:
        is_plain = type(error) is AssertionError
        place, statement = place_of(self.bare.spec_module, error)
        return Breach(
            packets=[i + 1 for i in case],
            after=int(trace.time[case[0]] - trace.time[0]),
            place=place,
            statement=statement,
            error="" if is_plain else f"{type(error).__name__}: {one_line(error)}",
            seen=seen(self.bare.sight.values) if is_plain else [],
        )


def place_of(module: Module, error: BaseException) -> tuple[str, str]:
    """The last statement of a module of specs that an exception has passed, and its place."""
    lines = [
        frame.lineno or 1
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(module.path)
    ]
    written = module.text.splitlines()
    statement = [written[line - 1].strip() for line in statement_at(module.tree, lines[-1])]
    return f"{shown(module.path)}:{lines[-1]}", " ".join(statement)


def shown(path: Path) -> str:
    """A file, relative to where the user is if it is below."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


# ---------------------------------------------------------------- packets of a trace


def copy_of(trace: Trace) -> Trace:
    return undecided(trace.data.copy(), *trace[1:-1])


def bytes_at(trace: Trace, i: int) -> Any:
    start = int(trace.start[i])
    return trace.data[start : start + int(trace.length[i])]


def arrival(bare: Bare, trace: Trace, i: int) -> tuple[Any, int]:
    """A copy of a packet, and its time."""
    data = bytes_at(trace, i).copy()
    wire_length = max(int(trace.wire_length[i]), len(data))
    return bare.packet(data, wire_length, int(trace.device[i])), int(trace.time[i])
