"""A network function's native loop, which looks ahead where that is of use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from libvig.compile import native
from libvig.io.loop import HINTS, process_ahead, process_all
from libvig.io.trace import Trace

Loop: TypeAlias = Callable[[Any, Trace, int, int], None]

CACHED = 2**20
"""Bytes that a processor has near enough, in its second cache: to ask for them takes longer than to
wait. Measured: with half as much, looking ahead costs a fifth; with twice as much, it gains."""


def native_loop(module: ModuleType, *, ahead: bool) -> Loop:
    """`process_all`, or `process_ahead`, for the network function in a module."""
    if not ahead:
        return native(process_all, sources=[module])
    run = native(process_ahead, sources=[module])
    hints = np.zeros(HINTS, np.int64)
    return lambda nf, trace, first, last: run(nf, trace, first, last, hints)


def can_look_ahead(nf: Any) -> bool:
    """Whether it has the methods for that, which are proved to change nothing."""
    return hasattr(nf, "look_ahead")


def is_to_look_ahead(nf: Any) -> bool:
    """Whether that is of use: it can, and its tables are larger than what is near."""
    return can_look_ahead(nf) and bytes_of(nf) > CACHED


def bytes_of(structure: Any) -> int:
    """What the arrays of a structure take, and those of its parts; rows as a whole."""
    return sum({id(memory): memory.nbytes for memory in _memory_of(structure)}.values())


def _memory_of(structure: Any) -> Iterator[Any]:
    """The arrays of which its arrays are parts."""
    if isinstance(structure, np.ndarray):
        while isinstance(structure.base, np.ndarray):
            structure = structure.base
        yield structure
    elif isinstance(structure, tuple):
        for part in structure:
            yield from _memory_of(part)
