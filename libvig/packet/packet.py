"""A packet: the captured bytes of one frame, its length on the wire, and where it came in."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant
from libvig.primitives import load8, load16, load32, store8, store16, store32
from libvig.types import Bytes

MAX_WIRE_LENGTH = 2**32 - 1  # what a capture record can state
MAX_DEVICES = 2**15

FLOOD = MAX_DEVICES
"""The verdict that a packet leaves by every device but the one that it came in by."""


@compiled_class
@invariant(lambda self: len(self.data) <= self.wire_length <= MAX_WIRE_LENGTH)
@invariant(lambda self: 0 <= self.device < MAX_DEVICES)
class Packet(NamedTuple):
    """One frame, written in place.

    ``data`` holds the bytes that were captured and nothing else; a snap length can make it shorter
    than ``wire_length``. Offsets count bytes from the frame's first; numbers are big-endian. An
    accessor raises IndexError outside ``data``; compiled code does not look, as the verifier proves
    that no network function gets there.
    """

    data: Bytes
    wire_length: int
    device: int

    def length(self) -> int:
        """Captured bytes."""
        return len(self.data)

    def u8(self, at: int) -> int:
        return load8(self.data, at)

    def u16(self, at: int) -> int:
        return load16(self.data, at)

    def u32(self, at: int) -> int:
        return load32(self.data, at)

    def u48(self, at: int) -> int:
        return load16(self.data, at) << 32 | load32(self.data, at + 2)

    def set_u8(self, at: int, value: int) -> None:
        store8(self.data, at, value)

    def set_u16(self, at: int, value: int) -> None:
        store16(self.data, at, value)

    def set_u32(self, at: int, value: int) -> None:
        store32(self.data, at, value)

    def set_u48(self, at: int, value: int) -> None:
        store16(self.data, at, value >> 32)
        store32(self.data, at + 2, value & 0xFFFFFFFF)
