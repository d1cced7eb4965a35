"""Proves many targets at once: nothing twice, and nothing that is known already.

A task is a network function with some of its specs, or a function of libvig. Tasks can be pickled,
and carried out on other machines that have the same files. Each gives the verdict on that alone;
what this rests on is settled here, when all are there.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from pathlib import Path

import z3

from verify import fingerprint, second_solver, solver
from verify.errors import UsageError
from verify.formats.document import Target
from verify.incremental import Found, library_target, target_of
from verify.known import is_helper, relied
from verify.library import check
from verify.network_function import check_convention
from verify.parallel import Mapper, in_parallel
from verify.prepare import library_prover, prover_of
from verify.progress import progress
from verify.prover import FunctionProver, Prover
from verify.result import Result
from verify.solver_options import SolverOptions
from verify.source import Function
from verify.sources import Sources, read
from verify.verification import Verification


@dataclass(frozen=True)
class Task:
    """Something to prove, by name."""

    options: SolverOptions

    def __call__(self) -> list[Result]:
        z3.z3.Z3_DEBUG = False  # the bindings' own type checks take a third of the time
        z3.set_param("smt.random_seed", self.options.seed)
        solver.RESOURCE_LIMIT = self.options.budget
        return self.results()

    def results(self) -> list[Result]:
        raise NotImplementedError


@dataclass(frozen=True)
class NetworkFunctionTask(Task):
    """`process`, the constructor, some of the specs, and helpers that these know by contract."""

    target: str
    spec_file: str | None
    digest: str  # of what is to be read
    specs: frozenset[str]

    def results(self) -> list[Result]:
        known = prover_for(self.target, self.spec_file, self.digest, Path.cwd())
        prover = afresh(known, [spec for spec in known.specs if spec.name in self.specs])
        found = {result.name: result for result in prover.parts(1)}
        while pending := [n for n in relied(found.values()) if is_helper(n) and n not in found]:
            tasks = [FunctionOf(prover, name) for name in pending]
            found |= {result.name: result for result in in_parallel(tasks, 1)}
        return list(found.values())


@dataclass(frozen=True)
class LibraryTask(Task):
    """A function or structure of libvig."""

    name: str
    digest: str  # of pyvigor

    def results(self) -> list[Result]:
        check_same(self.name, self.digest, fingerprint.tool())
        return [FunctionOf(library(), self.name)()]


def check_same(what: str, wanted: str, found: str) -> None:
    """Refuse to prove something else than what is asked for. Raises UsageError."""
    if wanted != found:
        raise UsageError(
            f"{what}: what proves it reads other files than what asks for it; end edits, or give "
            "the workers the same files, and start again"
        )


@dataclass(frozen=True)
class FunctionOf:
    """A function that a prover proves, without what it relies on."""

    prover: FunctionProver
    name: str

    def __call__(self) -> Result:
        return second_solver.heard(lambda: self.prover.subject(self.name))


@lru_cache(maxsize=16)
def prover_for(target: str, spec_file: str | None, digest: str, folder: Path) -> Prover:
    """What proves a network function: read once, and known to all that are forked from here.

    Names of files are as of this folder, which is the current one.
    """
    sources = read(target, spec_file=spec_file)
    check_same(target, digest, sources.digest)
    return prover_of(sources)


def afresh(prover: Prover, specs: list[Function]) -> Prover:
    """The same, for some of its specs, as if nothing was proved yet."""
    known = prover.verification
    verification = Verification(known.proofs, nf=known.nf)
    return replace(prover, verification=verification, specs=specs, found=[], relied={}, uses={})


@cache
def library() -> FunctionProver:
    """What proves libvig: read once, and known to all that are forked from this process."""
    return library_prover()


@dataclass
class Batch:
    """Proves what is missing."""

    state: Found
    executor: Mapper

    def prove(self) -> Iterator[Target]:
        """The results of libvig, if there are any, then of each network function."""
        state = self.state
        provers = [  # to read them is to refuse what must be
            afresh(prover_for(s.target, s.spec_file, s.digest, Path.cwd()), s.specs)
            for s in state.targets
        ]
        for sources in state.targets:
            check_convention(sources.nf)
        check(library().program, state.library_names)
        tasks = self.network_function_tasks()
        while tasks := [*tasks, *self.library_tasks()]:
            self.carry_out(tasks)
            tasks = []
        books = replace(library(), found=[], relied={}, uses={})
        books.know(state.of_library.values())
        if books.found:
            yield library_target(books.found)
        for prover, sources in zip(provers, state.targets, strict=True):
            found = dict(state.of_target[sources.target])
            parts = [found.pop(part.name) for part in state.parts[sources.target]]
            prover.relied |= books.relied
            prover.uses |= books.uses
            prover.know(found.values())  # helpers
            prover.take_all(iter(parts))
            yield target_of(sources, prover.found)

    def network_function_tasks(self) -> list[Task]:
        """What is missing of them: those first that take longest."""
        longest_first = sorted(self.state.targets, key=lambda sources: -len(sources.specs))
        return [task for sources in longest_first for task in self.tasks_of(sources)]

    def tasks_of(self, sources: Sources) -> list[Task]:
        """What is missing of a network function, shared out if there are cores to spare."""
        missing = self.state.missing_of(sources)
        specs = [spec.name for spec in sources.specs if spec.name in missing]
        count = min(self.executor.jobs // len(self.state.targets), len(specs))
        shares = [frozenset(specs[i::count]) for i in range(count)] or [frozenset(specs)]
        task = partial(NetworkFunctionTask, self.state.known.options, sources.target)
        return [task(sources.spec_file, sources.digest, s) for s in shares] if missing else []

    def library_tasks(self) -> list[Task]:
        """What is missing of libvig, as far as can be told now."""
        self.state.recall_library()
        missing = self.state.missing_of_library()
        for name in missing:  # here, so that it is not read again for each
            library().verification.proofs.module_of(library().program.locate(name).module)
        task = partial(LibraryTask, self.state.known.options)
        return [task(name, fingerprint.tool()) for name in missing]

    def carry_out(self, tasks: Sequence[Task]) -> None:
        """Prove, and keep what is proved."""
        state = self.state
        by_target = {sources.target: sources for sources in state.targets}
        with progress("proving", len(tasks)) as advance:
            outcomes = self.executor.map(operator.call, tasks)
            for task, results in zip(tasks, outcomes, strict=True):
                by_name = {result.name: result for result in results}
                if isinstance(task, NetworkFunctionTask):
                    state.known.keep(by_target[task.target], results)
                    state.of_target[task.target] = by_name | state.of_target[task.target]
                else:
                    state.known.keep_functions(results, state.program)
                    state.of_library |= by_name
                advance(1)
