"""Proof files tried in CPython: before the solver is asked, and for a countermodel when it fails.

The calls are random, from the constructor on, at capacities of 1 to 4 and at the bounds that
contracts speak of, with every check on that the verifier proves. What fails there is refuted;
what does not is not proved by it. A countermodel of the solver's is tried in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import icontract
import numpy as np

from libvig.proof.rehearsal import Failure, Outcome, Play, rehearse, rehearse_one, simplest
from libvig.proof.rehearsal.calls import Call, Calls
from libvig.proof.rehearsal.words import TooLong
from verify import save
from verify.counterexample import Concrete, ConcreteArray, ConcreteObject, Counterexample, dtype_of
from verify.errors import UsageError
from verify.program import Program
from verify.source import Class, Contract, Function, Module, Site
from verify.time_limit import TakesTooLong, limited

BEFORE = 25  # calls before the solver is asked: a wrong predicate shows soon
SEARCHES = 24  # for a countermodel, each of as many calls as this
CALLS = 300


def first_failure(program: Program, cls: Class) -> Failure | None:
    """What goes wrong in a few calls of what a module defines; that a loop is long is not wrong."""
    found = None
    with suppress(TakesTooLong), limited():
        found = rehearse(cls.module.name, steps=BEFORE, sources=program.overlay).failure
    is_wrong = found is not None and not is_long(found) and is_fault_of(program, cls.module, found)
    return checked(found) if is_wrong else None


def countermodel(program: Program, function: Function, label: str) -> Outcome:
    """Calls from the constructor on, of which the last is of this function and goes wrong.

    That it does not come to an end shows nothing unless this is what could not be proved.
    """
    module = subject_of(function.module).name
    name, sources = function.qualified_name, program.overlay
    calls = 0
    for seed in range(SEARCHES):
        try:
            with limited():
                tried = rehearse_one(module, name, steps=CALLS, seed=seed, sources=sources)
        except TakesTooLong:
            break
        calls += tried.calls
        found = checked(tried.failure)
        if found is None or not is_fault_of(program, subject_of(function.module), found):
            continue
        if not is_long(found) or " falls at every turn" in label:
            return Outcome(found, calls, 0, ())
    return Outcome(None, calls, 0, ())


def undefined(program: Program, cls: Class, proof: Class | None) -> Failure | None:
    """Calls after which the view, an invariant or a predicate of a structure has no value."""
    found = None
    with suppress(TakesTooLong), limited():
        found = checked(rehearse(cls.module.name, steps=CALLS, sources=program.overlay).failure)
    if found is None or not found.is_raised:
        return None
    looked_at = [m for m in cls.methods.values() if m.is_marked("view") or m.is_marked("property")]
    definitions = [*looked_at, *(proof.methods.values() if proof is not None else ())]
    lines = [
        (definition.module.path, range(definition.site.line, 1 + (definition.node.end_lineno or 0)))
        for definition in definitions
    ] + [(invariant.module.path, invariant.lines) for invariant in cls.invariants]
    at = Path(found.file).resolve(), found.line
    return found if any(at[0] == path and at[1] in span for path, span in lines) else None


def no_countermodel(calls: int) -> str:
    """What is said when the search comes to nothing."""
    if calls == 0:
        return "the solver found no proof, and no call of it could be tried"
    return (
        f"the solver found no proof, and {calls} random calls at small capacities and at bounds no "
        "countermodel"
    )


def checked(failure: Failure | None) -> Failure | None:
    """The failure; raises UsageError where the proof file makes no sense."""
    if failure is not None and failure.is_mistake:
        raise UsageError(f"{failure.file}:{failure.line}: {failure.reason}")
    return failure


def is_fault_of(program: Program, module: Module, failure: Failure) -> bool:
    """Whether it is the module, or its proof, that is wrong, and not a part that it is made of.

    What a part requires is for its callers to see to.
    """
    path = Path(failure.file).resolve()
    proof = f"libvig.proof.{module.name.rpartition('.')[2]}"
    found = [other for other in program.modules.values() if other.path == path]
    is_here = any(other is module or other.name == proof for other in found)
    return is_here or is_required(program, failure)


def functions_in(module: Module) -> list[Function]:
    """All functions and methods of a module."""
    methods = [m for cls in module.classes.values() for m in cls.methods.values()]
    return [*module.functions.values(), *methods]


def is_long(failure: Failure) -> bool:
    """Whether a loop was given up on after very many turns."""
    return "does not end" in failure.reason


def subject_of(module: Module) -> Module:
    """The module that a proof file argues about; any other module itself."""
    last = module.name.rpartition(".")[2]
    imported = [name for name, _ in module.imports.values() if name.rpartition(".")[2] == last]
    return module.program.load(imported[0]) if module.is_proof and imported else module


# ---------------------------------------------------------------- the solver's countermodels


def replayed(program: Program, case: Counterexample) -> Failure | None:
    """How the code fails for the arguments of a countermodel; None if it does not, or cannot."""
    function = case.target.function
    play = Play(subject_of(function.module).name, program.overlay)
    try:
        calls = calls_of(play, case)
    except (CannotBuild, AttributeError, icontract.ViolationError):
        return None
    found = None
    with suppress(TakesTooLong, TooLong), limited():
        found = play.fails(calls)
        found = simplest(play, calls, found) if found is not None else None
    return checked(found)


class CannotBuild(Exception):
    """An argument that is known by its contract alone."""


def calls_of(play: Play, case: Counterexample) -> Calls:
    """The call that a countermodel is of, and what makes the object if it is of a method."""
    function = case.target.function
    given = {name: value for name, value in case.arguments.items() if name != "self"}
    call = Call(function.name, {name: build(play, value) for name, value in given.items()})
    if function.owner is None:
        return (call,)
    subject = case.arguments["self"]
    if not isinstance(subject, ConcreteObject) or is_argued_about(play, subject):
        raise CannotBuild
    fields = {name: build(play, value) for name, value in subject.fields.items()}
    if case.target.kind == "structure":  # its view
        call = Call(function.name, is_look=True)
    return Call(function.owner.name, fields), call


def is_argued_about(play: Play, subject: ConcreteObject) -> bool:
    """Whether what is known of its fields is said in a proof file, which has ghosts."""
    real = play.lookup(subject.cls.name)
    return any(issubclass(cls, real) and cls is not real for cls in play.classes)


def build(play: Play, value: Concrete) -> Any:
    """The real object that a concrete value describes."""
    if isinstance(value, ConcreteArray):
        return np.array(value.elements, dtype_of(value))
    if isinstance(value, ConcreteObject):
        if value.cls.view is not None:
            raise CannotBuild
        fields = {name: build(play, part) for name, part in value.fields.items()}
        return play.lookup(value.cls.name)(**fields)
    if isinstance(value, int):
        return value
    raise CannotBuild


# ---------------------------------------------------------------- places


def place_of(program: Program, failure: Failure) -> Site:
    """Where it goes wrong: at the call, if that is what breaks what somebody requires."""
    if failure.caller is not None and is_required(program, failure):
        return Site(Path(failure.caller[0]).resolve(), failure.caller[1])
    return site_of(program, failure)


def is_required(program: Program, failure: Failure) -> bool:
    """Whether what does not hold is a precondition."""
    path = Path(failure.file).resolve()
    modules = [module for module in program.modules.values() if module.path == path]
    requires = [one for m in modules for f in functions_in(m) for one in f.requires]
    return any(failure.line in one.lines for one in requires)


def site_of(program: Program, failure: Failure) -> Site:
    """Where the predicate or condition stands that does not hold."""
    path = Path(failure.file).resolve()
    for module in program.modules.values():
        if module.path == path:
            for definition in _definitions(module):
                if isinstance(definition, Contract):
                    is_of_it = failure.is_raised or failure.reason.startswith("contract: ")
                    if is_of_it and failure.line in definition.lines:
                        return definition.site
                    continue
                if failure.line in _heading(definition):
                    return definition.site
    return Site(path, failure.line)


def _definitions(module: Module) -> Iterator[Contract | Function]:
    for cls in module.classes.values():
        yield from cls.invariants
    for function in functions_in(module):
        yield from (*function.requires, *function.ensures)
    yield from functions_in(module)


def _heading(function: Function) -> range:
    """Lines of a function's decorators, and that of its name."""
    lines = [d.lineno for d in function.node.decorator_list]
    return range(min([*lines, function.node.lineno]), function.node.lineno + 1)


def account(failure: Failure) -> list[str]:
    """The calls that lead there, and the values for which it fails."""
    return [
        *(f"  {call}" for call in failure.calls),
        *(f"  {name} = {value}" for name, value in failure.values.items()),
    ]


def test_of(program: Program, name: str, module: str, failure: Failure) -> str:
    """A test function that makes these calls, with the files that were verified."""
    overlay = {name: path for name, path in program.overlay.items() if name.startswith("libvig.")}
    files = save.code_of_files(overlay)
    lines = [f"def test_{name}():", f"    stage = Play({module!r}, {files})"]
    return "\n".join([*lines, *(f"    {line}" for line in failure.test)]) + "\n"
