"""`pyvigor report`: verify, and write all that was found as one page of HTML."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import z3

from libvig.io.output import STANDARD_OUTPUT, Outputs, check_writable
from verify import executors
from verify.errors import EXIT_INCONCLUSIVE, EXIT_PROVED, EXIT_REFUTED, UsageError
from verify.library import check, is_library, library_names
from verify.locate import parted
from verify.network_function import check_convention
from verify.parallel import Lost
from verify.prepare import library_prover, prepare
from verify.progress import progress
from verify.project import nearest_project
from verify.prover import FunctionProver, Prover
from verify.result import Result, Verdict
from verify.shipped import shipped
from verify.values import Unsupported

if TYPE_CHECKING:
    from verify.html.page import Page

LIBRARY = "libvig"
NEEDS = ("jinja2", "markdown_it", "pygments")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        nargs="*",
        metavar="NF",
        help="what to verify, named as for pyvigor verify (default: what pyproject.toml names for "
        "pyvigor gate; or else all network functions that are shipped, and libvig)",
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the page to write; - is the output"
    )
    executors.add_jobs(parser)


def execute(arguments: argparse.Namespace) -> int:
    """The page is written whatever the verdicts are; the exit status is that of a verification."""
    check_installed()
    check_output(arguments.output)
    executors.end_at_interrupts()
    z3.z3.Z3_DEBUG = False  # the bindings' own type checks take a third of the time
    output = arguments.output
    if output != STANDARD_OUTPUT:
        output = os.path.abspath(output)
    try:
        page = page_of(wanted(arguments.target), arguments.jobs)
    except Unsupported as error:
        raise UsageError(str(error)) from None
    except (Lost, MemoryError, RecursionError) as error:  # nothing is refuted by that
        print(f"pyvigor: the verifier did not get to an end: {error!r}", file=sys.stderr)
        return EXIT_INCONCLUSIVE
    write(output, arguments.output, page)
    return status_of(page)


def wanted(targets: Sequence[str]) -> dict[str, str | None]:
    """What is to be verified, and the files of its specs, where these are not beside it."""
    if targets:
        return dict.fromkeys(targets)
    project = nearest_project(Path.cwd())
    if project is None:
        return dict.fromkeys([LIBRARY, *shipped()])
    os.chdir(project.folder)  # where the names in it are to be read
    library = [LIBRARY] if project.libvig else []
    return {name: project.specs.get(name) for name in [*library, *project.nfs]}


def check_installed() -> None:
    """Raise UsageError if a library is missing that the page is made with."""
    if any(importlib.util.find_spec(name) is None for name in NEEDS):
        raise UsageError("report: needs Jinja; install it with: pip install 'pyvigor[report]'")


def check_output(name: str) -> None:
    """Raise UsageError if it is plain, before anything is proved, that it cannot be written."""
    file = Path(name)
    if name != STANDARD_OUTPUT and file.is_dir():
        raise UsageError(f"-o {name}: is a folder; name a file in it, such as report.html")
    if not os.access(file.parent, os.W_OK):
        raise UsageError(f"-o {name}: cannot be written: {file.parent} is no folder to write to")
    check_writable(name)


def page_of(targets: Mapping[str, str | None], jobs: int) -> Page:
    """Verify what is named; what several need of libVig is proved once."""
    from verify.html import subjects
    from verify.html.page import Page

    began = time.monotonic()
    known: dict[str, Result] = {}
    network_functions: list[subjects.NetworkFunctionSubject] = []
    with progress("verifying", len(targets)) as advance:
        for target, spec_file in targets.items():
            prover = prover_of(target, spec_file)
            prover.relied.update(known)
            prover.uses.update({name: result.relied for name, result in known.items()})
            own = list(verified(prover, target, jobs))
            known.update((n, r) for n, r in prover.relied.items() if n.startswith("libvig."))
            if isinstance(prover, Prover):
                before = [other.name for other in network_functions]
                anchor = anchor_of(prover.verification.nf.name, before)
                network_functions.append(subjects.network_function(prover, own, anchor))
            advance(1)
    return Page(
        network_functions,
        subjects.library(library_prover().program, known.values()),
        time.monotonic() - began,
    )


def prover_of(target: str, spec_file: str | None = None) -> FunctionProver:
    """The prover of a target; of a network function, it tells how the paths of `process` end."""
    name, property_name = parted(target)
    if is_library(name):
        return library_prover()
    prover = prepare(name, property_name, spec_file)
    check_convention(prover.verification.nf)
    prover.explained = prover.verification.nf.process
    return prover


def verified(prover: FunctionProver, target: str, jobs: int) -> Iterator[Result]:
    """The results that are of the target alone, and not of libVig."""
    if isinstance(prover, Prover):
        results = prover.results(jobs, lambda result: None)
    else:
        prover.jobs = jobs
        names = library_names(prover.program, target)
        check(prover.program, names)
        results = prover.library(names)
    return (result for result in results if not result.name.startswith("libvig."))


def anchor_of(name: str, before: Sequence[str]) -> str:
    """Where a network function is on the page, by its name and the names of those before it."""
    same = before.count(name)
    return f"nf{same + 1 if same else ''}/{'_'.join(name.split())}"


def write(file: str, name: str, page: Page) -> None:
    """Write the page, and say in a line what is on it."""
    from verify.html.page import html

    with Outputs() as outputs:
        outputs.write(name, outputs.open(file), [html(page).encode()])
    if name != STANDARD_OUTPUT:
        print(f"{name}: {page.summary}")


def status_of(page: Page) -> int:
    if page.counts[Verdict.REFUTED]:
        return EXIT_REFUTED
    return EXIT_INCONCLUSIVE if page.failed else EXIT_PROVED
