"""Random calls of a structure, its contracts and its proof looked at in between."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from libvig.proof.rehearsal.account import Failure, Outcome
from libvig.proof.rehearsal.arguments import Arguments, CannotDraw, allowed
from libvig.proof.rehearsal.calls import EXPECT, Call, Calls, Made
from libvig.proof.rehearsal.play import NotPossible, Play
from libvig.proof.rehearsal.simplify import simplest
from libvig.proof.rehearsal.stage import is_structure, public_methods, qualified, structure_of
from libvig.proof.rehearsal.words import TooLong
from libvig.view import evaluation

Function = Callable[..., Any]

_LENGTHS = (3, 6, 12, 25, 50)  # of sequences of calls: what fails soon is easy to understand
_SAMPLES = 20  # structures that functions and lemmas are tried on
_TRIES = 30  # to find arguments that the contracts allow
_FRUITLESS = 50  # sequences or calls, one after the other, that nothing is allowed in


def rehearse(
    module: str,
    *,
    steps: int = 500,
    seed: int = 0,
    sources: Mapping[str, Path] | None = None,
) -> Outcome:
    """Try the structures of a module, and the functions that its proof file speaks of.

    Each gets `steps` random calls, the same ones for the same seed. The proof file of `a.b.c` is
    `libvig.proof.c`; without one, contracts alone are tried. `sources` are files to read in place
    of modules' own.
    """
    return _Rehearsal(Play(module, sources), steps, seed).outcome()


def rehearse_one(
    module: str,
    function: str,
    *,
    steps: int = 500,
    seed: int = 0,
    sources: Mapping[str, Path] | None = None,
) -> Outcome:
    """Try one function, or a method by its class and name; what else fails is not minded."""
    return _Rehearsal(Play(module, sources), steps, seed).outcome_of(function)


class _Fails(Exception):
    """What a call came to."""

    def __init__(self, calls: Calls, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.calls = calls
        self.failure = failure


class _Rehearsal:
    """The calls of one rehearsal."""

    def __init__(self, play: Play, steps: int, seed: int) -> None:
        self.play = play
        self.steps = steps
        self.random = Random(seed)
        self.count = 0
        self.samples: dict[type, list[Made]] = {}
        self.changing: set[tuple[type, str]] = set()  # the methods that have changed an array

    def outcome(self) -> Outcome:
        """Make all calls, up to the first failure."""
        found: Failure | None = None
        try:
            for cls in self.play.classes:
                self._try_structure(cls)
            for function in [*self._functions_with_loops(), *self.play.lemmas()]:
                self._try_function(function)
        except _Fails as failed:
            found = simplest(self.play, failed.calls, failed.failure)
        stage = self.play.stage
        untried = sorted(f.__name__ for f in stage.functions - stage.tried)
        return Outcome(found, self.count, stage.checks, tuple(untried))

    def _functions_with_loops(self) -> list[Function]:
        """Return the module's functions of whose loops the proof speaks."""
        named = {name for name, _ in [*self.play.stage.loops, *self.play.stage.measures]}
        built = {made for cls in self.play.classes for made in self.play.constructors(cls)}
        functions = self.play.defined(inspect.isfunction)
        return [f for f in functions if qualified(f) in named and f not in built]

    # ------------------------------------------------------------ one function

    def outcome_of(self, name: str) -> Outcome:
        """Make calls up to the first failure of a function or method."""
        found = self._failure_of(name)
        return Outcome(found, self.count, self.play.stage.checks, ())

    def _failure_of(self, name: str) -> Failure | None:
        end = self.count + self.steps
        try_it = self._trial(*name.split("."))
        fruitless = 0
        while self.count < end and fruitless < _FRUITLESS:
            before = self.count
            try:
                try_it()
            except CannotDraw:
                return None
            except _Fails as failed:
                if failed.failure.function == name:
                    return simplest(self.play, failed.calls, failed.failure)
            fruitless = 0 if self.count > before else fruitless + 1
        return None

    def _trial(self, name: str, method: str | None = None) -> Callable[[], object]:
        """Return what calls a function once, or a method of an object in some state."""
        found = self.play.lookup(name)
        if method is None:
            arguments = Arguments(self.random, self._sample)
            draws = arguments.sizes if self._builds(found) else arguments.draw
            return lambda: self._call((), name, functools.partial(draws, found))
        for cls in self.play.classes:
            if structure_of(cls).__name__ == name:
                return lambda: self._sequence(cls, self.random.choice(_LENGTHS), method)
        return lambda: self._method_of_record(name, method)

    def _builds(self, function: Function) -> bool:
        return any(function in self.play.constructors(cls) for cls in self.play.classes)

    def _method_of_record(self, name: str, method: str) -> None:
        cls = self.play.lookup(name)
        arguments = Arguments(self.random, self._sample)
        record = arguments.value(cls, name)
        begun = Call(name, dict(zip(cls._fields, record, strict=True)))
        made = self.play.begin(begun)
        arguments.size = max([1, *(n for n in record if type(n) is int and n < 100)])
        function = getattr(made, method)
        self._call((begun,), method, lambda: arguments.draw(function), made)

    # ------------------------------------------------------------ structures

    def _try_structure(self, cls: type) -> None:
        if not self.play.constructors(cls):
            return
        end = self.count + self.steps
        fruitless = 0
        for length in itertools.cycle(_LENGTHS):
            if self.count >= end or fruitless == _FRUITLESS:
                return
            fruitless = fruitless + 1 if self._sequence(cls, length) is None else 0

    def _sequence(self, cls: type, length: int, last: str | None = None) -> Made | None:
        """Return an object after some calls of it, the last ones of one method if that is wanted.

        None if its constructors allow nothing that was tried.
        """
        arguments = Arguments(self.random, self._sample)
        constructor = self.random.choice(self.play.constructors(cls))
        draw = functools.partial(arguments.sizes, constructor)
        begun = self._call((), constructor.__name__, draw)
        if begun is None:
            return None
        calls, made = begun
        if not is_structure(type(made)):
            return None
        arguments.size = getattr(made, "capacity", 4)
        methods = public_methods(structure_of(cls))
        # So that some fill it up, and some leave much out (swarm testing, Groce et al. 2012): most
        # of what only looks, which leads nowhere.
        weights = [
            self.random.choice([0, 1, 1, 4] if (cls, name) in self.changing else [0, 0, 0, 1])
            for name in methods
        ]
        if not any(weights):
            weights = [1] * len(methods)
        chosen = self.random.choices(methods, weights, k=length) if methods else []
        for method in [*chosen, *([last] * 3 if last else [])]:
            try:
                arguments.know(made)
            except Exception as error:  # the view has no value
                raise _Fails(calls, self.play.told(error, calls)) from error
            if self.play.guesses:
                hint = Call(EXPECT, {"hint": self.random.randint(-1, arguments.size)})
                self.play.go_on(made, hint)
                calls = (*calls, hint)
            draw = functools.partial(arguments.draw, getattr(made, method))
            before = _content(made)
            done = self._call(calls, method, draw, made)
            if _content(made) != before:
                self.changing.add((cls, method))
            calls = done[0] if done is not None else calls
        return Made(calls, made)

    def _sample(self, hint: type) -> Made:
        """Return a structure of this class, or of the class of a proof."""
        base = structure_of(hint)
        if hint not in self.samples:
            self.samples[hint] = []
            cls = next((c for c in self.play.classes if structure_of(c) is base), hint)
            if self.play.constructors(cls):
                made = (self._sequence(cls, self.random.choice(_LENGTHS)) for _ in range(_SAMPLES))
                self.samples[hint] = [sample for sample in made if sample is not None]
        if not self.samples[hint]:
            raise CannotDraw(f"no function builds a {base.__name__}")
        return self.random.choice(self.samples[hint])

    # ------------------------------------------------------------ calls

    def _try_function(self, function: Function) -> None:
        for _ in range(self.steps):
            draw = functools.partial(Arguments(self.random, self._sample).draw, function)
            try:
                self._call((), function.__name__, draw)
            except CannotDraw:
                return

    def _call(
        self, before: Calls, name: str, draw: Callable[[], dict[str, Any]], made: Any = None
    ) -> tuple[Calls, Any] | None:
        """Return the calls with one more, and what it gives; None if nothing was allowed."""
        function = getattr(made, name) if before else self.play.lookup(name)
        calls = before
        try:
            for _ in range(_TRIES):
                calls = (*before, Call(name, draw()))
                with evaluation:
                    is_allowed = allowed(function, calls[-1].arguments)
                if is_allowed:
                    break
            else:
                return None
            self.count += 1
            result = self.play.go_on(made, calls[-1]) if before else self.play.begin(calls[-1])
        except _Fails:
            raise
        except (CannotDraw, NotPossible, TooLong):
            return None
        except Exception as error:
            raise _Fails(calls, self.play.told(error, calls)) from error
        return calls, result


def _content(structure: Any) -> list[bytes]:
    """What is in the arrays of a structure and of its parts."""
    if isinstance(structure, np.ndarray):
        return [structure.tobytes()]
    parts = structure if isinstance(structure, tuple) else ()
    return [content for part in parts for content in _content(part)]
