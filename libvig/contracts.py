"""Contracts: icontract, with the abstract state of a structure as a `view`."""

import inspect
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar, overload

import icontract
from icontract import invariant, require

__all__ = ["all_different", "ensure", "invariant", "require", "view"]

F = TypeVar("F", bound=Callable[..., Any])
Structure = TypeVar("Structure")
Value = TypeVar("Value")


class view(Generic[Structure, Value]):
    """The abstract state of a structure, computed from its arrays: what contracts speak of."""

    def __init__(self, function: Callable[[Structure], Value]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, structure: None, owner: type) -> "view[Structure, Value]": ...
    @overload
    def __get__(self, structure: Structure, owner: type) -> Value: ...
    def __get__(self, structure: Structure | None, owner: type) -> "view[Structure, Value] | Value":
        if structure is None:
            return self
        return self.function(structure)


class ensure(icontract.ensure):
    """Postcondition; where it names `OLD`, the view `entries` is kept from before the call."""

    def __call__(self, function: F) -> F:
        assert self._contract is not None
        checked: F = super().__call__(function)
        needs_old = "OLD" in inspect.signature(self._contract.condition).parameters
        if needs_old and not getattr(checked, "__postcondition_snapshots__", None):
            return icontract.snapshot(lambda self: self.entries, name="entries")(checked)
        return checked


def all_different(values: Iterable[Hashable]) -> bool:
    """Tell whether no value occurs twice."""
    listed = list(values)
    return len(set(listed)) == len(listed)
