"""What callers of checksums count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.packet.checksum import MAX_WORDS, updated_if_any


@require(lambda checksum: 0 <= checksum <= 0xFFFF)
@require(lambda old: 0 <= old <= MAX_WORDS)
@require(lambda new: 0 <= new <= MAX_WORDS)
@ensure(lambda result: result)
def what_is_changed_back_is_as_before(checksum: int, old: int, new: int) -> bool:
    changed = updated_if_any(checksum, old, new)
    return updated_if_any(changed, new, old) == checksum
