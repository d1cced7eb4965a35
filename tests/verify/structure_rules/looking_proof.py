"""The bit is one cell, which holds 0 or 1."""

from __future__ import annotations

from libvig.proof.notation import about, always
from tests.verify.structure_rules.looking import Box


@about
class OneBit(Box):
    @always
    def is_one(self) -> bool:
        return len(self.bit.cell) == 1

    @always
    def is_a_bit(self) -> bool:
        return len(self.bit.cell) == 1 and 0 <= self.bit.cell[0] <= 1
