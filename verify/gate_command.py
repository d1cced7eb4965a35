"""`pyvigor gate`: all that a project names is proved, and is what was recorded."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from libvig.io.output import Outputs
from verify import executors, incremental, lock
from verify.cache import Cache, NoCache, cache_in
from verify.errors import (
    EXIT_INCONCLUSIVE,
    EXIT_NOTHING,
    EXIT_PROVED,
    EXIT_REFUTED,
    UsageError,
)
from verify.formats import output
from verify.formats.document import Document, Problem
from verify.known import Known
from verify.lock import Lock
from verify.parallel import Lost
from verify.project import FILE, TABLE, Project, find_project
from verify.report import Report, counted
from verify.result import Verdict
from verify.solver_options import SolverOptions
from verify.sources import Sources, read
from verify.uncollected import uncollected

OPEN, SHUT = "open", "shut"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        f"Prove what {FILE} names in its table {TABLE}, and see that {lock.FILE} records it. "
        "What was proved before, of the very same sources, is not proved again."
    )
    parser.add_argument(
        "--update", action="store_true", help=f"write {lock.FILE}, once everything is proved"
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="prove everything anew, and keep no verdicts"
    )
    output.add_arguments(parser)
    executors.add_jobs(parser)
    executors.add_executor(parser)


def execute(arguments: argparse.Namespace) -> int:
    """The exit status: 0 if the gate is open, 1 if it is shut, 3 if something is not proved."""
    executors.end_at_interrupts()
    project = find_project(Path.cwd())
    files = [name if name == "-" else os.path.abspath(name) for name in arguments.output_file]
    plan = output.planned(arguments.output_format, files)
    title = f"gate of {os.path.relpath(project.file)}"
    os.chdir(project.folder)  # places are told from there, where the repository usually begins
    if not project.nfs and not project.libvig:
        print(f"pyvigor: {project.file}: {TABLE} names nothing to verify", file=sys.stderr)
        return EXIT_NOTHING
    began = time.monotonic()
    with uncollected():
        targets = [read(name, spec_file=project.specs.get(name)) for name in project.nfs]
    recorded = recorded_in(Path(lock.FILE), is_written_anew=arguments.update)
    known = Known(cache_for(arguments), SolverOptions(budget=project.solver_budget))
    report = Report(plan.text)
    report.begin(title)
    try:
        with uncollected():
            now = Lock.of(targets, libvig=project.libvig)
        with executors.opened(arguments.executor, arguments.jobs) as executor:
            found = incremental.prove(targets, executor, whole_library=project.libvig, known=known)
            document = Document(report.targets(found))
    except (Lost, MemoryError, RecursionError) as error:  # nothing is refuted by that
        print(f"pyvigor: the verifier did not get to an end: {error!r}", file=sys.stderr)
        return EXIT_INCONCLUSIVE
    document.problems += problems(project, targets)
    if not arguments.update:
        document.problems += compared(recorded, now, targets)
    document.seconds = time.monotonic() - began
    status = status_of(document)
    document.gate = OPEN if status == EXIT_PROVED else SHUT
    report.problems(document.problems)
    report.end(document.results, document.seconds)
    if plan.text is not None:
        tell(document, known.cache)
    if arguments.update:
        record(document, recorded, now)
    output.written(document, plan)
    return status


def recorded_in(file: Path, *, is_written_anew: bool) -> Lock | None:
    """What was recorded, if anything; what cannot be read may be written anew."""
    try:
        return Lock.read(file)
    except UsageError:
        if is_written_anew:
            return None
        raise


def cache_for(arguments: argparse.Namespace) -> Cache:
    """The project's verdicts of before."""
    if arguments.no_cache:
        return NoCache()
    cache = cache_in(Path.cwd())
    cache.prune()
    return cache


def problems(project: Project, targets: Sequence[Sources]) -> Iterator[Problem]:
    """What is wrong with the network functions whatever is proved of them."""
    for sources in targets:
        nf = sources.nf
        if not sources.specs:
            yield Problem(
                "no-specs",
                sources.target,
                f"{sources.target} has no specs; write some into specs/{nf.module.path.name}",
                nf.process.site.place,
                "Nothing is said of what a network function does.",
            )
        for contract in nf.assumptions:
            if contract.text not in project.allowed_assumptions:
                yield Problem(
                    "assumption",
                    f"{sources.target} requires `{contract.text}`",
                    f"process of {sources.target} requires `{contract.text}`, which nothing makes "
                    "true; check it in process and drop the packet, or say in allowed-assumptions "
                    f"of {TABLE} why it holds",
                    contract.site.place,
                    "What is proved holds only where something unproved does.",
                )

    required = {contract.text for sources in targets for contract in sources.nf.assumptions}
    for text in sorted(project.allowed_assumptions.keys() - required):
        yield Problem(
            "assumption",
            f"`{text}`",
            f"allowed-assumptions of {TABLE} names `{text}`, which no process requires in these "
            "words; mend it, or leave it out",
            FILE,
            "An assumption is allowed that nobody makes.",
        )


def compared(recorded: Lock | None, now: Lock, targets: Sequence[Sources]) -> Iterator[Problem]:
    """What is not as it was recorded."""
    if recorded is None:
        reason = f"there is no {lock.FILE}; write it with pyvigor gate --update, and commit it"
        yield Problem(
            "not-recorded", lock.FILE, reason, FILE, "A property could be deleted unnoticed."
        )
    else:
        yield from lock.differences(recorded, now, targets)


def status_of(document: Document) -> int:
    """Shut is shut, whether something is refuted or not as recorded."""
    verdicts = {result.verdict for result in document.results}
    if document.problems or Verdict.REFUTED in verdicts:
        return EXIT_REFUTED
    return EXIT_PROVED if verdicts == {Verdict.PROVED} else EXIT_INCONCLUSIVE


def tell(document: Document, cache: Cache) -> None:
    """The last line."""
    results = document.results
    reused = sum(result.reused for result in results)
    notes = [f"{counted(reused, 'verdict')} of before", f"{len(results) - reused} new"]
    if cache.rejected:
        notes.append(
            f"{counted(len(cache.rejected), 'entry')} of the cache damaged or not sealed here"
        )
    print(f"the gate is {document.gate}: {', '.join(notes)}")


def record(document: Document, recorded: Lock | None, now: Lock) -> None:
    """Write what is proved, if all of it is, and that is news."""
    if document.gate != OPEN:
        print(f"{lock.FILE} is not written, as the gate is {document.gate}", file=sys.stderr)
    elif now != recorded:
        with Outputs() as outputs:
            outputs.write(lock.FILE, outputs.open(lock.FILE), [now.text().encode()])
        print(f"{lock.FILE} is written; commit it", file=sys.stderr)
