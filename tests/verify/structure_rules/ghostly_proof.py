"""All bumps together, of which the counter keeps the last digit."""

from __future__ import annotations

from libvig.proof.notation import about, after, always, initially
from tests.verify.structure_rules.ghostly import Counter, new_counter


@about
class Total(Counter):
    total: int

    # refused: @initially(Counter.bump)
    @initially(new_counter)
    def nothing(self) -> None:
        # refused anywhere: pass
        self.total = 0

    @after(Counter._note)
    def one_more(self) -> None:
        # refused: self.number[0] = 0
        # refused: return
        # refused: self._note()
        # fails anywhere: self.total += 2
        self.total += 1

    def far(self) -> int:
        return (2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60) * (
            2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60 * 2**60
        )

    @always
    # at digit
    def last_digit(self) -> bool:
        # fails at digit: return len(self.number) == 1 and self.number[0] == self.total
        # unknown anywhere: return len(self.number) == 1 and 0 <= self.total < self.far()
        return len(self.number) == 1 and self.number[0] == self.total % 10
