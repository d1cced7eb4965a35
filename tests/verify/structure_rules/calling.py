"""Recursion, exceptions and overriding are refused; what is false is proved of no path."""

from __future__ import annotations

from libvig.compile import compiled
from libvig.contracts import ensure, require
from libvig.hash_map import Key


@compiled
# unknown at down: @require(lambda number: 0 <= number < 100 and number > 100)
@require(lambda number: 0 <= number < 100)
@ensure(lambda number, result: result == number)
# at down
def down(number: int) -> int:
    # unknown at down: return down(number)
    # refused at down: raise ValueError
    return number


@compiled
@ensure(lambda one, other, result: result == (one == other))
def same_key(one: Key, other: Key) -> bool:
    # fails anywhere: return one.first == other.first
    return one.first == other.first and one.second == other.second
