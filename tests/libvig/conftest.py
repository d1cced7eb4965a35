"""What several tests of libvig need."""

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture
def time_limit() -> Iterator[None]:
    """Fail a test whose search for a key never ends, as it does where no slot is empty.

    After the first 30 seconds of the processor, the signal comes every second: Hypothesis tries
    the failing example again.
    """

    def stop(*_: object) -> None:
        raise TimeoutError("a search does not end")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 30, 1)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)
