"""A part of a capture in memory, which moves on through it."""

import numpy as np

from libvig.io.source import Source
from libvig.types import Bytes

SIZE = 2**22


class Window:
    """Bytes of a source that follow each other: `data`, the first of them at offset `passed`.

    It is as large as asked for, or as the largest record, whatever the size of the capture.
    """

    def __init__(self, source: Source, size: int = SIZE) -> None:
        """Begin before the first byte of the source."""
        self._source = source
        self._room = np.empty(size, np.uint8)
        self._held = 0
        self.passed = 0

    @property
    def data(self) -> Bytes:
        """What is in memory; it may be written to."""
        return self._room[: self._held]

    def advance(self, at: int) -> bool:
        """Leave the bytes before `at` behind and read on; whether there was something to read.

        The room grows if what is kept takes all of it.
        """
        kept = self._held - at
        room = self._room
        if kept == len(room):
            room = np.empty(2 * len(room), np.uint8)
        room[:kept] = self._room[at : self._held]
        self._room, self._held = room, kept
        self.passed += at
        count = self._source.read_into(room[kept:].data)
        self._held += count
        return count > 0
