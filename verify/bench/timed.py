"""Loops that are run natively, and measure each packet by itself."""

from typing import Any

from libvig.compile import compiled
from libvig.io.loop import process_all
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


def time_nothing(took: I64) -> None:
    """What is measured where there is nothing to measure: the clock, and what the machine does."""
    for i in range(len(took)):
        began = nanoseconds()
        took[i] = nanoseconds() - began
