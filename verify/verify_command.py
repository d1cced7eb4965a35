"""`pyvigor verify`: prove a network function and its specs, and say what was found."""

from __future__ import annotations

import argparse
import sys
import time

import z3

from verify import draw, executors, incremental, save, second_solver
from verify.crosshair.engine import BUDGET, hunt
from verify.errors import (
    EXIT_INCONCLUSIVE,
    EXIT_PROVED,
    EXIT_REFUTED,
    UsageError,
)
from verify.formats import output
from verify.formats.document import Document, Target
from verify.library import check, is_library, library_names
from verify.locate import parted
from verify.network_function import check_convention
from verify.parallel import Forked, Lost
from verify.prepare import library_prover, prepare
from verify.program import HOME
from verify.prover import Prover
from verify.report import Report
from verify.result import Result, Verdict
from verify.shipped import shipped
from verify.sources import read
from verify.values import Unsupported
from verify.verify_options import add_arguments, check_options
from verify.watch import Watch

__all__ = ["add_arguments", "execute"]

PROCESS = "process"
"""What --explain calls the network function itself, of which a spec is a property."""


def execute(arguments: argparse.Namespace) -> int:
    explain_what_is_named(arguments)
    if arguments.engine == "z3":
        executors.end_at_interrupts()
    z3.z3.Z3_DEBUG = False  # the bindings' own type checks take a third of the time
    z3.set_param("smt.random_seed", arguments.solver_seed)
    second_solver.turn(on=arguments.second_solver)
    check_options(arguments)
    plan = output.planned(arguments.output_format, arguments.output_file)
    if arguments.explain is not None and arguments.explain_file is None and plan.text is None:
        raise UsageError(
            f"--explain: the tree is not in {arguments.output_format}; write it with --explain-file"
        )
    if arguments.watch:
        name, wanted = parted(arguments.target[0])
        Watch(name, wanted, arguments.spec, arguments.jobs, plan.text).forever()
    began = time.monotonic()
    try:
        found = Document(verify_targets(arguments, plan.text))
    except (Lost, MemoryError, RecursionError) as error:  # nothing is refuted by that
        print(f"pyvigor: the verifier did not get to an end: {error!r}", file=sys.stderr)
        return EXIT_INCONCLUSIVE
    found.seconds = time.monotonic() - began
    output.written(found, plan)
    return status_of(found.results, arguments)


def explain_what_is_named(arguments: argparse.Namespace) -> None:
    """A tree of NF::PROPERTY is that of the property."""
    if arguments.explain is None and arguments.explain_file and len(arguments.target) == 1:
        name, wanted = parted(arguments.target[0])
        if wanted and not is_library(name):
            arguments.target, arguments.explain = [name], wanted


def verify_targets(arguments: argparse.Namespace, text: str | None) -> list[Target]:
    """What is found of all targets, printed as that text."""
    if not arguments.target:
        return verify_everything(arguments, text)
    try:
        return [verify(target, arguments, text) for target in dict.fromkeys(arguments.target)]
    except Unsupported as error:
        raise UsageError(str(error)) from None


def verify(target: str, arguments: argparse.Namespace, text: str | None) -> Target:
    name, wanted = parted(target)
    if is_library(name):
        return verify_library(target, arguments, Report(text, is_library=True))
    if arguments.explain is None:
        prover = prepare(name, wanted, arguments.spec)
    else:
        prover = explaining(name, arguments.explain, arguments.spec)
    found = verify_network_function(name, prover, arguments, Report(text))
    if arguments.explain_file is not None:
        save_tree(arguments.explain_file, found.results)
    return found


def explaining(name: str, wanted: str, spec_file: str | None) -> Prover:
    """The prover of one property of a network function, which also tells how its paths end."""
    if wanted == PROCESS:
        prover = prepare(name, "", spec_file)
        prover.specs, prover.explained = [], prover.verification.nf.process
    else:
        prover = prepare(name, wanted, spec_file)
        (prover.explained,) = prover.specs
    return prover


def save_tree(file: str, results: list[Result]) -> None:
    """Draw the paths, unless there are none because the code could not be followed."""
    found = [result for result in results if result.ends]
    if found:
        draw.save(file, *found)
    else:
        print(f"pyvigor: {file}: not written, as there is no path to draw", file=sys.stderr)


def status_of(results: list[Result], arguments: argparse.Namespace) -> int:
    """The exit status, once the counterexamples are saved."""
    refuted = [result for result in results if result.verdict is Verdict.REFUTED]
    save.save(refuted, arguments.save_pcap, arguments.save_test)
    if refuted:
        return EXIT_REFUTED
    if any(result.verdict in (Verdict.UNKNOWN, Verdict.BOUNDED) for result in results):
        return EXIT_INCONCLUSIVE
    return EXIT_PROVED


def verify_everything(arguments: argparse.Namespace, text: str | None) -> list[Target]:
    """All network functions that are shipped, and libvig."""
    began = time.monotonic()
    sources = [read(name) for name in shipped()]
    report = Report(text)
    report.begin(f"libvig and {len(sources)} network functions ({HOME})")
    found = incremental.prove(sources, Forked(arguments.jobs), whole_library=True)
    targets = report.targets(found)
    report.end([r for target in targets for r in target.results], time.monotonic() - began)
    return targets


def verify_network_function(
    name: str, prover: Prover, arguments: argparse.Namespace, report: Report
) -> Target:
    began = time.monotonic()
    nf = prover.verification.nf
    check_convention(nf)
    count = len(prover.specs)
    specs = "no specs" if count == 0 else f"{count} spec{'s' if count > 1 else ''}"
    target = Target(name, f"{nf.name} ({nf.module.path}), {specs}", [], str(nf.module.path))
    report.begin(target.title)
    if arguments.engine == "crosshair":
        target.results += report.add_all(hunt(prover, arguments.budget or BUDGET, arguments.jobs))
    else:
        target.results += prover.results(arguments.jobs, report.add)
        target.given = [contract.text for contract in nf.process.requires]
    report.end(target.results, time.monotonic() - began, target.given)
    return target


def verify_library(name: str, arguments: argparse.Namespace, report: Report) -> Target:
    """The structures, packet views, checksums and capture readers, or one file or one of them."""
    began = time.monotonic()
    prover = library_prover()
    names = library_names(prover.program, name)
    check(prover.program, names)
    prover.jobs, prover.note = arguments.jobs, report.add
    target = Target("libvig", f"libvig ({HOME / 'libvig'})", [])
    report.begin(target.title)
    target.results += prover.library(names)
    report.end(target.results, time.monotonic() - began)
    return target
