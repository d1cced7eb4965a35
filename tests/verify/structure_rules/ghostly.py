"""Ghosts stand in proof files only, have a value from the start, and change nothing else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, view
from libvig.types import I64


@compiled_class
class Counter(NamedTuple):
    number: I64

    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.number[i]) for i in range(len(self.number))}

    @ensure(lambda self, OLD: self.entries == {0: OLD.entries[0] + 1 if OLD.entries[0] < 9 else 0})
    def bump(self) -> None:
        # fails anywhere: self.number[0] = self.total % 10
        self.number[0] = int(self.number[0]) + 1 if int(self.number[0]) < 9 else 0
        self._note()

    def _note(self) -> None:
        pass


@ensure(lambda result: result.entries == {0: 0})
def new_counter() -> Counter:
    return Counter(np.zeros(1, np.int64))
