"""The packets of several captures as those of one, by time and part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from libvig.io.capture import joined, trimmed
from libvig.io.records import Records, new_records, select
from libvig.types import I64, MAX_TIME


class Parts(Protocol):
    """A capture that is read part by part."""

    def read(self) -> Records | None:
        """The next packets, at least one, valid until the next call; None at the end."""


class Arrivals(NamedTuple):
    """Packets in the order in which they come."""

    records: Records
    origin: I64
    """The number of the capture that each is of."""


def merged(captures: Sequence[Parts]) -> Iterator[Arrivals]:
    """The packets of all captures by time, as mergecap merges; each part lasts until the next.

    The order within a capture stays as it is, also where its time goes back; of two packets of
    the same time, that of the earlier capture comes first.
    """
    if len(captures) == 1:
        for records in iter(captures[0].read, None):
            yield Arrivals(records, np.zeros(len(records.start), np.int64))
        return
    queues = [_Queue(capture) for capture in captures]
    while sum([queue.is_waiting() for queue in queues]):
        # What is yet to be read of a capture comes after the last packet that was read of it.
        ends = [(queue.last, i) for i, queue in enumerate(queues) if not queue.has_ended]
        limit, earlier = min(ends, default=(MAX_TIME, len(queues)))
        taken = [queue.take(limit, i <= earlier) for i, queue in enumerate(queues)]
        # A packet is next when it heads its capture and is the earliest head: so the packets that
        # follow one of a later time in their capture wait with it.
        order = np.argsort(np.concatenate([clock for _, clock in taken]), kind="stable")
        origin = np.repeat(np.arange(len(queues)), [len(clock) for _, clock in taken])
        yield Arrivals(select(joined(records for records, _ in taken), order), origin[order])


class _Queue:
    """What was read of a capture and not yet taken."""

    def __init__(self, capture: Parts) -> None:
        self._capture = capture
        self._records = new_records(np.empty(0, np.uint8), 0)
        self._clock = self._records.time
        self.last = 0
        """The latest time of all that was read."""
        self.has_ended = False

    def is_waiting(self) -> bool:
        """Whether a packet waits; reads on if none does."""
        if len(self._clock) == 0 and not self.has_ended:
            records = self._capture.read()
            if records is None:
                self.has_ended = True
            else:
                self._records = records
                self._clock = np.maximum(np.maximum.accumulate(records.time), self.last)
                self.last = int(self._clock[-1])
        return len(self._clock) > 0

    def take(self, limit: int, also_then: bool) -> tuple[Records, I64]:
        """Take the packets before a time, or those of that time, too; and their clock."""
        count = int(np.searchsorted(self._clock, limit, "right" if also_then else "left"))
        records, clock = self._records, self._clock
        self._records = Records(records.data, *(column[count:] for column in records[1:]))
        self._clock = clock[count:]
        return trimmed(Records(records.data, *(c[:count] for c in records[1:]))), clock[:count]
