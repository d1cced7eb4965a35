"""`process` run once for a packet and a time, however many specs call it with these.

The specs that run beside a packet begin in the same state, most of them with the same calls. An NF
is a function of its state, the packet and the time: the subset that it is written in has no other
memory. So what came of a call is known for the next one in the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from verify.cases import Changes, State

LARGEST = 2**15
"""Words of memory up to which it takes less time to see what is in them than to run."""


class Effect(NamedTuple):
    """What a call of `process` returned and left behind."""

    verdict: int
    packet: Any
    changes: Changes


Call = tuple[bytes, bytes, bytes, int, int, int]
"""What differs from the saved state, the packet, and the time."""


class Once:
    """The calls of `process` that were made since the state was saved, and what came of them."""

    def __init__(self, state: State, process: Callable[..., int]) -> None:
        self.state, self._process = state, process
        self._effects: dict[Call, Effect] = {}

    def forget(self) -> None:
        """Another state has been saved."""
        self._effects.clear()

    def process(self, nf: Any, packet: Any, now: int) -> int:
        """Do what the NF's `process` does."""
        if nf is not self.state.nf or len(self.state.memory) > LARGEST:
            return self._process(nf, packet, now)
        before = self.state.changes()
        call = (
            before.at.tobytes(),
            before.values.tobytes(),
            packet.data.tobytes(),
            packet.wire_length,
            packet.device,
            now,
        )
        effect = self._effects.get(call)
        if effect is None:
            verdict = self._process(nf, packet, now)
            self._effects[call] = Effect(verdict, packet.data.copy(), self.state.changes())
            return verdict
        packet.data[:] = effect.packet
        self.state.change(before, effect.changes)
        return effect.verdict


@contextmanager
def processed_once(state: State) -> Iterator[Once]:
    """Inside, `process` of the NF's class does not run again for a call that was made before."""
    cls: Any = type(state.nf)
    process = cls.process
    once = Once(state, process)

    def process_once(self: Any, packet: Any, now: int) -> int:
        return once.process(self, packet, now)

    cls.process = process_once
    try:
        yield once
    finally:
        cls.process = process
