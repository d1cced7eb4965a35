"""Those who pass packets on, under one interface: our network function, and the one in C."""

from __future__ import annotations

from time import thread_time_ns
from typing import Any, Protocol

import numpy as np

from libvig.compile import native
from libvig.io.loop import process_all
from libvig.io.trace import Trace
from libvig.types import I64
from verify.bench.timed import time_each
from verify.registry import LoadedNetworkFunction, new_nf


class Subject(Protocol):
    """It remembers flows from one trace to the next."""

    def run(self, trace: Trace) -> int:
        """Pass the packets, one at a time; return the nanoseconds that it took."""

    def run_timed(self, trace: Trace, took: I64) -> None:
        """Pass the packets, and note the nanoseconds that each of them took."""

    @property
    def bytes(self) -> int:
        """What its arrays take."""


class Ours:
    """A network function of ours, compiled."""

    def __init__(self, found: LoadedNetworkFunction, config: Any) -> None:
        self.nf = new_nf(found, config)
        self._run = native(process_all, sources=[found.module])
        self._run_timed = native(time_each, sources=[found.module])

    def run(self, trace: Trace) -> int:
        count = len(trace.start)
        began = thread_time_ns()
        self._run(self.nf, trace, 0, count)
        return thread_time_ns() - began

    def run_timed(self, trace: Trace, took: I64) -> None:
        self._run_timed(self.nf, trace, took)

    @property
    def bytes(self) -> int:
        return bytes_of(self.nf)


def bytes_of(structure: Any) -> int:
    """What the arrays of a structure take, and those of its parts."""
    if isinstance(structure, np.ndarray):
        return structure.nbytes
    return sum(map(bytes_of, structure)) if isinstance(structure, tuple) else 0
