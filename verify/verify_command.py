"""`pyvigor verify`: prove a network function and its specs, and say what was found."""

from __future__ import annotations

import argparse
import ast
import json
import sys
import time
from collections import Counter
from dataclasses import asdict

import z3

from verify import save
from verify.errors import EXIT_REFUTED, UsageError
from verify.locate import locate
from verify.network_function import find_network_function
from verify.prover import Prover, default_jobs
from verify.replay import Replay
from verify.result import Result, Verdict
from verify.source import Function, Program
from verify.subset import check_network_function, check_proof, check_spec
from verify.values import Unsupported
from verify.verification import Verification

EXIT_PROVED, EXIT_INCONCLUSIVE = 0, 3

TRUSTED = (
    "Z3, CPython and its parser, Numba and LLVM, the hardware, this verifier, and that "
    "libvig/primitives.py does natively what its Python text says"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        nargs="+",
        metavar="NF",
        help="a network function's name or file; NF::PROPERTY proves that property only; "
        "NAME=FILE proves the file against the specs of NAME",
    )
    parser.add_argument("--spec", metavar="FILE", help="specs to prove, instead of the NF's own")
    parser.add_argument(
        "--output-format",
        choices=["concise", "full", "json"],
        default="concise",
        metavar="FORMAT",
        help="concise (default), full or json",
    )
    parser.add_argument(
        "--save-pcap", metavar="FILE", help="write a counterexample's packets, pcapng"
    )
    parser.add_argument(
        "--save-test", metavar="FILE", help="write counterexamples as a pytest file"
    )
    parser.add_argument("--jobs", type=int, default=default_jobs(), metavar="N", help="processes")


def execute(arguments: argparse.Namespace) -> int:
    z3.z3.Z3_DEBUG = False  # the bindings' own type checks take a third of the time
    statuses = []
    for target in arguments.target:
        try:
            statuses.append(verify(target, arguments))
        except Unsupported as error:
            raise UsageError(str(error)) from None
    for status in (EXIT_REFUTED, EXIT_INCONCLUSIVE):
        if status in statuses:
            return status
    return EXIT_PROVED


def verify(target: str, arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    name, _, wanted = target.partition("::")
    prover = prepare(name, wanted, arguments.spec)
    report = Report(arguments.output_format)
    report.begin(prover)
    results = prover.results(arguments.jobs, report.add)
    report.end(prover, results, time.monotonic() - began)
    refuted = [result for result in results if result.verdict is Verdict.REFUTED]
    write_saved(refuted, arguments.save_pcap, arguments.save_test)
    if refuted:
        return EXIT_REFUTED
    if any(result.verdict is Verdict.UNKNOWN for result in results):
        return EXIT_INCONCLUSIVE
    return EXIT_PROVED


def write_saved(refuted: list[Result], pcap: str | None, test: str | None) -> None:
    try:
        if pcap is not None and refuted:
            save.save_pcap(pcap, refuted[0].packets)
        if test is not None and refuted:
            save.save_tests(test, refuted)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from None


# ---------------------------------------------------------------- from names to sources


def prepare(name: str, wanted: str, spec_file: str | None) -> Prover:
    program, nf_name, spec_name = locate(name, spec_file)
    module = program.load(nf_name)
    check_network_function(module)
    nf = find_network_function(module)
    modules = [module]
    specs: list[Function] = []
    if spec_name is not None:
        spec_module = program.load(spec_name)
        check_spec(spec_module)
        modules.append(spec_module)
        specs = [f for f in spec_module.functions.values() if f.is_marked("spec")]
    if wanted:
        specs = [spec for spec in specs if spec.name == wanted]
        if not specs:
            raise UsageError(
                f"{name}: no spec is called {wanted}; pyvigor verify {name} lists them"
            )
    verification = Verification(nf, lambda function: loop_invariants(program, function))
    return Prover(verification, program, specs, Replay(program, modules))


def loop_invariants(program: Program, function: Function) -> list[Function]:
    """What the proof file of the function's module says of its loop."""
    name = f"libvig.proof.{function.module.name.rsplit('.', 1)[-1]}"
    if program.find(name) is None:
        return []
    module = program.load(name)
    check_proof(module)
    return [f for f in module.functions.values() if _is_about(f, function)]


def _is_about(predicate: Function, function: Function) -> bool:
    return any(
        isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func) == "loop"
        and ast.unparse(decorator.args[0]) == function.qualified_name
        for decorator in predicate.node.decorator_list
    )


# ---------------------------------------------------------------- what is said


class Report:
    """One line a property as it is decided; counterexamples and counts at the end."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.functions: list[Result] = []

    def begin(self, prover: Prover) -> None:
        if self.form != "json":
            nf = prover.verification.nf
            specs = f"{len(prover.specs)} specs" if prover.specs else "no specs"
            print(f"{nf.name} ({nf.module.path}), {specs}")

    def add(self, result: Result) -> None:
        if self.form == "json":
            return
        if result.name.startswith("libvig.") and result.verdict is Verdict.PROVED:
            self.functions.append(result)
            if self.form == "concise":
                return
        print(line(result), flush=True)
        if result.verdict in (Verdict.REFUTED, Verdict.UNKNOWN):
            print(f"         at {result.place}: {result.reason}")
            for detail in result.details:
                print(f"         {detail}")

    def end(self, prover: Prover, results: list[Result], seconds: float) -> None:
        counts = Counter(result.verdict.value for result in results)
        summary = {verdict.value: counts[verdict.value] for verdict in Verdict}
        if self.form == "json":
            print(json.dumps(as_json(prover, results, summary, seconds), indent=2))
            return
        if self.functions and self.form == "concise":
            total = sum(result.seconds for result in self.functions)
            obligations = sum(result.obligations for result in self.functions)
            print(
                f"proved   {len(self.functions)} functions of libvig that these rely on: in bounds "
                f"and as their contracts say  {obligations} obligations  {total:.1f} s"
            )
        if self.form == "full":
            for contract in prover.verification.nf.process.requires:
                print(f"given    process is called with {contract.text}")
            print(f"trusted  {TRUSTED}")
        text = ", ".join(f"{number} {verdict}" for verdict, number in summary.items())
        print(f"{text} in {seconds:.1f} s")
        sys.stdout.flush()


def line(result: Result) -> str:
    verdict = f"{result.verdict.value:<8}"
    if result.verdict is Verdict.ASSUMED:
        return f"{verdict} {result.name} ({result.place}): {result.reason}"
    paths = f"{result.paths} path{'s' if result.paths != 1 else ''}"
    obligations = f"{result.obligations} obligations"
    return f"{verdict} {result.name}  {paths}  {obligations}  {result.seconds:.1f} s"


def as_json(
    prover: Prover, results: list[Result], summary: dict[str, int], seconds: float
) -> dict[str, object]:
    rows = []
    for result in results:
        row = {
            key: value for key, value in asdict(result).items() if key not in ("packets", "test")
        }
        rows.append({**row, "verdict": result.verdict.value})
    return {
        "nf": prover.verification.nf.name,
        "path": str(prover.verification.nf.module.path),
        "summary": summary,
        "seconds": round(seconds, 3),
        "results": rows,
        "given": [contract.text for contract in prover.verification.nf.process.requires],
        "trusted": TRUSTED,
    }
