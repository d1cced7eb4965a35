"""What the writers of records have in common: what they return.

They run natively without checks, on packets that a scan found, so write*.py lies inside the
verified subset as scan*.py does.
"""

from typing import NamedTuple

WRITTEN = 0
"""Outcome: all records are written."""
NO_ROOM = 1
"""Outcome: the next record does not fit; it can go to the beginning of another buffer."""
TOO_LATE = 2
"""Outcome: the time of the next record does not fit the format."""


class Written(NamedTuple):
    """How far writing came."""

    next: int
    """The first record that is not written."""
    size: int
    """How many bytes were written."""
    outcome: int
