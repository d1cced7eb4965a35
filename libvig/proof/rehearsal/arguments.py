"""Random arguments, drawn by their annotations: small, and often such as the structure knows."""

from __future__ import annotations

import functools
import inspect
import itertools
import typing
from collections.abc import Callable, Mapping
from random import Random
from typing import Annotated, Any

import numpy as np

from libvig.proof.rehearsal.arrays import StrictArray
from libvig.types import Quantity

_EDGES = [2**8 - 1, 2**15 - 1, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63 - 1]
_TRIES = 200


class CannotDraw(Exception):
    """No argument is known for an annotation."""


class Arguments:
    """Draws arguments for the methods of one structure, or for functions."""

    def __init__(self, random: Random, size: int = 4) -> None:
        self.random = random
        self.size = size  # arguments are chosen for arrays of about this length
        self.clock = random.randint(-2, 3)
        self.numbers: list[int] = []  # that the structure holds
        self.pools: dict[type, list[Any]] = {}

    def know(self, structure: Any) -> None:
        """Take the numbers of a structure's view as likely arguments."""
        view = getattr(structure, "entries", {})
        items = [*view.keys(), *view.values()] if isinstance(view, dict) else []
        self.numbers = [item for item in items if type(item) is int]

    def draw(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Return arguments of a function or method; arrays first, as they tell the size."""
        hints = parameters(inspect.unwrap(function))
        drawn: dict[str, Any] = {}
        for name in sorted(hints, key=lambda name: dtype_of(hints[name]) is None):
            drawn[name] = self.value(hints[name], name)
            if isinstance(drawn[name], np.ndarray):
                self.size = len(drawn[name])
        return {name: drawn[name] for name in hints}

    def sizes(self, function: Callable[..., Any]) -> dict[str, int]:
        """Return arguments of a constructor."""
        drawn: dict[str, Any] = {}
        before = 0
        for name, hint in parameters(inspect.unwrap(function)).items():
            if _number(hint) is None:
                drawn[name] = self.value(hint, name)
            else:
                before = self.random.randint(1, 4) + self.random.choice([0, before])
                drawn[name] = before
        return drawn

    def value(self, hint: Any, name: str) -> Any:
        """Return a value of an annotation."""
        quantity = _number(hint)
        dtype = dtype_of(hint)
        if quantity is not None:
            return self._integer(quantity, name)
        if hint is bool:
            return self.random.random() < 0.5
        if dtype is not None:
            return self._array(dtype)
        if inspect.isclass(hint) and hasattr(hint, "_fields"):
            return self.random.choice(self._pool(hint))
        raise CannotDraw(f"no arguments for {name}: {hint}")

    def _integer(self, quantity: Quantity, name: str) -> int:
        if name == "now":
            self.clock += self.random.choice([0, 0, 1, 1, 2])
            return self.clock
        kind = self.random.random()
        if kind < 0.5:
            drawn = self.random.randint(-1, self.size + 1)
        elif kind < 0.7:
            drawn = self.random.randint(self.clock - 6, self.clock + 1)
        elif kind < 0.97 and self.numbers:
            drawn = self.random.choice(self.numbers)
        else:
            drawn = self.random.choice([*_EDGES, -(2**63)])
        return max(quantity.lowest, min(drawn, quantity.highest))

    def _array(self, dtype: Any) -> Any:
        limits = np.iinfo(dtype)
        edges = [limits.min, limits.max, -1, 0, 1]
        usual = [edge for edge in edges if limits.min <= edge]
        values = [
            self.random.choice([*usual, self.random.randint(limits.min, limits.max)])
            for _ in range(self.random.randint(0, 9))
        ]
        return np.array(values, dtype).view(StrictArray)

    def _pool(self, cls: type) -> list[Any]:
        """Return a few values of a class, so that the same ones are drawn again and again."""
        if cls not in self.pools:
            made = (self._record(cls) for _ in range(_TRIES))
            found = itertools.islice((one for one in made if _valid(one)), 2 * self.size + 2)
            self.pools[cls] = [cls(*fields) for fields in found]
            if not self.pools[cls]:
                raise CannotDraw(f"no {cls.__name__} meets its invariants")
        return self.pools[cls]

    def _record(self, cls: Any) -> Any:
        fields = {
            name: self._field(hint, name)
            for name, hint in typing.get_type_hints(cls, include_extras=True).items()
            if name in cls._fields
        }
        return tuple.__new__(cls, fields.values())

    def _field(self, hint: Any, name: str) -> Any:
        if _number(hint) is None:
            return self.value(hint, name)
        return self.random.choice([0, 1, 2, 3] * 4 + _EDGES)


@functools.lru_cache(maxsize=1000)
def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the parameters of a function or method, without `self`, and their annotations."""
    hints = typing.get_type_hints(function, include_extras=True)
    names = inspect.signature(function).parameters
    return {name: hints.get(name) for name in names if name != "self"}


def text_of(value: Any) -> str:
    """Return a value as Python would be given it."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()}, np.{value.dtype})"
    return repr(value)


def call_text(function: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as a line of Python."""
    given = ", ".join(f"{name}={text_of(value)}" for name, value in arguments.items())
    return f"{function}({given})"


def allowed(function: Callable[..., Any], arguments: Mapping[str, Any]) -> bool:
    """Tell whether the `require`s of a function or method hold. (icontract's answer is slow.)"""
    known = {**arguments, "self": getattr(function, "__self__", None)}
    return all(
        contract.condition(**{name: known[name] for name in contract.condition_args})
        for group in getattr(function, "__preconditions__", [])
        for contract in group
    )


def _valid(record: Any) -> bool:
    return all(held.condition(record) for held in getattr(type(record), "__invariants__", []))


def _number(hint: Any) -> Quantity | None:
    """Return the range of an integer; None for what is no integer."""
    if hint is int:
        return Quantity("integer", -(2**63), 2**63 - 1)
    if typing.get_origin(hint) is Annotated and typing.get_args(hint)[0] is int:
        return next((a for a in hint.__metadata__ if isinstance(a, Quantity)), _number(int))
    return None


def dtype_of(hint: Any) -> Any:
    """Return the type of the elements of an array; None for what is no array."""
    if typing.get_origin(hint) is Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) is not np.ndarray:
        return None
    return typing.get_args(typing.get_args(hint)[1])[0]
