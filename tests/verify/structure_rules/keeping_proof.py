"""The ring is at one of its cells."""

from __future__ import annotations

from libvig.proof.notation import about, always
from tests.verify.structure_rules.keeping import Ring


@about
class Turning(Ring):
    @always
    def is_at_a_cell(self) -> bool:
        return len(self.at) == 1 and 0 <= self.at[0] < len(self.number)
