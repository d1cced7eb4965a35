"""`pyvigor bench`: how fast network functions are."""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path
from typing import Any

from libvig.io.output import Outputs, check_writable
from libvig.settings import duration
from libvig.types import MAX_TIME
from verify.bench.baseline import Missing, compiler, library, options
from verify.bench.chart import chart
from verify.bench.flows import fitted, parse_tables
from verify.bench.frames import LARGEST, SMALLEST
from verify.bench.latency import BURST_PACKETS, clock_alone
from verify.bench.measure import Plan, measure
from verify.bench.result import VERSION, Result, Skipped, as_object, machine
from verify.bench.scenarios import SCENARIOS
from verify.bench.text import heading, not_measured, report, throughput
from verify.bench.traffic import Shape
from verify.errors import UsageError
from verify.progress import progress
from verify.registry import LoadedNetworkFunction, find

FORMATS = (".json", ".svg")
LATENCY, START_UP = "latency", "start-up"

EPILOG = """\
Packets lie in memory and are passed one at a time. Where the sources of this project and a C
compiler are at hand, the same network function in C takes turns with ours on the same packets,
and every output is compared, byte by byte. CFLAGS are added to the options of the compiler."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `pyvigor bench`."""
    parser.epilog = EPILOG
    parser.add_argument(
        "nfs",
        nargs="*",
        metavar="NF",
        default=list(SCENARIOS),
        help="names of network functions (default: all that are shipped), or NAME=FILE: this file "
        "with the traffic of that one",
    )
    parser.add_argument(
        "--flows",
        type=parse_tables,
        default="59000",
        metavar="N[,N]…",
        help="live flows, or stations, or destinations: 59000 (default: in a table for 65,536); "
        "64k, 1M: a table of this size, filled to 90 %%. Of several, latency and start-up are "
        "measured with the first",
    )
    add_traffic(parser)
    parser.add_argument("--rounds", type=_rounds, default=21, help="to measure (default: 21)")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic (default: 1)")
    parser.add_argument(
        "--skip",
        action="append",
        choices=[LATENCY, START_UP],
        default=[],
        help="leave this out; may be given several times",
    )
    parser.add_argument("--output-format", choices=["full", "json"], default="full")
    parser.add_argument(
        "--output-file",
        action="append",
        default=[],
        metavar="FILE",
        help="write FILE.json, or a chart as FILE.svg; may be given several times",
    )


def add_traffic(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments that say what the packets are."""
    parser.add_argument(
        "--size", type=_size, default=64, help="bytes of a frame, with the FCS (default: 64)"
    )
    parser.add_argument(
        "--churn",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="of the packets, that are the first of a new flow, such as 0.01 (default: 0)",
    )
    parser.add_argument(
        "--zipf",
        type=_exponent,
        metavar="EXPONENT",
        help="choose flows by Zipf's law, such as 1.0 (default: all alike)",
    )
    parser.add_argument(
        "--clock-tick",
        type=_tick,
        default=1,
        metavar="TIME",
        help="by how much the clock goes forward at once, such as 1s (default: 1ns)",
    )
    parser.add_argument(
        "--colliding",
        action="store_true",
        help="let all flows of the firewall have keys that collide under a hash without a secret",
    )


def _rounds(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rounds, 1 or more")
    return int(text)


def _size(text: str) -> int:
    if not text.isdigit() or not SMALLEST <= int(text) <= LARGEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the size of an Ethernet frame, {SMALLEST} to {LARGEST} bytes"
        )
    return int(text)


def _share(text: str) -> float:
    share = _number(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share, 0 to 1")
    return share


def _tick(text: str) -> int:
    tick = duration(text)
    if tick is None or not 1 <= tick <= MAX_TIME:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time with a unit, 1ns or more")
    return tick


def _exponent(text: str) -> float:
    exponent = _number(text)
    if not 0 <= exponent < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not an exponent, 0 or more")
    return exponent


def _number(text: str) -> float:
    """NaN, which is in no range, where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def execute(arguments: argparse.Namespace) -> int:
    """Measure, print and write."""
    for name in arguments.output_file:
        if Path(name).suffix not in FORMATS:
            raise UsageError(
                f"--output-file: {name} is neither JSON nor SVG; name it .json or .svg"
            )
        check_writable(name)
    subjects = {target: _known(target) for target in arguments.nfs}
    document = _measured(arguments, subjects)
    results: list[Result] = document["results"]
    as_json = {**document, "results": [as_object(result) for result in results]}
    texts = {
        ".json": lambda: json.dumps(as_json, indent=2) + "\n",
        ".svg": lambda: chart(results, document["machine"]),
    }
    with Outputs() as outputs:
        for name in arguments.output_file:
            outputs.write(name, outputs.open(name), [texts[Path(name).suffix]().encode()])
    if arguments.output_format == "json":
        print(texts[".json"](), end="")
    return 0


def _known(target: str) -> LoadedNetworkFunction:
    found = find(target)
    if found.name not in SCENARIOS:
        raise UsageError(
            f"{target}: there is no traffic for it; give it that of another: nat={target}"
        )
    return found


def _measured(
    arguments: argparse.Namespace, subjects: dict[str, LoadedNetworkFunction]
) -> dict[str, Any]:
    shape = Shape(
        arguments.size,
        arguments.churn,
        arguments.zipf,
        arguments.seed,
        arguments.colliding,
        arguments.clock_tick,
    )
    say = _say if arguments.output_format == "full" else _say_nothing
    where = {**machine(), "c": _baseline(subjects), "load_before": os.getloadavg()}
    for line in heading(where, shape, arguments.rounds):
        say(line)
    clock = clock_alone(BURST_PACKETS)
    results: list[Result] = []
    skipped: list[Skipped] = []
    with progress("bench", len(subjects) * len(arguments.flows)) as advance:
        for target, found in subjects.items():
            scenario = SCENARIOS[found.name]()
            for number, table in enumerate(arguments.flows):
                fit = fitted(table, scenario)
                if fit is None:
                    skipped.append(Skipped(found.name, table.flows, scenario.why_most))
                    say(not_measured(skipped[-1]))
                elif scenario.table or number == 0:
                    skip = {LATENCY, START_UP} if number else set(arguments.skip)
                    plan = Plan(arguments.rounds, shape, LATENCY not in skip, START_UP not in skip)
                    results.append(measure(target, found, fit, plan))
                    for row in throughput(results[-1]):
                        say(row)
                advance(1)
    for line in report(results, clock):
        say(line)
    where["load_after"] = os.getloadavg()
    return {
        "version": VERSION,
        "machine": where,
        "traffic": shape._asdict(),
        "clock": clock._asdict(),
        "results": results,
        "skipped": [skip._asdict() for skip in skipped],
    }


def _say(line: str) -> None:
    print(line, flush=True)


def _say_nothing(line: str) -> None:
    pass


def _baseline(subjects: dict[str, LoadedNetworkFunction]) -> str:
    """The compiler of the C, or why there is none."""
    for found in subjects.values():
        loaded = library(found.name)
        if isinstance(loaded, Missing):
            return loaded.reason
    return f"{compiler()}, {' '.join(options())}"
