"""Where a proof file meets the running code: ghost steps are taken, predicates checked."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from libvig.proof.notation import roles
from libvig.proof.rehearsal.account import Broken, Mistake, counterexample
from libvig.proof.rehearsal.arrays import Endless, GhostList, NotAllowed, arrays_of, strict
from libvig.view import evaluation, view

MOST_TURNS = 10_000

Function = Callable[..., Any]


class Stage:
    """What a proof says, and how far it was tried; copied code calls `begin` and `turns`."""

    def __init__(self) -> None:
        self.always: dict[type, list[Function]] = {}
        self.steps: dict[tuple[type, str, str], list[Function]] = {}  # by proof, word and target
        self.loops: dict[tuple[str, int], list[Function]] = {}
        self.measures: dict[tuple[str, int], list[Function]] = {}
        self.functions: set[Function] = set()  # all of the above
        self.tried: set[Function] = set()
        self.checks = 0
        self.looking = False  # a proof is evaluated: nothing else counts
        self.stepping = False
        self.old: Any = None  # the structure as it was before the public call

    def learn(self, owner: Any) -> None:
        """Take in what the functions of a proof file or a proof class are for."""
        for function in list(vars(owner).values()):
            for role in roles(function) if inspect.isfunction(function) else ():
                self.functions.add(function)
                target = qualified(role.target) if role.target else ""
                if role.word == "always":
                    self.always.setdefault(owner, []).append(function)
                elif role.word in ("after", "initially"):
                    self.steps.setdefault((owner, role.word, target), []).append(function)
                else:
                    said = self.loops if role.word == "loop" else self.measures
                    said.setdefault((target, role.nth), []).append(function)

    def turns(self, name: str, nth: int) -> Turns:
        """Return what watches one run of a loop."""
        return Turns(self, name, nth)

    def check_always(self, structure: Any, when: str) -> None:
        """Check what holds between calls."""
        with self.look([structure]):
            for predicate in self.always.get(_proof_of(structure), []):
                self.check(predicate, {"self": structure}, when)

    def check(self, predicate: Function, known: Mapping[str, Any], when: str) -> None:
        """Check one predicate; its parameters are among the known names."""
        arguments = self.arguments(predicate, known)
        self.checks += 1
        if not predicate(**arguments):
            values = counterexample(predicate, arguments)
            raise Broken(predicate, f"`{predicate.__name__}` does not hold {when}", values)

    def arguments(self, function: Function, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a function of a proof is called with."""
        self.tried.add(function)
        found = {}
        for name in _parameters(function):
            if name == "OLD":
                found[name] = self.old
            elif name not in known:
                raise Mistake(function, f"`{function.__name__}`: `{name}` is not known there", {})
            else:
                found[name] = known[name]
        return found

    @contextmanager
    def look(self, values: Iterable[Any], *, stepping: bool = False) -> Iterator[None]:
        """While a proof is evaluated: no array among the values can be written to."""
        frozen = [array for array in arrays_of(values) if array.flags.writeable]
        before = self.looking, self.stepping
        self.looking, self.stepping = True, stepping
        for array in frozen:
            array.flags.writeable = False
        try:
            with evaluation:
                yield
        finally:
            for array in frozen:
                array.flags.writeable = True
            self.looking, self.stepping = before

    def step(self, structure: Any, word: str, target: str, known: Mapping[str, Any]) -> None:
        """Take the ghost steps for what has just happened to a structure."""
        steps = self.steps.get((_proof_of(structure), word, target), [])
        if steps and not self.looking:
            with self.look([structure], stepping=True):
                for step in steps:
                    step(**self.arguments(step, {**known, "self": structure}))

    def rehearsed(self, proof: type) -> type:
        """Return a subclass of a proof class whose methods take the ghost steps."""
        members: dict[str, Any] = {"__setattr__": _guard(self, _ghosts(proof))}
        names = {target.rpartition(".")[2] for _, word, target in self.steps if word == "after"}
        for name in names | {*public_methods(structure_of(proof))}:
            if hasattr(proof, name):
                members[name] = _staged(self, getattr(proof, name))
        return type(structure_of(proof).__name__, (proof,), members)

    def snapshot(self, structure: Any) -> Any:
        """Return a copy of a structure and its ghosts."""
        copy = strict(structure, type(structure), copied=True)
        for name, value in getattr(structure, "__dict__", {}).items():
            kept = GhostList(value, lambda: self.stepping) if isinstance(value, list) else value
            vars(copy)[name] = kept
        return copy

    def call(self, structure: Any, method: Function, arguments: Mapping[str, Any]) -> Any:
        """Call a method, and take its ghost steps when it returns."""
        if method.__name__.startswith("_") or self.looking:
            return self._stepped(structure, method, arguments)
        outer, self.old = self.old, self.snapshot(structure)
        for array in arrays_of(self.old):
            array.flags.writeable = False
        try:
            result = self._stepped(structure, method, arguments)
            self.check_view(structure, method)
        finally:
            self.old = outer
        self.check_always(structure, f"after {method.__name__}")
        return result

    def _stepped(self, structure: Any, method: Function, arguments: Mapping[str, Any]) -> Any:
        result = method(**arguments)
        self.step(structure, "after", qualified(method), {**arguments, "result": result})
        return result

    def check_view(self, structure: Any, method: Function) -> None:
        """Check that a method changes the view only if its contract says what becomes of it."""
        if not is_structure(type(structure)) or names_old(method):
            return
        with self.look([structure, self.old]):
            changed = structure.entries != self.old.entries
        if changed:
            reason = "name OLD in an `@ensure`, as this method changes the view"
            raise Broken(method, f"`{method.__name__}`: {reason}", {})


