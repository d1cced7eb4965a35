"""Calls as data: they can be made again, left out, simplified and written down as Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np


@dataclass(frozen=True)
class Call:
    """A call of a function, or of a method of what was made before; or just a look at a member."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)  # `Made` stands for a structure
    is_look: bool = False


EXPECT = "expect"
"""The call, in between, that tells what the structure is to expect (`libvig.primitives.expect`)."""

Calls: TypeAlias = tuple[Call, ...]
"""The first one makes something, or is all there is; the others are of its methods."""


@dataclass(frozen=True)
class Made:
    """A structure as an argument: the calls that make it, and how its kind is called."""

    calls: Calls
    value: Any = field(compare=False, repr=False)  # what they made, to be looked at only


@dataclass(frozen=True)
class Style:
    """How calls are written: for people, or as a test."""

    stage: str = ""  # before the names of the module under rehearsal
    array: Callable[[Any], str] = lambda array: repr(array.tolist())

    def value(self, value: Any) -> str:
        """Return Python that means the value."""
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            names: tuple[str, ...] = type(value)._fields
            fields = (f"{n}={self.value(v)}" for n, v in zip(names, value, strict=True))
            return f"{self.stage}{type(value).__name__}({', '.join(fields)})"
        return repr(value)

    def lines(self, calls: Calls, made: str, results: tuple[Any, ...] = ()) -> Iterator[str]:
        """Yield a line for each call; `made` is the name for what the first one makes."""
        for at, call in enumerate(calls):
            given = {}
            for name, value in call.arguments.items():
                given[name] = self.value(value)
                if isinstance(value, Made):
                    given[name] = name
                    yield from self.lines(value.calls, name)
            text = ", ".join(f"{name}={value}" for name, value in given.items())
            if call.name == EXPECT:
                yield f"{EXPECT}({text})"
                continue
            result = results[at] if at < len(results) else None
            if at > 0:
                line = f"{made}.{call.name}" + ("" if call.is_look else f"({text})")
            else:
                line = f"{self.stage}{call.name}({text})"
                if made and (len(calls) > 1 or result is None or _is_made(result)):
                    line = f"{made} = {line}"
                    result = None
            shown = result is not None and not _is_made(result)
            yield f"{line}  # {self.value(result)}" if shown else line


def _is_made(value: Any) -> bool:
    return hasattr(type(value), "entries")


READABLE = Style()
AS_TEST = Style("stage.", lambda array: f"np.array({array.tolist()}, np.{array.dtype})")
