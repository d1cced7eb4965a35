"""Functions of this folder as they are to be run."""

import inspect
from functools import cache
from typing import Any

from libvig.compile import native


@cache
def runnable(function: Any, interpreted: bool) -> Any:
    """The function as native code or, to be interpreted, as it is, with its contracts."""
    return function if interpreted else native(inspect.unwrap(function))
