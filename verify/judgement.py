"""What comes of obligations that are not proved: refuted by what shows it, or else unknown.

A countermodel of the solver's counts once it was seen to go wrong in CPython, and so do calls that
were found without it. What is seen is what is told first.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from libvig.proof import rehearsal
from verify import rehearsals, save, show
from verify.arguments import arguments_of
from verify.counterexample import Counterexample
from verify.path import Failure, Status
from verify.program import Program
from verify.replay import Replay, is_at, statement_at
from verify.result import Result, Verdict
from verify.source import Class, Function, Module
from verify.symbolic import is_structure_function

GAVE_UP = "the solver gave up within its budget"
ERRORS = {
    "fits": "OverflowError",
    "index": "IndexError",
    "divisor": "ZeroDivisionError",
    "key present": "KeyError",
    "shift": "ValueError",
}
"""What is raised where an obligation does not hold, by the words that it begins with."""
MISSING = "an invariant is probably missing"


def judge(
    result: Result, failures: Sequence[Failure], replay: Replay, subject: Function | Class | None
) -> Failure | None:
    """Refuted by the first failure that is seen to go wrong, which is given; else by calls."""
    for failure in failures:
        for case in failure.countermodels:
            assert isinstance(case, Counterexample)
            if is_refuted_by(result, failure, case, replay):
                return failure
    failure = failures[0]
    result.verdict = Verdict.UNKNOWN
    result.place = failure.site.place
    result.reason = f"{failure.label}: {GAVE_UP}"
    result.details, result.steps = show.path_of(failure), show.steps_of(failure)
    if failure.countermodels:
        case = failure.countermodels[0]
        assert isinstance(case, Counterexample)
        result.details = show.explain(failure, case)
        result.arguments = arguments_of(case)
        result.reason = (
            f"{failure.label}: the countermodel below was not seen to go wrong in CPython"
        )
        if not case.target.function.module.is_library:
            result.reason = f"{failure.label}: {replay.failure(failure, case).seen}"
    if subject is not None and subject.module.is_library:
        seek(result, failure, replay.program, subject)
    return None


def is_refuted_by(result: Result, failure: Failure, case: Counterexample, replay: Replay) -> bool:
    """Whether the arguments of a countermodel make the real code fail."""
    if case.target.function.module.is_library:
        found = rehearsals.replayed(replay.program, case)
        if found is not None:
            refute(result, found, replay.program, failure)
        return found is not None
    outcome = replay.failure(failure, case)
    if outcome.reproduced:
        result.verdict = Verdict.REFUTED
        result.place = failure.site.place
        result.reason = failure.label
        result.details = [*show.explain(failure, case), *outcome.values, *advice(failure, case)]
        result.details.append(f"replayed: {outcome.seen}")
        result.steps = show.steps_of(failure)
        result.packets = save.packets_of(case)
        result.arguments = arguments_of(case)
        said = [f"{result.place}: {result.reason}", *outcome.values]
        name = identifier(result.name)
        result.test = save.test_of(name, case, replay.modules, failure.label, said)
    return outcome.reproduced


def advice(failure: Failure, case: Counterexample) -> list[str]:
    """What to write, where a spec calls `process` without what that requires."""
    if case.target.kind != "spec" or ".process: " not in failure.label:
        return []
    required = failure.label.partition(": ")[2]
    return [
        f"a spec grants this for its first packet alone; assume(…) it of later ones: {required}"
    ]


def seek(result: Result, failure: Failure, program: Program, subject: Function | Class) -> None:
    """Refute what could not be proved by calls that go wrong, if some are found."""
    if isinstance(subject, Class):
        proof = next((c for m in program.modules.values() for c in proofs_in(m, subject)), None)
        found, calls = rehearsals.undefined(program, subject, proof), rehearsals.CALLS
    else:
        tried = rehearsals.countermodel(program, subject, failure.label)
        found, calls = tried.failure, tried.calls
    if found is not None:
        refute(result, found, program, failure)
        return
    result.reason += f"; {rehearsals.no_countermodel(calls)}"
    if failure.status is Status.UNKNOWN and has_invariants(subject):
        result.reason += f": {MISSING}"


def proofs_in(module: Module, cls: Class) -> list[Class]:
    """The classes of a proof file about a structure."""
    return [other for other in module.classes.values() if other.argues_about(cls)]


def has_invariants(subject: Function | Class) -> bool:
    """Whether it has loops, or is of a structure: both are known by their invariants."""
    return (
        isinstance(subject, Class)
        or is_structure_function(subject)
        or any(isinstance(node, ast.While | ast.For) for node in ast.walk(subject.node))
    )


def refute(
    result: Result, found: rehearsal.Failure, program: Program, failure: Failure | None = None
) -> None:
    """Refuted by calls; the obligation is told too if it is what they are seen to break."""
    result.verdict = Verdict.REFUTED
    place = rehearsals.place_of(program, found).place
    calls = ["calls that show it:", *rehearsals.account(found)]
    result.steps, result.arguments = [], {}
    if failure is not None and is_same(failure, found):
        result.place = failure.site.place
        result.reason = failure.label
        calls.append(f"seen: {found.reason}, at {place}")
        result.details = [*show.path_of(failure), *calls]
        result.steps = show.steps_of(failure)
    else:
        result.place = place
        result.reason = found.reason
        result.details = calls
    module = rehearsals.subject_of(program.locate(result.name).module).name
    result.test = rehearsals.test_of(program, identifier(result.name), module, found)


def is_same(failure: Failure, found: rehearsal.Failure) -> bool:
    """Whether what was seen is what could not be proved: that line, condition or predicate."""
    predicate = found.reason.partition("`")[2].partition("`")[0]
    if not found.is_raised and f" {predicate} " in f" {failure.label.replace(',', ' ')} ":
        return True
    if failure.contract is not None and is_at(failure.contract, found.file, str(found.line)):
        return True
    site = failure.site
    statement = (
        statement_at(ast.parse(site.path.read_text("utf-8")), site.line)
        if site.path.is_file()
        else range(0)
    )
    is_that_error = any(
        failure.label.startswith(words) and found.reason.startswith(error)
        for words, error in ERRORS.items()
    )
    return is_that_error and found.file == str(site.path) and found.line in statement


def identifier(name: str) -> str:
    """A result's name as a part of a name in Python."""
    return "".join(c if c.isalnum() else "_" for c in name).strip("_")
