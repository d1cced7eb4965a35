"""The bytes of a packet, kept as the words that were written: what is read back is not taken apart.

A port that is symbolic stays one number, so that Z3 need not put it together from bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from verify.crosshair import tracing


class Word(NamedTuple):
    """A number of some bytes, the first byte highest."""

    value: int
    size: int

    def byte(self, position: int) -> int:
        if self.size == 1:
            return self.value
        return (self.value >> 8 * (self.size - 1 - position)) & 0xFF


class Frame:
    """As much of an array of bytes as packets use. To read or write outside of it is an error.

    Each word is there as a whole: what writes over a part of one takes it apart.
    """

    def __init__(self, cells: Iterable[tuple[Word, int]]) -> None:
        self.cells = list(cells)  # of each byte: the word that it is of, and its position there
        self.length = len(self.cells)  # CrossHair is slow on len()

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, at: int) -> int:
        return self.load(at, 1)

    def copy(self) -> Frame:
        return Frame(self.cells)

    def without_last(self, length: int) -> Frame:
        """All but the last bytes."""
        kept = max(self.length - length, 0)
        frame = self.copy()
        if kept < self.length:
            frame._take_apart(kept)
        return Frame(frame.cells[:kept])

    def load(self, at: int, size: int) -> int:
        with tracing.unwatched():
            if type(at) is int and 0 <= at <= self.length - size:
                word, position = self.cells[at]
                if position == 0 and word.size == size:
                    return word.value
        return self._load(at, size)

    def _load(self, at: int, size: int) -> int:
        if not 0 <= at <= self.length - size:
            raise IndexError(f"bytes {at} to {at + size - 1} of {self.length}")
        word, position = self.cells[at]
        if position == 0 and word.size == size:
            return word.value
        number = 0
        for word, position in self.cells[at : at + size]:
            number = number * 256 + word.byte(position)
        return number

    def store(self, at: int, value: int, size: int) -> None:
        if not 0 <= at <= self.length - size:
            raise IndexError(f"bytes {at} to {at + size - 1} of {self.length}")
        if not 0 <= value < 2 ** (8 * size):
            raise OverflowError(f"{value} in {size} bytes")
        self._take_apart(at)
        if at + size < self.length:
            self._take_apart(at + size)
        word = Word(value, size)
        self.cells[at : at + size] = [(word, position) for position in range(size)]

    def _take_apart(self, at: int) -> None:
        """Make bytes of a word, if one begins before `at` and ends behind it."""
        word, position = self.cells[at]
        if position > 0:
            start = at - position
            parts = [(Word(word.byte(i), 1), 0) for i in range(word.size)]
            self.cells[start : start + word.size] = parts


def frame_of(data: bytes) -> Frame:
    return Frame((Word(byte, 1), 0) for byte in data)


def u8(packet: Any, at: int) -> int:
    return packet.data.load(at, 1)  # type: ignore[no-any-return]


def u16(packet: Any, at: int) -> int:
    return packet.data.load(at, 2)  # type: ignore[no-any-return]


def u32(packet: Any, at: int) -> int:
    return packet.data.load(at, 4)  # type: ignore[no-any-return]


def load8(data: Frame, at: int) -> int:
    return data.load(at, 1)


def load16(data: Frame, at: int) -> int:
    return data.load(at, 2)


def load32(data: Frame, at: int) -> int:
    return data.load(at, 4)


def store8(data: Frame, at: int, value: int) -> None:
    data.store(at, value, 1)


def store16(data: Frame, at: int, value: int) -> None:
    data.store(at, value, 2)


def store32(data: Frame, at: int, value: int) -> None:
    data.store(at, value, 4)


PRIMITIVES = {
    f"libvig.primitives.{function.__name__}": function
    for function in (load8, load16, load32, store8, store16, store32)
}
"""What takes the place of the loads and stores on arrays."""

ACCESSORS = {
    f"libvig.packet.packet.Packet.{function.__name__}": function for function in (u8, u16, u32)
}
"""The same, one call less each."""
