"""What a search has found, in a form that passes between processes."""

from __future__ import annotations

from typing import NamedTuple

BREACHES = (
    AssertionError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,  # of a loop that reads without an end
    ValueError,
    ZeroDivisionError,
)
"""What plain code raises where it is wrong."""


class Arrival(NamedTuple):
    """A packet and its time."""

    data: bytes
    wire_length: int
    device: int
    time: int


class Finding(NamedTuple):
    """Packets that an NF has had, and those with which it then broke a property."""

    before: tuple[Arrival, ...]
    packets: tuple[Arrival, ...]


class Searched(NamedTuple):
    """How far a search came."""

    paths: int  # that were followed to the end
    applied: int  # of these: on which the property spoke of what came
    trouble: str = ""  # why it came to nothing, if it did
    seconds: float = 0.0
