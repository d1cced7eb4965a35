"""Those who pass packets on, under one interface: our network function, and the one in C."""

from __future__ import annotations

from time import thread_time_ns
from typing import Any, Protocol

import numpy as np

from libvig.compile import native
from libvig.io.loop import HINTS
from libvig.io.trace import Trace
from libvig.types import I64
from verify.bench.timed import time_each, time_each_ahead
from verify.native_loop import bytes_of, is_to_look_ahead, native_loop
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

    def __init__(
        self, found: LoadedNetworkFunction, config: Any, *, ahead: bool | None = None
    ) -> None:
        """Whether it looks ahead is as it is run, if that is not said."""
        self.nf = new_nf(found, config)
        self.looks_ahead = is_to_look_ahead(self.nf) if ahead is None else ahead
        self._run = native_loop(found.module, ahead=self.looks_ahead)
        timed = time_each_ahead if self.looks_ahead else time_each
        self._run_timed = native(timed, sources=[found.module])

    def run(self, trace: Trace) -> int:
        count = len(trace.start)
        began = thread_time_ns()
        self._run(self.nf, trace, 0, count)
        return thread_time_ns() - began

    def run_timed(self, trace: Trace, took: I64) -> None:
        hints = [np.zeros(HINTS, np.int64)] if self.looks_ahead else []
        self._run_timed(self.nf, trace, took, *hints)

    @property
    def bytes(self) -> int:
        return bytes_of(self.nf)
