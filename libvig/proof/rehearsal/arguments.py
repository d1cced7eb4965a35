"""Random arguments, drawn by their annotations: small, often such as the structure knows, and
often at the bounds that contracts speak of.
"""

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
from libvig.proof.rehearsal.bounds import at_bounds, bounds_of, bounds_of_fields
from libvig.proof.rehearsal.calls import Made
from libvig.proof.rehearsal.copies import NAMES
from libvig.proof.rehearsal.stage import is_structure
from libvig.types import Quantity

_EDGES = [2**8 - 1, 2**15 - 1, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63 - 1]
_TRIES = 200
_AT_BOUNDS = 0.4  # how often numbers are moved to their bounds
_LATE = 0.2  # how often a time is before one that was drawn: contracts must forbid it


class CannotDraw(Exception):
    """No argument is known for an annotation."""


class Arguments:
    """Draws arguments for the methods of one structure, or for functions."""

    def __init__(
        self, random: Random, structure: Callable[[type], Made] | None = None, size: int = 4
    ) -> None:
        self.random = random
        self.structure = structure  # makes one of a class
        self.size = size  # integers are chosen for arrays of about this length
        self.length = size  # that arrays have for the most part
        self.clock = random.randint(-2, 3)
        self.numbers: list[int] = []  # that the structure holds
        self.pools: dict[type, list[Any]] = {}

    def know(self, structure: Any) -> None:
        """Take the numbers of a structure's view as likely arguments."""
        view = getattr(structure, "entries", {})
        items = [*view.keys(), *view.values()] if isinstance(view, dict) else []
        self.numbers = [item for item in items if type(item) is int]

    def draw(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Return arguments of a function or method."""
        hints = parameters(inspect.unwrap(function))
        if any(dtype_of(hint) is not None or has_arrays(hint) for hint in hints.values()):
            self.size = self.length = self.random.choice([*range(9), *range(24, 80, 8)])
        return self._at_bounds(
            function, {name: self.value(hint, name) for name, hint in hints.items()}
        )

    def _at_bounds(self, function: Callable[..., Any], drawn: dict[str, Any]) -> dict[str, Any]:
        if self.random.random() >= _AT_BOUNDS:
            return drawn
        known = {"self": getattr(function, "__self__", None), **looked_at(drawn)}
        return at_bounds(self.random, drawn, _bounds_of(_plain(function)), known)

    def sizes(self, function: Callable[..., Any]) -> dict[str, int]:
        """Return arguments of a constructor."""
        drawn: dict[str, Any] = {}
        before = 0
        for name, hint in parameters(inspect.unwrap(function)).items():
            if _number(hint) is None:
                self.length = self.random.randint(0, before or 2)  # of what it begins with
                drawn[name] = self.value(hint, name)
            else:
                before = self.random.randint(1, 4) + self.random.choice([0, before])
                drawn[name] = before
        return self._at_bounds(function, drawn)

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
        if inspect.isclass(hint) and is_structure(hint):
            if self.structure is not None:
                return self.structure(hint)
            raise CannotDraw(f"no structures for {name}")
        if has_arrays(hint):
            return self._valid_records(hint, 1)[0]
        if inspect.isclass(hint) and hasattr(hint, "_fields"):
            return self.random.choice(self._pool(hint))
        raise CannotDraw(f"no arguments for {name}: {hint}")

    def _integer(self, quantity: Quantity, name: str) -> int:
        if name == "now":
            if self.random.random() < _LATE:
                return self.clock - self.random.randint(1, 3)
            self.clock += self.random.choice([0, 0, 1, 1, 2])
            return self.clock
        if name == "capacity":  # of a structure to be made: a large one would show no more
            return self.random.randint(0, 6)
        kind = self.random.random()
        if kind < 0.5:
            drawn = self.random.randint(-1, self.size + 1)
        elif kind < 0.7:
            drawn = self.random.randint(self.clock - 4, self.clock + 2)
        elif kind < 0.97 and self.numbers:
            drawn = self.random.choice(self.numbers)
        else:
            drawn = self.random.choice([*_EDGES, -(2**63)])
        return max(quantity.lowest, min(drawn, quantity.highest))

    def _array(self, dtype: Any) -> Any:
        """Return an array of anything, of small numbers, or of rising ones."""
        limits = np.iinfo(dtype)
        length = self.length if self.random.random() < 0.9 else self.random.randint(0, 9)
        kind = self.random.randrange(3)
        if kind == 0:
            edges = [limits.min, limits.max, 0, 1, self.random.randint(limits.min, limits.max)]
            values = [self.random.choice(edges) for _ in range(length)]
        else:
            values = [max(0, self.random.randint(-4, 5)) for _ in range(length)]
            values = list(itertools.accumulate(values)) if kind == 2 and length < 9 else values
        return np.array(values, dtype).view(StrictArray)

    def _pool(self, cls: type) -> list[Any]:
        """Return a few values of a class, so that the same ones are drawn again and again."""
        if cls not in self.pools:
            self.pools[cls] = [cls(*one) for one in self._valid_records(cls, 2 * self.size + 2)]
        return self.pools[cls]

    def _valid_records(self, cls: type, most: int) -> list[Any]:
        """Return some records that meet their invariants, one at least."""
        tried = (self._record(cls) for _ in range(_TRIES))
        found = list(itertools.islice(filter(_valid, tried), most))
        if not found:
            raise CannotDraw(f"no {cls.__name__} meets its invariants")
        return found

    def _record(self, cls: Any) -> Any:
        fields = {name: self._field(hint, name) for name, hint in _fields(cls).items()}
        if self.random.random() < _AT_BOUNDS:
            plain = tuple.__new__(cls, fields.values())
            fields = at_bounds(self.random, fields, _bounds_of_fields(cls), {"self": plain})
        return tuple.__new__(cls, fields.values())

    def _field(self, hint: Any, name: str) -> Any:
        if inspect.isclass(hint) and is_structure(hint):
            raise CannotDraw(f"no structures inside of others for {name}")
        if _number(hint) is None:
            return self.value(hint, name)
        return self.random.choice([0, 1, 2, 3] * 4 + _EDGES)


@functools.lru_cache(maxsize=1000)
def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the parameters of a function or method, without `self`, and their annotations."""
    hints = typing.get_type_hints(function, include_extras=True)
    names = inspect.signature(function).parameters
    return {name: hints.get(name) for name in names if name != "self"}


def looked_at(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as conditions see them: structures for what stands for them."""
    return {
        name: value.value if isinstance(value, Made) else value for name, value in arguments.items()
    }


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    plain: Callable[..., Any] = getattr(function, "__func__", function)
    return plain


_bounds_of = functools.lru_cache(maxsize=1000)(bounds_of)
_bounds_of_fields = functools.lru_cache(maxsize=1000)(bounds_of_fields)


def allowed(function: Callable[..., Any], arguments: Mapping[str, Any]) -> bool:
    """Tell whether the `require`s of a function or method hold. (icontract's answer is slow.)"""
    known = {**looked_at(arguments), "self": getattr(function, "__self__", None)}
    return all(
        contract.condition(**{name: known[name] for name in contract.condition_args})
        for group in getattr(function, "__preconditions__", [])
        for contract in group
    )


def has_arrays(hint: Any) -> bool:
    """Tell whether a class is a record of arrays."""
    fields = _fields(hint) if _is_record(hint) else {}
    return any(dtype_of(field) is not None for field in fields.values())


def _fields(cls: Any) -> dict[str, Any]:
    """Return the annotations of a record's fields."""
    names = getattr(cls, NAMES, None)
    hints = typing.get_type_hints(cls, globalns=names, include_extras=True)
    return {name: hints[name] for name in cls._fields}


def _is_record(hint: Any) -> bool:
    return inspect.isclass(hint) and hasattr(hint, "_fields") and not is_structure(hint)


def _valid(record: Any) -> bool:
    return all(held.condition(self=record) for held in getattr(type(record), "__invariants__", []))


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
