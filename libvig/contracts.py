"""Contracts of structures and NFs: icontract, quick enough to run beside every packet.

`require` and `ensure` stand on methods and functions, `invariant` on classes; each takes a lambda
that only looks and never changes anything. `view` marks the abstract state that they speak of.

Conditions of one kind are evaluated from the lowest up, so that each may count on those below it.
A method of a structure of which no `ensure` speaks of `OLD` leaves the view as it was: callers take
that for granted, the verifier proves it, and a rehearsal of the proof checks it.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import icontract
import numpy as np

from libvig.types import I32, I64, Bytes
from libvig.view import Remembered, evaluation, view

__all__ = ["all_different", "count", "ensure", "invariant", "require", "view"]

Function = TypeVar("Function", bound=Callable[..., Any])
Class = TypeVar("Class", bound=type)
Condition = Callable[..., Any]

enabled = __debug__
"""Whether contracts are put on what is decorated from now on; `python -O` leaves them out."""


class require(icontract.require):
    """Precondition: what the caller must see to."""

    def __call__(self, function: Function) -> Function:
        if self._contract is None or not enabled:
            return function
        self._contract.condition = _quick(self._contract.condition)
        return super().__call__(function)


class ensure(icontract.ensure):
    """Postcondition; `OLD.entries` in it is the view `entries` as it was before the call."""

    def __call__(self, function: Function) -> Function:
        if self._contract is None or not enabled:
            return function
        self._contract.condition = _quick(self._contract.condition)
        checked = super().__call__(function)
        if "OLD" in self._contract.condition_args and not _snapshots(checked):
            return icontract.snapshot(_entries, name="entries")(checked)
        return checked


class invariant(icontract.invariant):
    """What holds of every object of a class before and after each of its public methods."""

    def __call__(self, cls: Class) -> Class:
        if self._invariant is None or not enabled:
            return cls
        condition = self._invariant.condition
        has_view = any(isinstance(member, view) for member in vars(cls).values())
        self._invariant.condition = _quick(condition, _held(condition) if has_view else None)
        with _signatures_remembered():
            checked = super().__call__(cls)
        for name, member in list(vars(cls).items()):
            # To compare, or to read a property, changes nothing.
            if isinstance(getattr(member, "__wrapped__", None), types.WrapperDescriptorType):
                delattr(cls, name)
            if isinstance(member, property):
                setattr(cls, name, property(_unwatched(member.fget), doc=member.__doc__))
        return checked


def all_different(values: Iterable[Hashable]) -> bool:
    """Tell whether no value occurs twice."""
    listed = list(values)
    return len(set(listed)) == len(listed)


def count(array: Bytes | I32 | I64, value: int) -> int:
    """Return how many elements of an array are `value`."""
    return int(np.count_nonzero(array == value))


_signature = functools.cache(inspect.signature)


@contextmanager
def _signatures_remembered() -> Iterator[None]:
    """Have icontract find out once what methods of tuples take, and not for each class of ours."""
    signature = inspect.signature
    inspect.signature = _signature
    try:
        yield
    finally:
        inspect.signature = signature


def _unwatched(method: Any) -> Any:
    """Return a method without the check of invariants that icontract has put around it."""
    watched = getattr(method, "__is_invariant_check__", False)
    return method.__wrapped__ if watched else method


def _snapshots(checked: Callable[..., Any]) -> list[Any]:
    found: list[Any] = getattr(checked, "__postcondition_snapshots__", [])
    return found


def _entries(self: Any) -> Any:
    with evaluation:
        return self.entries


def _held(condition: Condition) -> Condition:
    """Return an invariant that is not evaluated again for a content of which it held."""

    def holds(self: Any) -> Any:
        remembered = Remembered(self)
        if remembered.memory.get(condition) == remembered.state:
            return True
        held = condition(self)
        if held:
            remembered.memory[condition] = remembered.state
        return held

    return holds


def _looks_at_a_view(code: types.CodeType) -> bool:
    """Tell whether a condition may do so, and often, judged by its text."""
    return "entries" in code.co_names or any(
        isinstance(part, types.CodeType) for part in code.co_consts
    )


def _quick(condition: Condition, evaluate: Condition | None = None) -> Condition:
    """Return a condition within which each array is looked at only once.

    To icontract, which quotes the text of a condition and its parts when it fails, it looks like
    the lambda that it was: at the same place of the same file, with the same global names.
    """
    if not inspect.isfunction(condition) or condition.__closure__:
        return condition
    if evaluate is None and not _looks_at_a_view(condition.__code__):
        return condition
    # Its global names being the condition's, it gets its own from the closure.
    _decide, _evaluation = evaluate or condition, evaluation

    def evaluated(**arguments: Any) -> Any:
        with _evaluation:
            return _decide(**arguments)

    origin = condition.__code__
    code = evaluated.__code__.replace(
        co_filename=origin.co_filename,
        co_firstlineno=origin.co_firstlineno,
    )
    looks_same = types.FunctionType(
        code, condition.__globals__, condition.__name__, None, evaluated.__closure__
    )
    return functools.update_wrapper(looks_same, condition)
