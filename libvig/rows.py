"""Arrays that lie in rows: what a structure stores of one index is in one place in memory.

So an index costs one access to memory, and not one for each array. To Python and to the verifier
they are the arrays that they were: none shares an element with another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

Builder = TypeVar("Builder", bound=Callable[..., Any])

LINE = 64
"""Bytes that a processor fetches at once; a row of no more than half of that is in one line."""


def in_rows(*paths: str) -> Callable[[Builder], Builder]:
    """Let a function build its structure with these arrays in rows: "chain.next" is one of a part.

    Their dtypes are to be in such an order, the largest first, that no padding is needed.
    """

    def decorate(build: Builder) -> Builder:
        @functools.wraps(build)
        def built(*args: Any, **kwargs: Any) -> Any:
            structure = build(*args, **kwargs)
            columns = _side_by_side(
                [functools.reduce(getattr, path.split("."), structure) for path in paths]
            )
            for path, column in zip(paths, columns, strict=True):
                structure = _replaced(structure, path.split("."), column)
            return structure

        return built  # type: ignore[return-value]

    return decorate


def _side_by_side(arrays: list[Any]) -> list[Any]:
    """Copies of arrays, in rows. Some may be shorter."""
    row = np.dtype([(f"_{i}", array.dtype) for i, array in enumerate(arrays)])
    count = max(map(len, arrays))
    memory = np.zeros(count * row.itemsize + LINE, np.uint8)
    begin = -memory.ctypes.data % LINE
    rows = memory[begin : begin + count * row.itemsize].view(row)
    columns = [rows[f"_{i}"][: len(array)] for i, array in enumerate(arrays)]
    for column, array in zip(columns, arrays, strict=True):
        column[:] = array
    return columns


def _replaced(structure: Any, path: list[str], value: Any) -> Any:
    """The structure with another array in the place of one."""
    first, *rest = path
    if rest:
        value = _replaced(getattr(structure, first), rest, value)
    return structure._replace(**{first: value})
