"""What a proof file may say: six words that mark its classes and functions.

A proof class is a subclass of the structure that it argues about. Its own fields are ghosts: they
exist in the proof only, and hold what a proof must name and the structure need not store. The
marks change nothing of what they stand on; they are read by the verifier, which proves, and by
the rehearsal (libvig/proof/rehearsal), which tries beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])
Predicate = TypeVar("Predicate", bound=Callable[..., bool])
Measure = TypeVar("Measure", bound=Callable[..., int])
Step = TypeVar("Step", bound=Callable[..., None])


class Role(NamedTuple):
    """What a function of a proof file is for."""

    word: str  # of the notation
    target: Callable[..., Any] | None  # function or method that it speaks of, as it was named
    nth: int  # which loop of that, from 0


def about(proof: Class) -> Class:
    """Mark a class that argues about the structure which it is a subclass of."""
    proof.__is_proof__ = True  # type: ignore[attr-defined]  # a mark on the class object
    return proof


def always(predicate: Predicate) -> Predicate:
    """Holds of what a constructor returns, and before and after each public method."""
    return _marked(predicate, Role("always", None, 0))


def initially(constructor: Callable[..., Any]) -> Callable[[Step], Step]:
    """Ghost step: sets the ghosts of what `constructor` returns; takes parameters of it."""
    return lambda step: _marked(step, Role("initially", constructor, 0))


def after(method: Callable[..., Any]) -> Callable[[Step], Step]:
    """Ghost step: changes the ghosts when `method` returns; takes parameters of it, or `result`.

    The method may be private: then this is part of each public method that calls it.
    """
    return lambda step: _marked(step, Role("after", method, 0))


def loop(function: Callable[..., Any], nth: int = 0) -> Callable[[Predicate], Predicate]:
    """Holds whenever that loop of `function` comes round, before its test; takes locals by name.

    `OLD` is the structure as it was when the public method was called.
    """
    return lambda predicate: _marked(predicate, Role("loop", function, nth))


def decreases(function: Callable[..., Any], nth: int = 0) -> Callable[[Measure], Measure]:
    """Falls at every turn of that loop, and is never negative where its body begins."""
    return lambda measure: _marked(measure, Role("decreases", function, nth))


def roles(function: object) -> tuple[Role, ...]:
    """Return what a function was marked as, the mark next to it first."""
    found: tuple[Role, ...] = getattr(function, "__proof_roles__", ())
    return found


def _marked(function: Function, role: Role) -> Function:
    marked: Any = function
    marked.__proof_roles__ = (*roles(function), role)
    return function


def is_power_of_two(number: int) -> bool:
    """Tell whether a number is 1, 2, 4, and so on. The verifier knows laws of it."""
    return number > 0 and number & (number - 1) == 0
