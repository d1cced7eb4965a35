"""What the judgement of a mutant may take."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from verify import explore, laws, solver


@contextmanager
def time_limit(seconds: int, subject: str) -> Iterator[None]:
    """Inside, TimeoutError is raised when the time is over; `subject` takes it."""

    def end(number: int, frame: object) -> None:
        raise TimeoutError(f"{subject} takes more than {seconds} seconds")

    signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def prover_limits(units: int) -> Iterator[None]:
    """Inside, the prover has so many of Z3's units for an obligation, and stops at a failure."""
    before = laws.RESOURCE_LIMIT, solver.RESOURCE_LIMIT, explore.MAX_FAILURES
    laws.RESOURCE_LIMIT, solver.RESOURCE_LIMIT, explore.MAX_FAILURES = units, units, 1
    try:
        yield
    finally:
        laws.RESOURCE_LIMIT, solver.RESOURCE_LIMIT, explore.MAX_FAILURES = before
