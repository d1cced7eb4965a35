"""The fields of a key lie side by side in its two words, so no key is lost in packing.

Flows are told apart by their words alone: that is right, as words are the same only if all fields
are.
"""

from __future__ import annotations

from libvig.contracts import ensure
from libvig.flow_key import FlowKey


@ensure(lambda key, other, result: result == (key == other))
def have_the_same_words(key: FlowKey, other: FlowKey) -> bool:
    """Two keys are packed into the same words if they are the same key, and only then."""
    return key.pack() == other.pack()
