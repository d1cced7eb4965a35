"""Runs a verification's parts, in parallel where it can, and gives the results."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from verify import rehearsals, save, second_solver, show
from verify.counterexample import Counterexample
from verify.explore import Exploration
from verify.parallel import in_parallel
from verify.path import Failure, Status
from verify.replay import Replay
from verify.result import Result, Verdict
from verify.source import Class, Function, Program, Site
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
    note: Callable[[Result], None] = lambda result: None
    found: list[Result] = field(default_factory=list)
    relied: dict[str, Result] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)

    def library(self, names: Sequence[str]) -> list[Result]:
        """Prove these functions, and what they rely on."""
        self.settle(names)
        return self.found

    def settle(self, names: Sequence[str]) -> None:
        """Prove the functions of these names, and all that they rely on, where that is not done."""
        waiting: list[str] = []
        pending = list(names)
        while pending:
            wanted = [n for n in dict.fromkeys(pending) if n not in self.relied]
            results = in_parallel([self._task(name) for name in wanted], self.jobs)
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

    def _task(self, name: str) -> Callable[[], Result]:
        return lambda: second_solver.heard(lambda: self.subject(name))

    def take(self, result: Result, *bases: Result) -> None:
        """Note a result, once it is settled what it rests on."""
        self.settle(result.relied)
        rests_on = {*result.relied, *reachable(result.name, self.uses)}
        rests_on.update(*(reachable(name, self.uses) for name in result.relied))
        if result.name in rests_on:
            result.verdict = Verdict.UNKNOWN
            result.reason = "it calls itself, by way of contracts"
        rest_on(result, [*bases, *(self.relied[name] for name in sorted(rests_on))])
        self.found.append(result)
        self.note(result)

    def subject(self, name: str) -> Result:
        """Prove the function of this name; or of a structure, that it is well defined."""
        subject = self.program.locate(name)
        structures = StructureVerification(self.verification.proofs)
        if isinstance(subject, Class):
            failure = rehearsals.first_failure(self.program, subject.module.name)
            if failure is not None:
                result = Result(name, Verdict.UNKNOWN, show.place(subject.site))
                result.verdict = Verdict.REFUTED
                result.place = show.place(rehearsals.site_of(self.program, failure))
                result.reason = failure.reason
                result.details = rehearsals.account(failure)
                return result
            return self._timed(
                name, subject.site, structures, lambda: structures.definitions(subject)
            )
        if is_structure_function(subject):
            run = lambda: structures.run(subject)  # noqa: E731
            result = self._timed(name, subject.site, structures, run)
        else:
            plain = FunctionVerification(self.verification.proofs)
            run = lambda: plain.function(subject)  # noqa: E731
            result = self._timed(name, subject.site, plain, run)
        has_proof = self.verification.proofs.module_of(subject.module) is not None
        if result.verdict is Verdict.UNKNOWN and (has_proof or is_structure_function(subject)):
            self._seek_countermodel(result, subject)
        return result

    # ------------------------------------------------------------ verdicts

    def _timed(
        self,
        name: str,
        site: Site,
        verification: FunctionVerification,
        run: Callable[[], Exploration],
    ) -> Result:
        began = time.monotonic()
        verification.relied = set()
        try:
            exploration = run()
        except (Unsupported, NeedsFork) as error:
            seconds = time.monotonic() - began
            reason = str(error) or "a choice between values that cannot be merged; write an `if`"
            return Result(name, Verdict.UNKNOWN, show.place(site), seconds=seconds, reason=reason)
        result = Result(
            name,
            Verdict.PROVED,
            show.place(site),
            exploration.paths,
            exploration.obligations,
            relied=sorted(verification.relied),
        )
        if exploration.failures:
            self._judge(result, exploration.failures)
        elif not exploration.came_to_end:
            result.verdict = Verdict.UNKNOWN
            result.reason = "vacuous: no input satisfies what it requires and gets to its end"
        elif exploration.unreached:
            result.verdict = Verdict.UNKNOWN
            result.place = show.place(exploration.unreached[0])
            result.reason = "vacuous: no packet and state get to this assert"
        result.seconds = time.monotonic() - began
        return result

    def _judge(self, result: Result, failures: list[Failure]) -> None:
        """Refuted by the first counterexample that replays; else unknown."""
        reasons = []
        for failure in failures:
            if failure.status is Status.UNKNOWN:
                reasons.append((failure, "the solver gave up within its budget"))
                continue
            case = failure.counterexample
            assert isinstance(case, Counterexample)
            outcome = self.replay.failure(failure, case)
            if outcome.reproduced:
                result.verdict = Verdict.REFUTED
                result.place = show.place(failure.site)
                result.reason = failure.label
                result.details = [*show.explain(failure, case), f"replayed: {outcome.seen}"]
                result.packets = save.packets_of(case)
                result.test = save.test_of(identifier(result.name), case, self.replay.modules)
                return
            reasons.append((failure, f"a countermodel does not replay: {outcome.seen}"))
        failure, reason = reasons[0]
        result.verdict = Verdict.UNKNOWN
        result.place = show.place(failure.site)
        result.reason = f"{failure.label}: {reason}"
        result.details = show.path_of(failure)

    def _seek_countermodel(self, result: Result, function: Function) -> None:
        """Refute what could not be proved by calls that go wrong, if some are found."""
        failure = rehearsals.countermodel(self.program, function, result.reason)
        if failure is None:
            result.reason += f"; {rehearsals.NO_COUNTERMODEL}"
            return
        result.verdict = Verdict.REFUTED
        place = show.place(rehearsals.site_of(self.program, failure))
        result.details = [
            *result.details,
            "calls that show it:",
            *rehearsals.account(failure),
            f"seen: {failure.reason}, at {place}",
        ]


@dataclass(kw_only=True)
class Prover(FunctionProver):
    """One NF and its specs."""

    verification: Verification
    specs: list[Function]

    def results(self, jobs: int, note: Callable[[Result], None]) -> list[Result]:
        """All results; `note` is told of each as it comes."""
        self.note, self.jobs = note, jobs
        process, constructor = map(second_solver.heard, (self.process, self.constructor))
        self.take(process)
        self.take(constructor)
        # Specs of several packets take longest, so they begin first.
        specs = sorted(self.specs, key=lambda spec: -len(spec.parameters))
        for result in in_parallel([self._spec_task(spec) for spec in specs], jobs):
            self.take(result, process, constructor)
        return self.found

    def _spec_task(self, spec: Function) -> Callable[[], Result]:
        return lambda: second_solver.heard(lambda: self.spec(spec))

    # ------------------------------------------------------------ the parts

    def process(self) -> Result:
        nf = self.verification.nf
        name = f"{nf.name}: safe, and keeps its invariant"
        return self._timed(name, nf.process.site, self.verification, self.verification.process)

    def constructor(self) -> Result:
        nf = self.verification.nf
        name = f"{nf.constructor.name}: establishes the invariant"
        return self._timed(
            name, nf.constructor.site, self.verification, self.verification.constructor
        )

    def spec(self, spec: Function) -> Result:
        witnesses: list[Counterexample] = []

        def run() -> Exploration:
            exploration, found = self.verification.spec(spec)
            witnesses.extend(found)
            return exploration

        result = self._timed(spec.name, spec.site, self.verification, run)
        if result.verdict is Verdict.PROVED:
            self._check_not_vacuous(spec, result, witnesses)
        return result

    def _check_not_vacuous(
        self, spec: Function, result: Result, witnesses: list[Counterexample]
    ) -> None:
        """A theorem about nothing is no theorem: some case must run through the real code."""
        outcomes = [self.replay.witness(witness) for witness in witnesses]
        if any(outcome.reproduced for outcome in outcomes):
            return
        result.verdict = Verdict.UNKNOWN
        result.reason = (
            f"no case found that runs through on the real code: {outcomes[0].seen}"
            if outcomes
            else "vacuous: no packet and state satisfy its assumptions and reach an assert"
        )


def reachable(name: str, uses: dict[str, list[str]]) -> set[str]:
    """All that a function relies on, directly or not."""
    found: set[str] = set()
    pending = [name]
    while pending:
        for used in uses.get(pending.pop(), []):
            if used not in found:
                found.add(used)
                pending.append(used)
    return found


def rest_on(result: Result, bases: list[Result]) -> None:
    """What is proved from something that is not proved is not proved."""
    for base in bases:
        if result.verdict is not Verdict.REFUTED and base.verdict is not Verdict.PROVED:
            result.verdict = Verdict.UNKNOWN
            result.reason = f"rests on what is not proved: {base.name}"


def identifier(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name).strip("_")
