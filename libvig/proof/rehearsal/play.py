"""A module and its proof on stage: calls are made, ghost steps taken, predicates checked."""

from __future__ import annotations

import builtins
import inspect
import keyword
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import icontract
import numpy as np

from libvig.primitives import expect
from libvig.proof.rehearsal.account import Failure, failure
from libvig.proof.rehearsal.arguments import allowed
from libvig.proof.rehearsal.arrays import StrictArray, strict
from libvig.proof.rehearsal.calls import AS_TEST, EXPECT, READABLE, Call, Calls, Made
from libvig.proof.rehearsal.copies import Copies, source_file
from libvig.proof.rehearsal.stage import Stage, is_structure, qualified, structure_of
from libvig.proof.rehearsal.words import TooLong
from libvig.view import evaluation

Function = Callable[..., Any]


class NotPossible(Exception):
    """A call that its contract does not allow."""


class Play:
    """Copies of a module and of its proof file, the one of the same name in libvig/proof.

    `sources` are files to read in place of modules' own. A name of either is an attribute: the
    functions that build a structure give one that is watched.
    """

    def __init__(self, module: str, sources: Mapping[str, Path] | None = None) -> None:
        self.stage = Stage()
        sources = {name: Path(file) for name, file in (sources or {}).items()}
        proof = f"libvig.proof.{module.rpartition('.')[2]}"
        proved = proof in sources or source_file(proof) is not None
        names = [module, proof] if proved and proof != module else [module]
        self.copies = Copies(names, sources, self.stage)
        modules = [self.copies.load(name) for name in names]
        self.module = modules[0]
        self.proof: ModuleType | None = modules[1] if len(modules) > 1 else None
        self.files = {str(copy.__file__) for copy in self.copies.loaded.values()}
        self.classes = list(self._classes())
        for owner in [self.proof, *self.classes] if self.proof else []:
            self.stage.learn(owner)
        self._rehearsed: dict[type, type] = {}
        self.guesses = "expected" in vars(self.module)
        """Whether what it does may depend on what it was told to expect."""

    def _classes(self) -> Iterator[type]:
        """Yield proof classes, and structures that no proof class is about."""
        proofs = [
            member
            for member in (vars(self.proof).values() if self.proof else ())
            if inspect.isclass(member) and "__is_proof__" in vars(member)
        ]
        yield from proofs
        for cls in self.defined(inspect.isclass):
            if is_structure(cls) and not any(issubclass(proof, cls) for proof in proofs):
                yield cls

    def defined(self, kind: Callable[[Any], bool]) -> list[Any]:
        """Return what the module itself defines of a kind."""
        name = self.module.__name__
        found = [member for member in vars(self.module).values() if kind(member)]
        return [member for member in found if member.__module__ == name]

    def lemmas(self) -> list[Function]:
        """Return the functions of the proof file that have contracts of their own."""
        return [
            function
            for function in (vars(self.proof).values() if self.proof else ())
            if inspect.isfunction(function)
            and hasattr(function, "__postconditions__")
            and function.__module__ == vars(self.proof)["__name__"]
        ]

    def constructors(self, cls: type) -> list[Function]:
        """Return the functions that build a structure, which are in its own module."""
        home = structure_of(cls).__module__
        module = self.copies.load(home) if home in self.copies.loaded else inspect.getmodule(cls)
        return [
            function
            for function in vars(module).values()
            if inspect.isfunction(function)
            and function.__module__ == home
            and _result(function) in (cls, structure_of(cls))
        ]

    # ------------------------------------------------------------ calling

    def __getattr__(self, name: str) -> Any:
        found = self.lookup(name)
        if inspect.isclass(found):
            return found
        return lambda **arguments: self.begin(Call(name, arguments))

    def lookup(self, name: str) -> Any:
        """Return what a name of the module, or of its proof, stands for."""
        for module in (self.module, self.proof):
            if module is not None and name in vars(module):
                return vars(module)[name]
        for module in self.copies.loaded.values():
            if name in vars(module):
                return vars(module)[name]
        raise AttributeError(f"{self.module.__name__} has no {name}")

    def kind(self, cls: type) -> type | None:
        """Return the class of a structure under rehearsal; None for any other."""
        for proof in self.classes:
            if cls in (proof, structure_of(proof)):
                if proof not in self._rehearsed:
                    self._rehearsed[proof] = self.stage.rehearsed(proof)
                return self._rehearsed[proof]
        return None

    def begin(self, call: Call) -> Any:
        """Make the call of a function; a structure that it builds is watched from then on."""
        expect(-1)
        function = self.lookup(call.name)
        result = self._called(function, call)
        kind = None if inspect.isclass(function) else self.kind(_result(function))
        if kind is None:
            return result
        structure = strict(result, kind)
        self.stage.step(structure, "initially", qualified(function), call.arguments)
        self.stage.check_always(structure, "after the constructor")
        return structure

    def go_on(self, made: Any, call: Call) -> Any:
        """Make the call of a method."""
        if call.is_look:
            return getattr(made, call.name)
        if call.name == EXPECT:
            expect(**call.arguments)
            return None
        return self._called(getattr(made, call.name), call)

    def _called(self, function: Function, call: Call) -> Any:
        arguments = {name: self._given(value) for name, value in call.arguments.items()}
        if inspect.isclass(function):
            try:
                return function(**arguments)
            except icontract.ViolationError:
                raise NotPossible(call.name) from None
        with evaluation:
            if not allowed(function, arguments):
                raise NotPossible(call.name)
        return function(**arguments)

    def _given(self, value: Any) -> Any:
        """Return an argument that may be changed at will."""
        if isinstance(value, Made):
            return self.made(value)
        if isinstance(value, np.ndarray):
            return value.copy().view(StrictArray)
        if isinstance(value, tuple) and not is_structure(type(value)):
            return tuple.__new__(type(value), map(self._given, value))
        return value

    def made(self, structure: Made) -> Any:
        """Return a structure, made anew or copied."""
        if structure.value is not None:
            return self.stage.snapshot(structure.value)
        return self.perform(structure.calls)[0]

    def perform(self, calls: Calls) -> tuple[Any, ...]:
        """Make all calls; return what each gives."""
        results = [self.begin(calls[0])]
        results += [self.go_on(results[0], call) for call in calls[1:]]
        return tuple(results)

    # ------------------------------------------------------------ what went wrong

    def fails(self, calls: Calls) -> Failure | None:
        """Make all calls; tell what goes wrong in the last one, if that and nothing else does."""
        try:
            made = self.perform(calls[:-1])[0] if len(calls) > 1 else None
        except Exception:
            return None
        try:
            self.go_on(made, calls[-1]) if len(calls) > 1 else self.begin(calls[-1])
        except (NotPossible, TooLong):
            return None
        except Exception as error:
            return self.told(error, calls)
        return None

    def told(self, error: Exception, calls: Calls) -> Failure:
        """Tell what went wrong in the last of the calls. Raises what is no failure of theirs."""
        proof = str(self.proof.__file__) if self.proof is not None else ""
        found = failure(error, self.files, proof)
        name = self._name(calls)
        results = self.perform(calls[:-1]) if len(calls) > 1 else ()
        fields = vars(found) | {
            "function": self._function(calls),
            "calls": tuple(READABLE.lines(calls, name, results)),
            "test": tuple(AS_TEST.lines(calls, name)),
        }
        return Failure(**fields)

    def _made(self, calls: Calls) -> type | None:
        """Return the class of what the first call makes, if that is an object with methods."""
        first = self.lookup(calls[0].name)
        cls = first if inspect.isclass(first) else _result(first)
        return structure_of(cls) if inspect.isclass(cls) and issubclass(cls, tuple) else None

    def _name(self, calls: Calls) -> str:
        cls = self._made(calls)
        if cls is None or not (is_structure(cls) or len(calls) > 1):
            return ""
        words: list[str] = re.findall("[A-Z][a-z0-9]*", cls.__name__)
        name = words[-1].lower() if words else "made"
        return f"the_{name}" if hasattr(builtins, name) or keyword.iskeyword(name) else name

    def _function(self, calls: Calls) -> str:
        cls = self._made(calls)
        if len(calls) == 1 or cls is None:
            return calls[-1].name
        return f"{cls.__name__}.{calls[-1].name}"


def _result(function: Function) -> Any:
    return typing.get_type_hints(inspect.unwrap(function)).get("return")
