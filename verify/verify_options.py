"""The options of `pyvigor verify`; which do not go together, and files that cannot be written."""

from __future__ import annotations

import argparse

from libvig.io.output import check_writable
from verify import draw, executors, save
from verify.crosshair.engine import BUDGET, check_installed
from verify.errors import UsageError
from verify.formats import output
from verify.library import is_library
from verify.locate import parted

MAX_BUDGET = 1e6  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        nargs="*",
        metavar="NF",
        help="a network function's name or file (default: all that are shipped, and libvig); "
        "NF::PROPERTY proves that property only; "
        "NAME=FILE proves the file against the specs of NAME; libvig, a file of it, or "
        "FILE::NAME: the structures, packet views and capture readers",
    )
    parser.add_argument("--spec", metavar="FILE", help="specs to prove, instead of the NF's own")
    output.add_arguments(parser)
    add_what_is_shown(parser)
    add_engines(parser)
    executors.add_jobs(parser)


def add_what_is_shown(parser: argparse.ArgumentParser) -> None:
    """What is made of counterexamples and paths, and when."""
    parser.add_argument(
        "--save-pcap", metavar="FILE", help="write a counterexample's packets, pcapng"
    )
    parser.add_argument(
        "--save-test", metavar="FILE", help="write counterexamples as a pytest file"
    )
    parser.add_argument(
        "--explain",
        metavar="PROPERTY",
        help="prove this property only, and print its paths as a tree; "
        "process is the network function itself",
    )
    parser.add_argument(
        "--explain-file", metavar="FILE", help="draw that tree: FILE.svg, or FILE.dot for Graphviz"
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="prove again whenever one of the files is saved, and only what that changes",
    )


def add_engines(parser: argparse.ArgumentParser) -> None:
    """What decides."""
    parser.add_argument(
        "--engine",
        choices=["z3", "crosshair"],
        default="z3",
        metavar="ENGINE",
        help="z3 (default) proves; crosshair hunts counterexamples on the real code at small "
        "capacities, and proves nothing: what it does not refute is bounded, and the exit "
        "status then is 3",
    )
    parser.add_argument(
        "--budget",
        type=budget,
        metavar="SECONDS",
        help=f"of --engine crosshair, for all properties of an NF together (default {BUDGET:.0f})",
    )
    parser.add_argument("--second-solver", action="store_true", help="ask cvc5 too what Z3 proves")
    parser.add_argument(
        "--solver-seed", type=seed, default=0, metavar="N", help="random seed of Z3 (default 0)"
    )


def budget(text: str) -> float:
    """A number of seconds."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < MAX_BUDGET:
        raise argparse.ArgumentTypeError(
            f"{text} is no number of seconds; write one above 0, such as {BUDGET:.0f}"
        )
    return seconds


def seed(text: str) -> int:
    """A seed of the solver."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text} is no seed; write 0 to {2**32 - 1}")
    return int(text)


def check_options(arguments: argparse.Namespace) -> None:
    """Refuse what is for network functions only beside a target in libvig."""
    if arguments.spec is not None and not arguments.target:
        raise UsageError("--spec: say which network function these are the specs of")
    for target in arguments.target:
        name, _ = parted(target)
        if is_library(name):
            if arguments.spec is not None:
                raise UsageError(
                    f"--spec: {target} has no specs, but contracts in its file; leave --spec out"
                )
            if arguments.save_pcap is not None:
                raise UsageError(
                    f"--save-pcap: counterexamples of {target} are calls, not packets; "
                    "--save-test writes them as a test"
                )
    check_explained(arguments)
    check_engine(arguments)
    for file in (arguments.save_pcap, arguments.explain_file):
        if file is not None:
            check_writable(file)
    if arguments.save_test is not None:
        check_writable(arguments.save_test, own=save.TITLE)
    check_watched(arguments)


def check_watched(arguments: argparse.Namespace) -> None:
    """Refuse what makes no sense of proofs that come again and again."""
    if not arguments.watch:
        return
    if len(arguments.target) != 1 or is_library(parted(arguments.target[0])[0]):
        raise UsageError("--watch: name the one network function that is to be proved again")
    for option in ("explain", "save-pcap", "save-test", "second-solver", "output-file"):
        if getattr(arguments, option.replace("-", "_")):
            raise UsageError(f"--watch: has no end, so leave --{option} out")
    if arguments.engine != "z3" or arguments.output_format not in (None, "concise", "full"):
        raise UsageError("--watch: proves, and prints text; leave other formats and engines out")


def check_engine(arguments: argparse.Namespace) -> None:
    """Refuse what CrossHair cannot do, and what is for CrossHair only."""
    if arguments.engine != "crosshair":
        if arguments.budget is not None:
            raise UsageError(
                "--budget: is for --engine crosshair; a proof takes as long as it takes"
            )
        return
    if not arguments.target or any(is_library(target) for target in arguments.target):
        raise UsageError("--engine crosshair: name the network functions that it is to search")
    if arguments.explain is not None or arguments.second_solver:
        option = "--second-solver" if arguments.second_solver else "--explain"
        raise UsageError(f"{option}: is about a proof, and --engine crosshair makes none")
    check_installed()


def check_explained(arguments: argparse.Namespace) -> None:
    """Refuse a tree of what has none, and one that would not be shown."""
    if arguments.explain is None:
        if arguments.explain_file is not None:
            raise UsageError("--explain-file: say of which property, by NF::PROPERTY or --explain")
        return
    if len(arguments.target) != 1 or is_library(arguments.target[0]):
        raise UsageError("--explain: name the one network function that the property is of")
    if "::" in arguments.target[0]:
        raise UsageError(f"--explain: {arguments.target[0]} names a property, too; name it once")
    if arguments.explain_file is not None:
        draw.check_format(arguments.explain_file)
