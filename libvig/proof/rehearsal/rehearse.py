"""Random calls of a structure, its contracts and its proof looked at in between."""

from __future__ import annotations

import functools
import inspect
import itertools
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from libvig.proof.rehearsal.account import Failure, Outcome, failure
from libvig.proof.rehearsal.arguments import (
    Arguments,
    allowed,
    call_text,
    is_structure,
    parameters,
    text_of,
)
from libvig.proof.rehearsal.arrays import strict
from libvig.proof.rehearsal.copies import Copies, source_file
from libvig.proof.rehearsal.stage import Stage, public_methods, qualified, structure_of
from libvig.view import evaluation

Function = Callable[..., Any]

_LENGTHS = (3, 6, 12, 25, 50)  # of sequences of calls: what fails soon is easy to understand
_SAMPLES = 20  # structures that lemmas are tried on
_TRIES = 30  # to find arguments that the contracts allow


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
    stage = Stage()
    proof = f"libvig.proof.{module.rpartition('.')[2]}"
    proved = proof in (sources or {}) or source_file(proof) is not None
    copies = Copies([module, proof] if proved else [module], sources or {}, stage)
    modules = [copies.load(name) for name in ([module, proof] if proved else [module])]
    files = {str(copy.__file__) for copy in copies.loaded.values()}
    return _Rehearsal(stage, modules, files, steps, seed).outcome()


class _Rehearsal:
    """The calls of one rehearsal."""

    def __init__(
        self, stage: Stage, modules: list[ModuleType], files: set[str], steps: int, seed: int
    ) -> None:
        self.stage = stage
        self.module, self.proof = modules[0], modules[1] if len(modules) > 1 else None
        self.files = files
        self.steps = steps
        self.random = Random(seed)
        self.calls: list[str] = []
        self.count = 0

    def outcome(self) -> Outcome:
        """Make all calls, up to the first failure."""
        found: Failure | None = None
        classes = list(self._classes())
        for owner in [self.proof, *classes] if self.proof else []:
            self.stage.learn(owner)
        try:
            for cls in classes:
                self._try_structure(cls)
            constructors = {made for cls in classes for made in self._constructors(cls)}
            for function in self._functions():
                if function not in constructors:
                    self._try_function(function)
            samples: dict[type, list[Any]] = {}
            for lemma in self._lemmas():
                self._add_samples(samples, lemma, classes)
                self._try_function(lemma, functools.partial(self._sample, samples))
        except Exception as error:  # of any kind: whatever the code or the proof comes to
            found = failure(error, tuple(self.calls), self.files)
        untried = sorted(f.__name__ for f in self.stage.functions - self.stage.tried)
        return Outcome(found, self.count, self.stage.checks, tuple(untried))

    def _classes(self) -> Iterator[type]:
        """Yield proof classes, and structures that no proof class is about."""
        proofs = [
            member
            for member in (vars(self.proof).values() if self.proof else ())
            if inspect.isclass(member) and "__is_proof__" in vars(member)
        ]
        yield from proofs
        for cls in vars(self.module).values():
            if inspect.isclass(cls) and cls.__module__ == self.module.__name__:
                if is_structure(cls):
                    if not any(issubclass(proof, cls) for proof in proofs):
                        yield cls

    def _functions(self) -> Iterator[Function]:
        """Yield the module's functions of whose loops the proof speaks."""
        named = {name for name, _ in [*self.stage.loops, *self.stage.measures]}
        for function in vars(self.module).values():
            if inspect.isfunction(function) and qualified(function) in named:
                if function.__module__ == self.module.__name__:
                    yield function

    def _lemmas(self) -> Iterator[Function]:
        """Yield the functions of the proof file that have contracts of their own."""
        for function in vars(self.proof).values() if self.proof else ():
            if inspect.isfunction(function) and hasattr(function, "__postconditions__"):
                if function.__module__ == vars(self.proof)["__name__"]:
                    yield function

    def _add_samples(
        self, samples: dict[type, list[Any]], lemma: Function, classes: list[type]
    ) -> None:
        """Make structures of each class that a lemma takes, where there are none."""
        for hint in parameters(inspect.unwrap(lemma)).values():
            cls = next((c for c in classes if inspect.isclass(hint) and issubclass(c, hint)), None)
            if cls is not None and hint not in samples:
                rehearsed = self.stage.rehearsed(cls)
                constructor = self.random.choice(self._constructors(cls))
                samples[hint] = [
                    self._sequence(rehearsed, constructor, self.random.choice(_LENGTHS))
                    for _ in range(_SAMPLES)
                ]

    def _sample(self, samples: dict[type, list[Any]], cls: type) -> Any:
        """Return one of the samples of a class, to be changed at will."""
        return self.stage.snapshot(self.random.choice(samples[cls]))

    def _constructors(self, cls: type) -> list[Function]:
        return [
            function
            for function in vars(self.module).values()
            if inspect.isfunction(function)
            and function.__module__ == self.module.__name__
            and typing.get_type_hints(inspect.unwrap(function)).get("return") in cls.__mro__[:2]
        ]

    def _try_structure(self, cls: type) -> None:
        rehearsed = self.stage.rehearsed(cls)
        constructors = self._constructors(cls)
        if not constructors:
            raise LookupError(f"no function of {self.module.__name__} returns a {cls.__name__}")
        end = self.count + self.steps
        for length in itertools.cycle(_LENGTHS):
            if self.count >= end:
                return
            self._sequence(rehearsed, self.random.choice(constructors), length)

    def _sequence(self, cls: type, constructor: Function, length: int) -> Any:
        """Return an object after some calls of it."""
        arguments = Arguments(self.random)
        base = structure_of(cls.__mro__[1])
        name = re.findall("[A-Z][a-z0-9]*", base.__name__)[-1].lower()
        self.calls = [""]
        made, given = self._call(
            constructor, lambda: arguments.sizes(constructor), f"{name} = {constructor.__name__}"
        )
        structure = strict(made, cls)
        self.stage.step(structure, "initially", qualified(constructor), given)
        self.stage.check_always(structure, "after the constructor")
        arguments.size = getattr(structure, "capacity", 4)
        methods = public_methods(base)
        weights = [self.random.choice([1, 1, 4]) for _ in methods]  # so that some fill it up
        for method in self.random.choices(methods, weights, k=length) if methods else []:
            self._method(structure, method, arguments, name)
        return structure

    def _method(self, structure: Any, method: str, arguments: Arguments, name: str) -> None:
        arguments.know(structure)
        bound = getattr(structure, method)
        self.calls.append("")
        if self._call(bound, lambda: arguments.draw(bound), f"{name}.{method}") is None:
            self.calls.pop()
            return
        self.stage.check_always(structure, f"after {method}")

    def _try_function(
        self, function: Function, structure: Callable[[type], Any] | None = None
    ) -> None:
        for _ in range(self.steps):
            self.calls = [""]
            draw = functools.partial(Arguments(self.random, structure).draw, function)
            self._call(function, draw, function.__name__)

    def _call(self, function: Function, draw: Callable[[], dict[str, Any]], text: str) -> Any:
        """Return what a call gives, and its arguments; None if no arguments were allowed."""
        given: dict[str, Any] = {}
        with evaluation:  # nothing changes until the call
            for _ in range(_TRIES):
                given = draw()
                self.calls = [*self.calls[:-1], call_text(text, given)]
                if allowed(function, given):
                    break
            else:
                return None
        self.count += 1
        result = function(**given)
        if result is not None and " = " not in text:
            self.calls[-1] += f"  # {text_of(result)}"
        return result, given
