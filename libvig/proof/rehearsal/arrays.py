"""Arrays and lists as a proof understands them: of integers, and of no index outside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from libvig.proof.rehearsal.words import TooLong

LARGEST_ARRAY = 1200  # elements; with more, contracts take too long


class NotAllowed(Exception):
    """Something that no proof and no structure may do; the message says what."""


class Endless(Exception):
    """A loop that was given up on."""


def _is_integer(index: object) -> bool:
    return isinstance(index, (int, np.integer))


def _checked_index(index: SupportsIndex, size: int) -> int:
    at = index.__index__()
    if not 0 <= at < size:
        raise IndexError(f"index {at} of {size} elements")
    return at


def _check_slice(part: slice, size: int) -> None:
    """Refuse bounds beside an array, which Python would move to its ends."""
    for bound in (part.start, part.stop):
        if bound is not None:
            _checked_index(bound, size + 1)


class StrictArray(NDArray[Any]):
    """An array whose elements are Python's integers, and where -1 is no index."""

    def __getitem__(self, index: Any) -> Any:
        if _is_integer(index):
            return self.item(_checked_index(index, len(self)))
        if isinstance(index, slice):
            _check_slice(index, len(self))
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise NotAllowed("a proof changes nothing but its ghosts; this writes to an array")
        if _is_integer(index):
            _checked_index(index, len(self))
        if isinstance(index, slice):
            _check_slice(index, len(self))
        super().__setitem__(index, value)

    def __repr__(self) -> str:
        return repr(self.tolist())


class SmallArrays:
    """NumPy as code under rehearsal sees it: arrays are strict, and none is too large to try."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def full(self, size: int, value: int, dtype: Any) -> Any:
        return self._made(np.full, size, value, dtype)

    def zeros(self, size: int, dtype: Any) -> Any:
        return self._made(np.zeros, size, dtype)

    def arange(self, *bounds: int, dtype: Any) -> Any:
        first, last = (0, *bounds)[-2:]
        if last < first:
            raise ValueError(f"an array of {last - first} elements")
        return self._made(lambda _: np.arange(first, last, dtype=dtype), last - first)

    def _made(self, make: Callable[..., Any], size: int, *details: Any) -> Any:
        if size > LARGEST_ARRAY:
            raise TooLong(f"an array of {size} elements")
        return make(size, *details).view(StrictArray)


class GhostList(list[int]):
    """A list of a proof: its elements may be assigned in ghost steps, its length stays."""

    def __init__(self, values: Iterable[int], may_write: Callable[[], bool]) -> None:
        super().__init__(values)
        self.may_write = may_write

    def __getitem__(self, index: Any) -> Any:
        return super().__getitem__(_checked_index(index, len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.may_write():
            raise NotAllowed("ghosts are assigned in ghost steps only")
        if type(value) is not int:
            raise NotAllowed(f"a ghost list holds integers, not {value!r}")
        super().__setitem__(_checked_index(index, len(self)), value)

    def _refused(self, *_: object, **__: object) -> Any:
        raise NotAllowed("a ghost list keeps its length: assign single elements, or a new list")

    append = extend = insert = pop = remove = clear = sort = reverse = _refused
    __delitem__ = __iadd__ = __imul__ = _refused


def arrays_of(structure: Iterable[Any]) -> Iterator[NDArray[Any]]:
    """Yield the arrays of a structure and of its parts."""
    for field in structure:
        if isinstance(field, np.ndarray):
            yield field
        elif isinstance(field, tuple):
            yield from arrays_of(field)


def strict(structure: Any, cls: type | None = None, *, copied: bool = False) -> Any:
    """Return a structure of strict arrays, the same ones or copies, as an object of `cls`."""
    fields = (
        (field.copy() if copied else field).view(StrictArray)
        if isinstance(field, np.ndarray)
        else strict(field, copied=copied)
        if isinstance(field, tuple)
        else field
        for field in structure
    )
    return tuple.__new__(cls or type(structure), fields)
