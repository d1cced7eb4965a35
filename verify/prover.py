"""Runs a verification's parts, in parallel where it can, and gives the results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from libvig.proof.rehearsal import Failure
from verify import rehearsals, second_solver
from verify.explore import Exploration
from verify.judgement import judge, refute
from verify.parallel import in_parallel
from verify.path_tree import judged, named
from verify.program import Program
from verify.replay import Outcome, Replay
from verify.result import Result, Verdict, reachable
from verify.source import Class, Function
from verify.structure_verification import StructureVerification
from verify.symbolic import is_structure_function
from verify.values import NeedsFork, Unsupported
from verify.verification import FunctionVerification, Verification


@dataclass
class FunctionProver:
    """Proves functions, and keeps the books: every result is noted once it is settled."""

    verification: FunctionVerification
    program: Program
    replay: Replay
    jobs: int = 1
    explained: Function | None = None  # the result tells how its paths end
    note: Callable[[Result], None] = lambda result: None
    found: list[Result] = field(default_factory=list)
    relied: dict[str, Result] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)

    def library(self, names: Sequence[str]) -> list[Result]:
        """Prove these functions, and what they rely on."""
        self.settle(names)
        return self.found

    def know(self, results: Iterable[Result]) -> None:
        """Take the results of functions that were proved elsewhere."""
        found = list(results)
        for result in found:
            self.relied[result.name], self.uses[result.name] = result, result.relied
        for result in found:
            self.take(result)

    def settle(self, names: Sequence[str]) -> None:
        """Prove the functions of these names, and all that they rely on, where that is not done."""
        waiting: list[str] = []
        pending = list(names)
        while pending:
            wanted = [n for n in dict.fromkeys(pending) if n not in self.relied]
            results = in_parallel([self.task(name) for name in wanted], self.jobs)
            for name, result in zip(wanted, results, strict=True):
                self.relied[name] = result
                self.uses[name] = result.relied
                waiting = self._take_settled([*waiting, name])
            pending = [used for name in wanted for used in self.uses[name]]

    def _take_settled(self, names: list[str]) -> list[str]:
        """Take the results of which all bases are known; gives the names of the others."""
        waiting = [name for name in names if not reachable(name, self.uses) <= self.relied.keys()]
        for name in names:
            if name not in waiting:
                self.take(self.relied[name])
        return waiting

    def task(self, name: str) -> Callable[[], Result]:
        """To prove the function of this name, without what it relies on."""
        return lambda: second_solver.heard(lambda: self.subject(name))

    def take_all(self, parts: Iterator[Result]) -> None:
        """Take what `Prover.parts` gives: specs rest on `process` and the constructor."""
        process, constructor = next(parts), next(parts)
        self.take(process)
        self.take(constructor)
        for spec in parts:
            self.take(spec, process, constructor)

    def take(self, result: Result, *bases: Result) -> None:
        """Note a result, once it is settled what it rests on."""
        self.settle(result.relied)
        rests_on = {*result.relied, *reachable(result.name, self.uses)}
        rests_on.update(*(reachable(name, self.uses) for name in result.relied))
        if result.name in rests_on:
            result.verdict = Verdict.UNKNOWN
            result.reason = "it calls itself, by way of contracts"
        for base in (self.relied[name] for name in result.relied):
            if base.seen is not None and is_of(base.seen, base, result):
                refute(result, base.seen, self.program)
        rest_on(result, [*bases, *(self.relied[name] for name in sorted(rests_on))])
        self.found.append(result)
        self.note(result)

    def subject(self, name: str) -> Result:
        """Prove the function of this name; or of a structure, that it is well defined."""
        subject = self.program.locate(name)
        self.verification.proofs.module_of(subject.module)  # what makes no sense is refused first
        structures = StructureVerification(self.verification.proofs)
        if isinstance(subject, Class):
            return self._definitions(name, subject, structures)
        if is_structure_function(subject):
            return self._timed(name, subject, structures, partial(structures.run, subject))
        plain = FunctionVerification(self.verification.proofs)
        return self._timed(name, subject, plain, partial(plain.function, subject))

    def _definitions(self, name: str, cls: Class, structures: StructureVerification) -> Result:
        """That a structure's invariants and its view have values; and a first few calls."""
        seen = rehearsals.first_failure(self.program, cls)
        result = self._timed(name, cls, structures, lambda: structures.definitions(cls))
        if seen is not None:  # it is for the function that goes wrong to tell
            result.seen = seen
        return result

    # ------------------------------------------------------------ verdicts

    def _timed(
        self,
        name: str,
        subject: Function | Class,
        verification: FunctionVerification,
        run: Callable[[], Exploration],
    ) -> Result:
        place = subject.site.place
        result = Result(name, Verdict.PROVED, place, defined=place, about=subject.docstring)
        began = time.monotonic()
        verification.relied = set()
        try:
            exploration = run()
        except (Unsupported, NeedsFork) as error:
            result.verdict = Verdict.UNKNOWN
            result.reason = "a choice between values that cannot be merged; write an `if`"
            if isinstance(error, Unsupported):
                result.place, result.reason = error.parted(place)
        else:
            self._judge(result, exploration, subject)
        result.relied = sorted(verification.relied)
        result.seconds = time.monotonic() - began
        return result

    def _judge(self, result: Result, exploration: Exploration, subject: Function | Class) -> None:
        """Say what comes of what was explored."""
        result.paths, result.obligations = exploration.paths, exploration.obligations
        result.solver_calls = exploration.solver_calls
        refuted = None
        if exploration.failures:
            refuted = judge(result, exploration.failures, self.replay, subject)
        elif not exploration.came_to_end:
            result.verdict = Verdict.UNKNOWN
            result.reason = "vacuous: no input satisfies what it requires and gets to its end"
        elif exploration.unreached:
            result.verdict = Verdict.UNKNOWN
            result.place = exploration.unreached[0].place
            result.reason = "vacuous: no packet and state get to this assert"
        if subject is self.explained:
            result.ends = named(judged(exploration.ends, refuted), self.program)


