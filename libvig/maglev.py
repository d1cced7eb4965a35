"""Maglev's consistent hashing: hashes spread evenly over the backends that are live."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, invariant, require, view
from libvig.primitives import multiply_fold
from libvig.types import I32

NONE = -1
MAX_SLOTS = 2**29


@compiled_class
@invariant(lambda self: 2 <= self.slots <= MAX_SLOTS and 0 <= self.backend < self.slots)
class PreferenceList(NamedTuple):
    """The order in which a backend wants the slots of a table.

    First comes the permutation of the paper: from a first slot on, in equal strides round the
    table. Where the number of slots is prime, it has every slot, and no more is needed. Otherwise
    it may miss some; so that a backend that wants a slot always finds one, all follow in turn.
    """

    backend: int
    slots: int

    @require(lambda self, step: 0 <= step < 2 * self.slots)
    @ensure(lambda self, step, result: step < self.slots or result == step - self.slots)
    @ensure(lambda self, result: 0 <= result < self.slots)
    def slot(self, step: int) -> int:
        """Return the slot at a place of the list. The constants are digits of pi."""
        if step >= self.slots:
            return step - self.slots
        name = multiply_fold(self.backend + 0x243F6A8885A308D3, 0x13198A2E03707344)
        offset = multiply_fold(name, 0x452821E638D01377) % self.slots
        skip = multiply_fold(name, 0x3F84D5B5B5470917) % (self.slots - 1) + 1
        return (offset + step * skip) % self.slots


@compiled_class
@invariant(lambda self: 1 <= self.backends <= self.slots <= MAX_SLOTS)
@invariant(lambda self: all(0 <= backend < self.backends for backend in self.entries))
@invariant(lambda self: all(1 <= share <= self.slots for share in self.entries.values()))
@invariant(
    lambda self: all(
        share <= other + 1 for share in self.entries.values() for other in self.entries.values()
    )
)
class MaglevTable(NamedTuple):
    """Slots, each held by a live backend; a hash names a slot (Eisenbud et al., NSDI 2016, §3.4).

    To fill the table, the live backends take turns in the order of their numbers. In its turn, a
    backend takes the slot that is first in its list of preferences among those still empty. So
    the table depends on nothing but the number of slots and which backends are live: load
    balancers that agree on these agree on every packet, whatever came before.

    When a backend is removed, its slots go to others, and a few more change hands: where a backend
    now gets, in its turn, a slot that it prefers to the one it had in the same turn. In no turn
    does a backend get one that it wants less than before. How many these are has no useful bound;
    measured, of 65,537 slots the loss of one of 100 backends moved 0.6 % besides the 1 % that it
    held.

    `set_live` fills the table anew: 15 ms for 65,537 slots. The number of slots should be prime;
    with one that is not, the table is as even, but costs more and moves more.
    """

    backend: I32  # of each slot; NONE while no backend is live
    live: I32  # of each backend: 1, or 0
    share: I32  # of each backend: how many slots it holds
    tried: I32  # of each backend: how much of its list of preferences is known to be taken
    successor: I32  # of each backend: the next live one, or the number of backends if none follows

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return len(self.backend)

    @property
    def backends(self) -> int:
        """How many backends there are, live or not."""
        return len(self.live)

    @view
    def entries(self) -> dict[int, int]:
        """How many slots each live backend holds."""
        return {i: int(self.share[i]) for i in range(len(self.live)) if self.live[i] != 0}

    @require(lambda hash: hash >= 0)
    @ensure(
        lambda self, result: result in self.entries if result != NONE else self.entries == {},
    )
    def lookup(self, hash: int) -> int:
        """Return the live backend for a hash, or NONE if none is live."""
        return int(self.backend[hash % len(self.backend)])

    @ensure(lambda self, backend, result: result == (backend in self.entries))
    def is_live(self, backend: int) -> bool:
        """Tell whether `backend`, which may be any integer, is a live backend."""
        return 0 <= backend < len(self.live) and self.live[backend] != 0

    @require(lambda self, backend: 0 <= backend < self.backends)
    @ensure(
        lambda self, backend, is_live, OLD: all(
            (other in self.entries) == (is_live if other == backend else other in OLD.entries)
            for other in range(self.backends)
        )
    )
    @ensure(
        lambda self, backend, is_live, OLD: (
            (backend in OLD.entries) != is_live or self.entries == OLD.entries
        )
    )
    def set_live(self, backend: int, is_live: bool) -> None:
        """Make a backend live, or let it be so no longer: its slots then go to the others."""
        if (self.live[backend] != 0) != is_live:
            self.live[backend] = 1 if is_live else 0
            self._fill()

    def _fill(self) -> None:
        """Give every slot to a live backend, as if nothing had been before."""
        first = self._line_up()
        self._clear()
        if first < len(self.live):
            self._take_turns(first)

    def _line_up(self) -> int:
        """Note who comes after whom; return the first live backend, or how many there are."""
        first = len(self.live)
        at = len(self.live) - 1
        while at >= 0:
            self.successor[at] = first
            self.share[at] = 0
            self.tried[at] = 0
            if self.live[at] != 0:
                first = at
            at -= 1
        return first

    def _clear(self) -> None:
        """Empty all slots."""
        slot = 0
        while slot < len(self.backend):
            self.backend[slot] = NONE
            slot += 1

    def _take_turns(self, first: int) -> None:
        """Let one live backend after another take a slot, from the first on, again and again."""
        taker = first
        turn = 0
        while turn < len(self.backend):
            self._take(self._preferred(taker), taker)
            taker = int(self.successor[taker])
            if taker == len(self.live):
                taker = first
            turn += 1

    def _preferred(self, taker: int) -> int:
        """Return the first empty slot in a backend's list of preferences."""
        preferences = PreferenceList(taker, len(self.backend))
        step = int(self.tried[taker])
        slot = preferences.slot(step)
        while self.backend[slot] != NONE:
            step += 1
            slot = preferences.slot(step)
        self.tried[taker] = step + 1
        return slot

    def _take(self, slot: int, taker: int) -> None:
        """Give an empty slot to a backend."""
        self.backend[slot] = taker
        self.share[taker] = int(self.share[taker]) + 1


@require(lambda slots: 2 <= slots <= MAX_SLOTS)
@require(lambda backends, slots: 1 <= backends <= slots)
@ensure(lambda backends, slots, result: result.backends == backends and result.slots == slots)
@ensure(lambda result: result.entries == {})
def new_maglev_table(backends: int, slots: int) -> MaglevTable:
    """Return a table of `slots` slots for `backends` backends, none of them live.

    The number of slots, 2 to MAX_SLOTS, should be prime, and at least a hundred times that of the
    backends: the shares of two backends then differ by 1 % at most.
    """
    return MaglevTable(
        np.full(slots, NONE, np.int32),
        np.zeros(backends, np.int32),
        np.zeros(backends, np.int32),
        np.zeros(backends, np.int32),
        np.full(backends, backends, np.int32),
    )
