"""Where the arrays of a structure lie in memory: in rows, and in one block.

In rows, what is stored of one index is in one place, and costs one access to memory, not one for
each array. In a block, native code needs one address for all arrays. To Python and to the verifier
they are the arrays that they were: none shares an element with another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from libvig.errors import InputError

Builder = TypeVar("Builder", bound=Callable[..., Any])
Structure = TypeVar("Structure")

LINE = 64
"""Bytes that a processor fetches at once."""
HUGE_PAGE = 2**21
"""Bytes that a processor may find by one entry of its tables, if the memory is larger than that."""


def in_rows(*paths: str) -> Callable[[Builder], Builder]:
    """Let a function build its structure with these arrays in rows: "chain.next" is one of a part.

    The path of a part, such as "flows", stands for those of its arrays whose elements lie farthest
    apart: of a key table, the keys and the times, and not the links; of a vector, its words.
    Raises InputError, when it is to build, if there is no such part.
    """

    def decorate(build: Builder) -> Builder:
        @functools.wraps(build)
        def built(*args: Any, **kwargs: Any) -> Any:
            structure = build(*args, **kwargs)
            places = [place for path in paths for place in _arrays_at(structure, path.split("."))]
            columns = _side_by_side([_part(structure, place) for place in places])
            for place, column in zip(places, columns, strict=True):
                structure = _replaced(structure, place, column)
            return structure

        return built  # type: ignore[return-value]  # of the same parameters and result

    return decorate


class Block(np.ndarray[Any, Any]):
    """Memory of which arrays are parts, at places that depend on their lengths alone."""


def in_one_block(structure: Structure, given: Any = ()) -> Structure:
    """The structure with copies of its arrays, all in one block, but for those that `given` has.

    Rows stay as they are. Native code is compiled for the places and the lengths that it finds.
    """
    kept = {id(_part(given, place)) for place in _arrays_in(given, [])}
    arrays = [(place, _part(structure, place)) for place in _arrays_in(structure, [])]
    arrays = [(place, array) for place, array in arrays if id(array) not in kept]
    memories: dict[int, list[Any]] = {}
    for _, array in arrays:
        memories.setdefault(id(_owner(array)), []).append(array)
    first_of, size = {}, 0
    for owner, parts in memories.items():
        begin = min(map(_address, parts))
        first_of[owner] = size - begin
        size += -(-(max(map(_end, parts)) - begin) // LINE) * LINE
    alignment = HUGE_PAGE if size >= 2 * HUGE_PAGE else LINE
    block = Block(size + alignment, np.uint8)
    first = -_address(block) % alignment
    for place, array in arrays:
        at = first + first_of[id(_owner(array))] + _address(array)
        copy: Any = np.ndarray(array.shape, array.dtype, block, at, array.strides)
        copy[:] = array
        structure = _replaced(structure, place, copy)
    return structure


def _owner(array: Any) -> Any:
    """The array that has the memory of which an array is a part: itself or another."""
    return array if array.base is None else _owner(array.base)


def _address(array: Any) -> int:
    return int(array.ctypes.data)


def _end(array: Any) -> int:
    """The address behind its last element."""
    steps = zip(array.shape, array.strides, strict=True)
    last = sum((count - 1) * step for count, step in steps)
    return _address(array) + int(last + array.itemsize)


def _part(structure: Any, path: list[str]) -> Any:
    try:
        return functools.reduce(getattr, path, structure)
    except AttributeError:
        text = ".".join(path)
        raise InputError(
            f'{type(structure).__name__}: has no {text}, as @in_rows("{text}") says'
        ) from None


def _arrays_at(structure: Any, path: list[str]) -> list[list[str]]:
    """The paths of what a path stands for."""
    if isinstance(_part(structure, path), np.ndarray):
        return [path]
    found = _arrays_in(_part(structure, path), path)
    widest = max((_part(structure, place).strides[0] for place in found), default=0)
    return [place for place in found if _part(structure, place).strides[0] == widest]


def _arrays_in(part: Any, path: list[str]) -> list[list[str]]:
    if isinstance(part, np.ndarray):
        return [path]
    names = getattr(part, "_fields", ())
    return [place for name in names for place in _arrays_in(getattr(part, name), [*path, name])]


def _side_by_side(arrays: list[Any]) -> list[Any]:
    """Copies of arrays, in rows that lie in one line each, if they fit. Some may be shorter."""
    starts, size = {}, 0
    for i in sorted(range(len(arrays)), key=lambda i: -arrays[i].itemsize):
        starts[i] = size
        size += arrays[i].itemsize
    if size <= LINE:
        size = 1 << (size - 1).bit_length()
    memory = np.zeros(max(1, *map(len, arrays)) * size + LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    columns = []
    for i, array in enumerate(arrays):
        column = np.ndarray(len(array), array.dtype, memory, first + starts[i], (size,))
        column[:] = array
        columns.append(column)
    return columns


def _replaced(structure: Any, path: list[str], value: Any) -> Any:
    """The structure with another array in the place of one."""
    first, *rest = path
    if rest:
        value = _replaced(getattr(structure, first), rest, value)
    return structure._replace(**{first: value})
