"""What callers of a chain count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.double_chain import DoubleChain


@require(lambda chain, index: index in chain.entries)
@ensure(lambda result: result)
def oldest_goes_first(chain: DoubleChain, index: int, limit: int) -> bool:
    oldest = chain.oldest_before(limit)
    return oldest < 0 or chain.entries[oldest] <= chain.entries[index]