class Turns:
    """One run of a loop: what holds at its head, and what falls from turn to turn."""

    def __init__(self, stage: Stage, name: str, nth: int) -> None:
        self.stage = stage
        self.place = f"at a loop of {name}"
        self.predicates = stage.loops.get((name, nth), [])
        self.measures = stage.measures.get((name, nth), [])
        self.last: dict[Function, int] = {}
        self.count = 0

    def head(self, known: Mapping[str, Any]) -> bool:
        """Check what holds when the loop comes round."""
        self.count += 1
        if self.count > MOST_TURNS:
            raise Endless(f"{self.place}: it does not end")
        if (self.predicates or self.last) and not self.stage.looking:
            with self.stage.look(known.values()):
                for predicate in self.predicates:
                    self.stage.check(predicate, known, self.place)
                for measure, last in self.last.items():
                    self._measured(measure, known, last)
        return True

    def edge(
        self, known: Mapping[str, Any], name: str, values: Iterable[Any], *, is_over: bool
    ) -> None:
        """Check what holds before a `for` and when it is over, as far as its names are known.

        The variable then has the value that begins the range, or the first one beyond it.
        """
        if self.predicates and not self.stage.looking:
            known = {other: value for other, value in known.items() if other != name}
            if isinstance(values, range):
                known[name] = values.start + (len(values) * values.step if is_over else 0)
            with self.stage.look(known.values()):
                for predicate in self.predicates:
                    if {*_parameters(predicate)} - {"OLD"} <= {*known}:
                        self.stage.check(predicate, known, self.place)

    def body(self, known: Mapping[str, Any]) -> None:
        """Check that a measure is not negative where a turn begins."""
        if self.measures and not self.stage.looking:
            with self.stage.look(known.values()):
                for measure in self.measures:
                    self.last[measure] = self._measured(measure, known, None)

    def _measured(self, measure: Function, known: Mapping[str, Any], last: int | None) -> int:
        self.stage.checks += 1
        value = measure(**self.stage.arguments(measure, known))
        if type(value) is not int:
            raise Broken(measure, f"`{measure.__name__}` is no integer: {value!r}", {})
        if last is None and value < 0:
            raise Broken(measure, f"`{measure.__name__}` is {value} {self.place}", {})
        if last is not None and value >= last:
            reason = f"`{measure.__name__}` does not fall {self.place}: {last}, then {value}"
            raise Broken(measure, reason, {})
        return value


def qualified(function: Function) -> str:
    """Return a function's name, after its class if it is a method."""
    name: str = inspect.unwrap(function).__qualname__
    return name


def names_old(method: Function) -> bool:
    """Tell whether an `@ensure` speaks of what was before; contracts are left out by `-O`."""
    promised = getattr(method, "__postconditions__", None)
    return promised is None or any("OLD" in one.condition_args for one in promised)


def is_structure(cls: type) -> bool:
    """Tell whether objects of a class change, and are known by their view."""
    return isinstance(inspect.getattr_static(cls, "entries", None), view)


def structure_of(cls: type) -> type:
    """Return what a proof class is about; any other class is about itself."""
    return cls.__mro__[1] if "__is_proof__" in vars(cls) else cls


def public_methods(cls: type) -> list[str]:
    """Return the names of a structure's own methods that may be called from outside."""
    return [
        name
        for name, member in vars(cls).items()
        if not name.startswith("_")
        and inspect.isfunction(member)
        and inspect.unwrap(member).__module__ == cls.__module__
    ]


def _proof_of(structure: Any) -> type:
    """Return the proof class of a rehearsed structure."""
    proof: type = type(structure).__mro__[1]
    return proof


@functools.cache
def _parameters(function: Function) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def _ghosts(proof: type) -> dict[str, str]:
    """Return the ghost fields of a proof class, each with its annotation."""
    if "__is_proof__" not in vars(proof):
        return {}
    return inspect.get_annotations(proof)


def _guard(stage: Stage, ghosts: Mapping[str, str]) -> Function:
    """Return the `__setattr__` of a rehearsed structure."""

    def set_ghost(self: Any, name: str, value: Any) -> None:
        if name not in ghosts:
            raise NotAllowed(f"a proof changes nothing but its ghosts, and `{name}` is none")
        if not stage.stepping:
            raise NotAllowed("ghosts are assigned in ghost steps only")
        if ghosts[name] == "list[int]" and isinstance(value, list):
            if any(type(element) is not int for element in value):
                raise NotAllowed(f"`{name}` is a list of integers, not {value!r}")
            value = GhostList(value, lambda: stage.stepping)
        elif ghosts[name] != "int" or type(value) is not int:
            raise NotAllowed(f"`{name}` is declared `{ghosts[name]}`, and set to {value!r}")
        vars(self)[name] = value

    return set_ghost


def _staged(stage: Stage, method: Function) -> Function:
    """Return a method that the stage calls."""
    signature = inspect.signature(inspect.unwrap(method))

    def staged(self: Any, *args: Any, **kwargs: Any) -> Any:
        return stage.call(self, method, signature.bind(self, *args, **kwargs).arguments)

    return functools.update_wrapper(staged, method)
