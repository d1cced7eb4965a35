"""What callers of a map count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.hash_map import HashMap


@require(lambda map, one: one in map.entries)
@require(lambda map, other: other in map.entries)
@require(lambda one, other: one != other)
@ensure(lambda result: result)
def two_indices_have_two_keys(map: HashMap, one: int, other: int) -> bool:
    return map.get(one) != map.get(other)
