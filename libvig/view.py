"""The abstract state of a structure, computed from its arrays and remembered while they last.

Contracts speak of views, and evaluate them dozens of times a packet, while a packet changes a few
array elements at most. So a view is computed once for each content of the arrays; after a
change, only the entries at the changed indices are computed again where the view's text shows
that nothing else can differ. The arrays themselves are compared, element by element, each time
that a view is asked for: a remembered view is never a stale one, whoever wrote to the arrays.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import weakref
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from libvig.pointwise import Pointwise, pointwise

Array = NDArray[Any]
Structure = TypeVar("Structure")
Value = TypeVar("Value")

_HISTORY = 8  # changes of an array that are kept, so that a view can catch up with them


class State(NamedTuple):
    """What a structure holds: equal states are equal contents of the same arrays."""

    versions: tuple[int, ...]
    scalars: tuple[Hashable, ...]


class _Watched:
    """An array, its content when last looked at, and what was computed from it.

    A version stands for one content of one array; no two arrays ever share a version.
    """

    fresh_versions = itertools.count()

    def __init__(self, array: Array) -> None:
        self.content = array.copy()
        self.version = next(self.fresh_versions)
        self.changes: list[tuple[int, Array]] = []  # version before, positions that changed
        self.memory: dict[object, Any] = {}

    def look(self, array: Array) -> None:
        """Start a new version if the array is not what it was."""
        differs = array != self.content
        if differs.any():
            self.changes = [*self.changes[1 - _HISTORY :], (self.version, np.flatnonzero(differs))]
            self.version = next(self.fresh_versions)
            np.copyto(self.content, array)

    def changed_since(self, version: int) -> set[int] | None:
        """Return the positions that may differ from those of a version; None if not known."""
        positions: set[int] = set()
        if version == self.version:
            return positions
        for before, changed in reversed(self.changes):
            positions.update(changed.tolist())
            if before == version:
                return positions
        return None


_watched: dict[int, tuple[weakref.ref[Array], _Watched]] = {}


class _Evaluation:
    """While a contract is evaluated, nothing changes: one look at each array is enough."""

    def __init__(self) -> None:
        self.depth = 0
        self.looked_at: set[int] = set()
        # View and structure by identity; the structure is kept so that none takes its place.
        self.values: dict[tuple[int, int], tuple[Any, Any]] = {}

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.looked_at.clear()
            self.values.clear()


evaluation = _Evaluation()


def _watch(array: Array) -> _Watched:
    """Return what is known of an array, as it is now."""
    name = id(array)
    if name in evaluation.looked_at:
        return _watched[name][1]
    found = _watched.get(name)
    if found is None:
        found = _watched[name] = weakref.ref(array, lambda _: _forget(name)), _Watched(array)
    else:
        found[1].look(array)
    if evaluation.depth > 0:
        evaluation.looked_at.add(name)
    return found[1]


def _forget(name: int) -> None:
    """Note that an array is gone; another may get its name, even in the same evaluation."""
    _watched.pop(name, None)
    evaluation.looked_at.discard(name)


def _leaves(structure: Iterable[Any], arrays: list[Array], scalars: list[Hashable]) -> None:
    for field in structure:
        if isinstance(field, np.ndarray):
            arrays.append(field)
        elif isinstance(field, tuple):
            _leaves(field, arrays, scalars)
        else:
            scalars.append(field)


class Remembered:
    """What is remembered of a structure, and the state that it is in."""

    def __init__(self, structure: Any) -> None:
        arrays: list[Array] = []
        scalars: list[Hashable] = []
        _leaves(structure, arrays, scalars)
        self.watched = [_watch(array) for array in arrays]
        self.places = {id(array): place for place, array in enumerate(arrays)}
        self.state = State(tuple(known.version for known in self.watched), tuple(scalars))
        self.memory = self.watched[0].memory if self.watched else {}

    def changed_since(self, state: State, cells: Iterable[Array]) -> set[int] | None:
        """Return the indices at which any array may differ from a state.

        None if that is not known, or if one of these arrays does, on which all indices depend.
        """
        if state.scalars != self.state.scalars or len(state.versions) != len(self.watched):
            return None
        places = [self.places[id(cell)] for cell in cells]
        if any(state.versions[place] != self.state.versions[place] for place in places):
            return None
        indices: set[int] = set()
        for known, version in zip(self.watched, state.versions, strict=True):
            changed = known.changed_since(version)
            if changed is None:
                return None
            indices |= changed
        return indices


class view(Generic[Structure, Value]):
    """Decorator: the abstract state of a structure, read like a property."""

    def __init__(self, function: Callable[[Structure], Value]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, structure: None, owner: type) -> view[Structure, Value]: ...
    @overload
    def __get__(self, structure: Structure, owner: type) -> Value: ...
    def __get__(self, structure: Structure | None, owner: type) -> view[Structure, Value] | Value:
        found = evaluation.values.get((id(self), id(structure)))
        if found is not None:
            known: Value = found[1]
            return known
        if structure is None:
            return self
        with evaluation:
            value = self._value(structure)
            if evaluation.depth > 1:
                evaluation.values[id(self), id(structure)] = structure, value
                return value
        # The caller may change it.
        return cast(Value, dict(value)) if isinstance(value, dict) else value

    def _value(self, structure: Structure) -> Value:
        remembered = Remembered(structure)
        state, value = remembered.memory.get(self, (None, None))
        if state == remembered.state:
            return cast(Value, value)
        changed = None
        if state is not None and self.is_pointwise(structure):
            changed = remembered.changed_since(state, self._cells(structure))
        if changed is not None:
            value = self._updated(structure, value, changed)
        else:
            value = self.function(structure)
        remembered.memory[self] = remembered.state, value
        return cast(Value, value)

    @functools.cached_property
    def _pointwise(self) -> Pointwise | None:
        return pointwise(self.function)

    def is_pointwise(self, structure: Any) -> bool:
        """Tell whether an entry depends on nothing but the arrays' elements at its index."""
        if self._pointwise is None:
            return False
        rows = [*self._pointwise.cells, *filter(None, [self._pointwise.measured])]
        if not all(_leads_to_a_field(structure, path) for path in [*rows, *self._pointwise.read]):
            return False
        if not all(_is_row(_found(structure, path)) for path in rows):
            return False
        for path in self._pointwise.read:
            owner, name = _owner(structure, path)
            member = inspect.getattr_static(type(owner), name)
            if isinstance(member, view):
                if not member.is_pointwise(owner):
                    return False
            elif not _is_row(getattr(owner, name)):
                return False
        return True

    def _cells(self, structure: Any) -> list[Array]:
        """Return the arrays on which all entries depend; the view is pointwise otherwise."""
        assert self._pointwise is not None
        found = [_found(structure, path) for path in self._pointwise.cells]
        for path in self._pointwise.read:
            owner, name = _owner(structure, path)
            member = inspect.getattr_static(type(owner), name)
            if isinstance(member, view):
                found += member._cells(owner)
        return found

    def _updated(self, structure: Any, old: Any, changed: set[int]) -> dict[int, Any]:
        """Return the view, given what it was before the arrays changed at some indices."""
        assert self._pointwise is not None

        def only(domain: Any) -> Iterable[Any]:
            if isinstance(domain, range):
                return [index for index in changed if index in domain]
            items = domain.mapping
            return [(index, items[index]) for index in changed if index in items]

        new = dict(old)
        for index in changed:
            new.pop(index, None)
        new.update(self._pointwise.entries(structure, only))
        return new


def _is_row(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 1


def _leads_to_a_field(structure: Any, path: str) -> bool:
    """Tell whether a path is one of fields, or of these to a view: no property is on it."""
    *parents, name = path.split(".")
    owner = structure
    for parent in parents:
        if parent not in type(owner)._fields:
            return False
        owner = getattr(owner, parent)
    return name in type(owner)._fields or isinstance(
        inspect.getattr_static(type(owner), name), view
    )


def _found(structure: Any, path: str) -> Any:
    return functools.reduce(getattr, path.split("."), structure)


def _owner(structure: Any, path: str) -> tuple[Any, str]:
    """Return the structure that the last attribute of a path belongs to, and that attribute."""
    *parents, name = path.split(".")
    return functools.reduce(getattr, parents, structure), name
