"""A limit of time for code that may not come to an end: that which is tried in CPython."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

SECONDS = 60  # of the processor, so that it matters little what else runs; most takes far less


class TakesTooLong(Exception):
    """What was tried did not come to an end."""

    def __init__(self) -> None:
        super().__init__(f"it takes more than {SECONDS} s")


@contextmanager
def limited() -> Iterator[None]:
    """Raises TakesTooLong inside when the time is over; limits do not nest."""
    if threading.current_thread() is not threading.main_thread():  # no signals there
        yield
        return
    previous = signal.signal(signal.SIGVTALRM, _end)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def _end(number: int, frame: object) -> NoReturn:
    raise TakesTooLong
