"""Endless traffic of live flows: uniform or by Zipf's law, with or without new flows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from libvig.io.trace import Trace, undecided
from libvig.types import I64
from verify.bench.frames import Rows
from verify.bench.scenarios import Scenario, Wanted

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
GAP = 100  # nanoseconds between packets: 10 million a second arrive
TIMEOUT = 120 * SECOND
LINGER = 8
"""With new flows: how long the old ones linger, in rounds of one packet of each live flow."""

BATCH = 1 << 18  # packets
BATCH_BYTES = 1 << 25  # in all packets of a batch, at most


class Shape(NamedTuple):
    """What the traffic is like."""

    size: int = 64
    """Bytes of a frame, with the FCS."""
    churn: float = 0.0
    """How many of the packets are the first of a new flow."""
    zipf: float | None = None
    """The exponent of Zipf's law, by which some flows have more packets; None: all have as many."""
    seed: int = 1
    colliding: bool = False
    """Whether the keys of all flows collide under a hash that has no secret."""
    tick: int = 1
    """Nanoseconds by which the clock goes forward."""


class Batch(NamedTuple):
    """Packets in the order of their arrival."""

    frames: Rows
    device: I64
    time: I64

    def trace(self) -> Trace:
        """A fresh copy for an NF to work on: it writes packets in place."""
        count, size = self.frames.shape
        start, length = np.arange(count, dtype=np.int64) * size, np.full(count, size, np.int64)
        data = self.frames.reshape(-1).copy()
        return undecided(data, start, length, length, self.time, self.device)

    def head(self, count: int) -> Batch:
        """The first packets."""
        return Batch(self.frames[:count], self.device[:count], self.time[:count])


class Traffic:
    """The packets of a scenario, batch after batch.

    So many flows are live, with numbers one after the other. When there is a new one, the first
    of them falls silent, and lingers in the table until it expires: there are fewer live ones
    then, so that the entries of the table are as many as asked for.
    """

    def __init__(self, scenario: Scenario, flows: int, shape: Shape) -> None:
        self.scenario = scenario
        self.shape = shape
        self.now = START
        self.live = max(1, int(flows / (1 + LINGER * shape.churn)))
        self.timeout = TIMEOUT if shape.churn == 0 else LINGER * self.live * GAP
        self.packets = max(1, min(BATCH, BATCH_BYTES // shape.size))
        self._first = 0  # number of the live flow that is the oldest
        self._random = np.random.default_rng(shape.seed)
        self._wanted = Wanted(*(np.zeros(0, np.int64),) * 2, np.zeros(0, np.bool_))
        self._chosen = scenario.colliding(self.live) if shape.colliding else None
        self._cumulated: I64 | None = None
        self._by_rank = np.zeros(0, np.int64)

    def opening(self, first: int = 0, last: int | None = None) -> Iterator[Batch]:
        """The first packet of each live flow, or of some."""
        last = self.live if last is None else last
        for start in range(first, last, self.packets):
            flow = np.arange(start, min(start + self.packets, last), dtype=np.int64)
            yield self._made(Wanted(flow, flow, np.zeros(len(flow), np.bool_)))

    def batch(self, packets: int | None = None, above: int = 0) -> Batch:
        """Packets of live flows, from number `above` on, and first ones of new flows."""
        count = self.packets if packets is None else packets
        is_new = self._random.random(count) < self.shape.churn
        oldest = self._first + np.cumsum(is_new)
        self._first = int(oldest[-1])
        flow = np.where(is_new, oldest + self.live - 1, self._live_flow(oldest, count, above))
        partner = self._live_flow(oldest, count, above)
        is_reply = ~is_new & (self._random.random(count) < 0.5) & self.scenario.has_replies
        return self._made(Wanted(flow, partner, is_reply))

    def warm_up(self) -> int:
        """How many batches it takes until as many flows expire as are new."""
        return -(-LINGER * self.live // self.packets) + 1 if self.shape.churn else 0

    def learn(self, trace: Trace) -> None:
        """Look at what became of the last batch."""
        self.scenario.learn(self._wanted, trace)

    def _made(self, wanted: Wanted) -> Batch:
        if self._chosen is not None:
            flow, partner = self._chosen[wanted.flow], self._chosen[wanted.partner]
            wanted = Wanted(flow, partner, wanted.is_reply)
        self._wanted = wanted
        frames, device = self.scenario.packets(self.shape.size, wanted)
        time = self.now + GAP * np.arange(len(device), dtype=np.int64)
        self.now = int(time[-1]) + GAP
        return Batch(frames, device, time - time % self.shape.tick)

    def _live_flow(self, oldest: I64, count: int, above: int) -> I64:
        """The number of a live flow for each packet.

        The live flows take their places in turn, so that a flow keeps its rank while it lives.
        """
        place = above + self._place(count, self.live - above)
        return oldest + (place - oldest) % self.live

    def _place(self, count: int, places: int) -> I64:
        if self.shape.zipf is None:
            return self._random.integers(0, places, count)
        if self._cumulated is None or len(self._cumulated) != places:
            weight = 1.0 / np.arange(1, places + 1) ** self.shape.zipf
            self._cumulated = np.cumsum(weight) / weight.sum()
            self._by_rank = self._random.permutation(places)
        rank = np.searchsorted(self._cumulated, self._random.random(count), side="right")
        return self._by_rank[np.minimum(rank, places - 1)]
