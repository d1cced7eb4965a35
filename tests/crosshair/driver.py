"""What a driver is: operations chosen by numbers, done to a structure and to a plain model of it.

CrossHair chooses the numbers. It follows one path through the code at a time, and asks Z3 for
numbers that lead along another: for instance to a time that equals the limit of an expiry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from libvig.types import MAX_TIME
from verify.crosshair.cells import begin_path
from verify.crosshair.plain import Plain

Item = TypeVar("Item")
Step = tuple[int, int, int]  # which operation, on what, when


class Comparison(Protocol):
    """A structure beside its model. Any numbers are an operation: none is out of range."""

    def do(self, operation: int, which: int, now: int) -> None:
        """Do an operation to both, and assert that they agree; `now` never falls."""


Begin = Callable[[Plain, int], Comparison]


def chosen(items: Sequence[Item], number: int) -> Item:
    """Return the item of this number, and the last for any number that no item has."""
    for index in range(len(items) - 1):
        if number == index:
            return items[index]
    return items[-1]


def driver(begin: Begin, plain: Plain, ended: Callable[[], None]) -> Callable[..., None]:
    """Return the function that CrossHair looks for arguments to, such that it raises."""

    def drive(size: int, steps: tuple[Step, Step, Step, Step, Step, Step]) -> None:
        assert steps[0][2] >= 0  # assumed, one by one: with `all` CrossHair is slow
        assert steps[0][2] <= steps[1][2]
        assert steps[1][2] <= steps[2][2]
        assert steps[2][2] <= steps[3][2]
        assert steps[3][2] <= steps[4][2]
        assert steps[4][2] <= steps[5][2]
        assert steps[5][2] <= MAX_TIME
        begin_path()
        comparison = begin(plain, size)
        for operation, which, now in steps:
            comparison.do(operation, which, now)
        ended()

    return drive
