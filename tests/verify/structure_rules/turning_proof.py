"""A search has passed what it did not want; a sweep has cleared what it has passed."""

from __future__ import annotations

from libvig.proof.notation import about, decreases, loop
from tests.verify.structure_rules.turning import Row, steps_beyond


@about
class Passed(Row):
    @loop(Row.find)
    def others_are_passed(self, at: int, number: int) -> bool:
        return 0 <= at <= len(self.number) and all(
            self.number[i] != number for i in range(len(self.number)) if i < at
        )

    @decreases(Row.find)
    def way_to_go(self, at: int) -> int:
        return len(self.number) - at

    @loop(Row.clear)
    def at_is_within(self, at: int) -> bool:
        # unknown anywhere: return 0 <= at
        return 0 <= at <= len(self.number)

    @loop(Row.clear)
    # at passed
    def passed_is_clear(self, at: int) -> bool:
        return all(self.number[i] == 0 for i in range(at))

    @loop(Row.drain)
    def has_a_first(self) -> bool:
        return len(self.number) > 0

    @decreases(Row.drain)
    def left(self) -> int:
        return int(self.number[0])


@loop(steps_beyond)
def at_most_one(result: int) -> bool:
    return 0 <= result <= 1
