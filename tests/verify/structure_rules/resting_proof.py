"""What the sweep has passed is zero."""

from __future__ import annotations

from libvig.proof.notation import loop
from tests.verify.structure_rules.resting import Table, reset


@loop(reset)
def passed_is_zero(table: Table, at: int) -> bool:
    return all(
        # unknown at second: 0 <= at
        table.next[i] == 0
        for i in range(len(table.next))
        if i < at
    )
