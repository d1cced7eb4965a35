"""The options of `pyvigor verify` that do not go together, and files that cannot be written."""

from __future__ import annotations

import argparse

from libvig.io.output import check_writable
from verify import draw, save
from verify.crosshair.engine import check_installed
from verify.errors import UsageError
from verify.library import is_library
from verify.locate import parted


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
