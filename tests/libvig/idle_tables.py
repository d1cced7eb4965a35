"""Tables that forget what is idle, flows or bare keys, against a plain list, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import icontract
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

SETTINGS = settings(max_examples=40, stateful_step_count=25, deadline=None)


class TableAndModel(RuleBasedStateMachine):
    """Random operations: the table does what the list does, with every contract on."""

    new_table: ClassVar[Callable[[int], Any]]
    entry: ClassVar[type[Any]]  # of a key and the time of its last use
    keys: ClassVar[Sequence[Any]]

    @initialize(capacity=st.integers(1, 5))
    def begin(self, capacity: int) -> None:
        self.table = type(self).new_table(capacity)
        self.capacity = capacity
        self.model: list[tuple[int, Any]] = []
        self.now = 0

    @rule(data=st.data(), later=st.integers(0, 3))
    def packet(self, data: st.DataObject, later: int) -> None:
        """As an NF does it: refresh the key of the packet, or add it."""
        self.now += later
        key = data.draw(st.sampled_from(self.keys))
        known = [index for index, entry in self.model if entry.key == key]
        index = self.table.find(key)
        assert index == (known[0] if known else -1)
        if known:
            self.table.touch(index, self.now)
            self.model = [entry for entry in self.model if entry[0] != index]
        else:
            index = self.table.add(key, self.now)
            if len(self.model) == self.capacity:
                assert index == -1
                return
            assert index in set(range(self.capacity)) - {used for used, _ in self.model}
        self.model.append((index, self.entry(key, self.now)))

    @rule(ago=st.integers(-1, 6))
    def expire(self, ago: int) -> None:
        limit = self.now - ago
        self.table.expire(limit)
        self.model = [(index, entry) for index, entry in self.model if entry.time >= limit]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def get(self, data: st.DataObject) -> None:
        index, entry = data.draw(st.sampled_from(self.model))
        assert self.table.get(index) == entry.key

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "table"):
            assert self.table.entries == dict(self.model)
            used = dict(self.model)
            for index in (-(2**40), -1, *range(self.capacity + 3), 2**40):
                assert self.table.holds(index) == (index in used)


def assert_misuse_is_refused(new_table: Callable[[int], Any], known: Any, other: Any) -> None:
    """Expect that no contract of a table of these keys can be broken unnoticed."""
    table = new_table(2)
    table.add(known, 10)
    before = table.entries
    misuses: list[Callable[[], Any]] = [
        lambda: table.add(known, 20),
        lambda: table.add(other, 9),
        lambda: table.touch(0, 9),
        lambda: table.touch(1, 20),
        lambda: table.get(-1),
        lambda: new_table(0),
    ]
    for misuse in misuses:
        with pytest.raises(icontract.ViolationError):
            misuse()
        assert table.entries == before
