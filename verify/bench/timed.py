"""Loops that are run natively, and measure each packet by itself."""

from typing import Any

from libvig.compile import compiled
from libvig.io.loop import FAR, process_all, step_ahead
from libvig.io.trace import Trace
from libvig.types import I64
from verify.bench.clock import nanoseconds

compiled(process_all)


def time_each(nf: Any, trace: Trace, took: I64) -> None:
    """Run an NF over all packets, and note how many nanoseconds each of them took."""
    for i in range(len(took)):
        began = nanoseconds()
        process_all(nf, trace, i, i + 1)
        took[i] = nanoseconds() - began


def time_each_ahead(nf: Any, trace: Trace, took: I64, hints: I64) -> None:
    """The same of an NF that looks ahead: a packet's time is that of the loop's step."""
    for i in range(-FAR, len(took)):
        began = nanoseconds()
        step_ahead(nf, trace, i, (0, len(took)), hints)
        if i >= 0:
            took[i] = nanoseconds() - began


def time_nothing(took: I64) -> None:
    """What is measured where there is nothing to measure: the clock, and what the machine does."""
    for i in range(len(took)):
        began = nanoseconds()
        took[i] = nanoseconds() - began