@dataclass(kw_only=True)
class Prover(FunctionProver):
    """One NF and its specs."""

    verification: Verification
    specs: list[Function]

    def results(self, jobs: int, note: Callable[[Result], None]) -> list[Result]:
        """All results; `note` is told of each as it comes."""
        self.note, self.jobs = note, jobs
        self.take_all(self.parts(jobs))
        return self.found

    def parts(self, jobs: int) -> Iterator[Result]:
        """`process`, the constructor and the specs, without what they rely on."""
        yield from self.own_parts()
        self.replay.load()
        yield from self.spec_parts(jobs)

    def own_parts(self) -> Iterator[Result]:
        """`process` and the constructor; specs go on behind the paths of the first."""
        yield second_solver.heard(self.process)
        yield second_solver.heard(self.constructor)

    def spec_parts(self, jobs: int) -> Iterator[Result]:
        """The specs, behind these paths."""
        # Specs of several packets take longest, so they begin first.
        specs = sorted(self.specs, key=lambda spec: -len(spec.parameters))
        yield from in_parallel([self._spec_task(spec) for spec in specs], jobs)

    def _spec_task(self, spec: Function) -> Callable[[], Result]:
        return lambda: second_solver.heard(lambda: self.spec(spec))

    # ------------------------------------------------------------ the parts

    def process(self) -> Result:
        nf = self.verification.nf
        return self._timed(nf.is_safe, nf.process, self.verification, self.verification.process)

    def constructor(self) -> Result:
        nf = self.verification.nf
        run = self.verification.constructor
        return self._timed(nf.begins_right, nf.constructor, self.verification, run)

    def spec(self, spec: Function) -> Result:
        witnesses: list[Outcome] = []

        def run() -> Exploration:
            exploration, found = self.verification.spec(spec, self.replay.witness)
            witnesses.extend(found)
            return exploration

        result = self._timed(spec.name, spec, self.verification, run)
        if result.verdict is Verdict.PROVED:
            check_not_vacuous(result, witnesses)
        return result


def check_not_vacuous(result: Result, witnesses: list[Outcome]) -> None:
    """A theorem about nothing is no theorem: some case must run through the real code."""
    if any(outcome.reproduced for outcome in witnesses):
        return
    result.verdict = Verdict.UNKNOWN
    result.reason = (
        f"no case found that runs through on the real code: {witnesses[0].seen}"
        if witnesses
        else "vacuous: no packet and state satisfy its assumptions and reach an assert"
    )


def is_of(seen: Failure, base: Result, result: Result) -> bool:
    """Whether what was seen to go wrong is what this result is of, and that does not say so."""
    name = f"{base.name.rpartition('.')[0]}.{seen.function}"
    return result.name == name and result.verdict is not Verdict.REFUTED


def rest_on(result: Result, bases: list[Result]) -> None:
    """What is proved from something that is not proved is not proved."""
    for base in bases:
        if result.verdict is not Verdict.REFUTED and base.verdict is not Verdict.PROVED:
            result.verdict = Verdict.UNKNOWN
            result.rests_on = base.name
            result.reason = f"rests on what is not proved: {base.name}"
