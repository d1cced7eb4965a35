"""Arrays that lie in rows: what a structure stores of one index is in one place in memory.

So an index costs one access to memory, and not one for each array. To Python and to the verifier
they are the arrays that they were: none shares an element with another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from libvig.errors import InputError

Builder = TypeVar("Builder", bound=Callable[..., Any])

LINE = 64
"""Bytes that a processor fetches at once."""


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
