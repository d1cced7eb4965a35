"""`pyvigor run`: an NF over the packets of capture files."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from libvig.compile import native
from libvig.io.capture import read_capture
from libvig.io.loop import process_all
from libvig.io.output import STANDARD_OUTPUT, Outputs
from libvig.io.trace import UNDECIDED, Trace, new_trace
from libvig.packet.packet import FLOOD
from libvig.settings import device_names, make_config, read_settings
from verify.cases import REACH
from verify.check_report import as_object, comparison_lines, spec_lines
from verify.errors import EXIT_REFUTED, EXIT_USAGE, FaultyNfError, UsageError
from verify.inputs import devices_needed, named_files, packets_by_time, parse_split
from verify.locate import locate
from verify.network_function import NetworkFunction, find_network_function
from verify.outputs import check_files, encode, forwarded, open_targets
from verify.program import Program
from verify.progress import progress
from verify.registry import LoadedNetworkFunction, find, new_nf, one_line
from verify.subset import check_network_function
from verify.summary import Summary, as_json, as_text, count_drops, count_traffic, live_flows

if TYPE_CHECKING:
    from verify.bare import Bare
    from verify.check import Run

NATIVE_BATCH = 65_536
INTERPRETED_BATCH = 64

EPILOG = f"""\
Each interface of a capture is a device. Instead, give each device its file (-r lan=a.pcap
-r wan=b.pcap; their packets are merged by time), or split the packets of one interface by
their source address (--split 192.168.0.0/16). Time is that of the capture.
--check runs each spec on the NF as it is before each packet; one of several packets is run on
that packet and others out of the {REACH} that follow, as if none came between them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `pyvigor run`."""
    parser.epilog = EPILOG
    parser.add_argument(
        "nf",
        metavar="NF",
        help="name of a network function, or its file; NAME=FILE: this "
        "file as the network function of that name",
    )
    parser.add_argument(
        "-r",
        dest="read",
        metavar="[DEVICE=]FILE",
        action="append",
        required=True,
        help="pcap or pcapng capture to read; - is standard input; may be given several times",
    )
    parser.add_argument(
        "-w",
        dest="write",
        metavar="[DEVICE=]FILE",
        action="append",
        default=[],
        help="capture to write what is forwarded, or what leaves by this device; pcapng by its "
        "suffix, else pcap; - is standard output",
    )
    parser.add_argument("--config", metavar="FILE", help="settings of the NF, in TOML")
    parser.add_argument(
        "--set",
        dest="assignments",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one setting of the NF; may be given several times",
    )
    parser.add_argument(
        "--split", metavar="PREFIX", help="IPv4 prefix of the addresses behind the first device"
    )
    parser.add_argument(
        "--interpreted", action="store_true", help="run in CPython and check every contract"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="run the specs beside the packets, and report the first packet that breaks one, or "
        "with which native code does something else than CPython",
    )
    parser.add_argument("--spec", metavar="FILE", help="specs to check, instead of the NF's own")
    parser.add_argument(
        "--output-format", choices=["full", "json"], default="full", help="of the summary"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Run, write and summarise; returns the exit status."""
    found = find(arguments.nf)
    program, module, specs = locate(arguments.nf, arguments.spec)
    check_network_function(program.load(module), to_prove=False)
    bare = specs_to_check(program, module, specs, arguments)
    if not arguments.interpreted:
        check_given(find_network_function(program.load(module)))
    inputs = named_files("-r", arguments.read)
    outputs = named_files("-w", arguments.write)
    check_files(inputs, outputs)
    to_stderr = any(file.file == STANDARD_OUTPUT for file in outputs)
    settings = read_settings(arguments.config, arguments.assignments)
    captures = [read_capture(file.file, interpreted=arguments.interpreted) for file in inputs]
    devices = device_names(settings, devices_needed(captures))
    config = make_config(found.config_class, settings, devices)
    nf = new_nf(found, config)
    split = None
    if arguments.split is not None:
        split = parse_split(arguments.split, getattr(config, "external_device", 1), devices)
    records, device = packets_by_time(inputs, captures, devices, split)
    trace = new_trace(records, device)
    checked = None
    if bare is not None:
        checked = check_specs(found, bare, config, trace)
        if arguments.output_format != "json":
            print_lines(spec_lines(checked.report), to_stderr)
        if checked.report.failure is not None:
            raise FaultyNfError(f"{found.path}: {checked.report.failure}")
    with Outputs() as files:
        targets = open_targets(files, outputs, devices)
        seconds = process(found, nf, trace, arguments.interpreted)
        check_verdicts(found, trace, devices)
        for target in targets:
            chosen = forwarded(records, trace, target.device, len(devices))
            files.write(target.name, target.file, encode(target.name, chosen, captures, devices))
    report = None
    if checked is not None:
        report = checked.report if arguments.interpreted else checked.compared_with(trace)
    summary = Summary(
        nf=found.name,
        mode="interpreted" if arguments.interpreted else "native",
        packets=len(trace.start),
        seconds=seconds,
        packets_per_second=len(trace.start) / seconds if seconds else 0.0,
        devices=[traffic._asdict() for traffic in count_traffic(trace, devices)],
        forwarded=int((trace.verdict >= 0).sum()),
        flooded=int((trace.verdict == FLOOD).sum()),
        dropped=int((trace.verdict < 0).sum()),
        drops=count_drops(trace, found.drop),
        flows=live_flows(nf),
        cut_short=int((trace.wire_length > trace.length).sum()),
        clock_held=int((records.time < trace.time).sum()),
        damage=[capture.damage for capture in captures if capture.damage],
        check=as_object(report) if report is not None else None,
    )
    print_summary(summary, arguments.output_format, to_stderr)
    if report is not None and arguments.output_format != "json":
        print_lines(comparison_lines(report), to_stderr)
    if report is not None and not report.is_clean:
        return EXIT_REFUTED
    return EXIT_USAGE if summary.damage else 0


def specs_to_check(
    program: Program, nf: str, specs: str | None, arguments: argparse.Namespace
) -> Bare | None:
    """The NF and its specs as --check runs them; None without it."""
    if not arguments.check:
        if arguments.spec is not None:
            raise UsageError(f"--spec {arguments.spec}: is of use with --check only; add --check")
        return None
    if specs is None:
        raise UsageError(f"{arguments.nf}: has no specs to check; give some with --spec FILE")
    from verify.bare import load

    bare = load(program, nf, specs)
    if not bare.specs:
        raise UsageError(f"{bare.spec_module.path}: no function is marked @spec; mark each spec")
    return bare


def check_specs(found: LoadedNetworkFunction, bare: Bare, config: Any, trace: Trace) -> Run:
    """Run the NF and its specs over the packets, in CPython and on a copy."""
    from verify.check import check

    with progress(f"{found.name}, with specs", len(trace.start)) as advance:
        return check(bare, config, trace, advance)


def check_given(nf: NetworkFunction) -> None:
    """Native code counts on what `process` requires; refuse what nothing here makes true."""
    for contract in nf.assumptions:
        raise UsageError(
            f"{contract.site}: native code cannot count on `{contract.text}`; check it in "
            "process and drop the packet, or add --interpreted"
        )


def process(found: LoadedNetworkFunction, nf: Any, trace: Trace, interpreted: bool) -> float:
    """Run the NF over the trace; returns the seconds that it took, without showing progress."""
    run, batch = process_all, INTERPRETED_BATCH
    if not interpreted:
        run, batch = native(process_all, sources=[found.module]), NATIVE_BATCH
        try:
            run(nf, trace, 0, 0)
        except Exception as error:
            raise UsageError(
                f"{_place(found, error)}: cannot be compiled: outside the verified subset, as "
                "pyvigor verify will explain; to run it nevertheless, add --interpreted"
            ) from None
    total, seconds = len(trace.start), 0.0
    with progress(found.name, total) as advance:
        for first in range(0, total, batch):
            last = min(first + batch, total)
            began = perf_counter()
            try:
                run(nf, trace, first, last)
            except Exception as error:
                packet = 1 + int(np.argmax(trace.verdict == UNDECIDED))
                raise FaultyNfError(
                    f"{found.path}: packet {packet}: {type(error).__name__}: {one_line(error)}"
                ) from None
            seconds += perf_counter() - began
            advance(last - first)
    return seconds


def _place(found: LoadedNetworkFunction, error: Exception) -> str:
    """The NF's file, and the line of it that a message of the compiler names first, if any."""
    path = re.escape(str(found.path))
    lines = re.findall(rf"{path}(?: \(|\", line )(\d+)", str(error))
    return f"{found.path}:{lines[0]}" if lines else str(found.path)


def check_verdicts(found: LoadedNetworkFunction, trace: Trace, devices: Sequence[str]) -> None:
    """Refuse a verdict that is neither a device nor a reason to drop."""
    known = np.isin(trace.verdict, [*range(len(devices)), FLOOD, *found.drop])
    if not known.all():
        packet = int(np.argmin(known))
        raise FaultyNfError(
            f"{found.path}: packet {packet + 1}: the verdict {trace.verdict[packet]} is neither "
            f"a device (0 to {len(devices) - 1}) nor a reason in Drop"
        )


def print_lines(lines: Iterable[str], to_stderr: bool) -> None:
    """Print what is said of a run, elsewhere than its packets."""
    for line in lines:
        print(line, file=sys.stderr if to_stderr else sys.stdout)


def print_summary(summary: Summary, output_format: str, to_stderr: bool) -> None:
    """Print it, then what was wrong with the captures."""
    print_lines([as_json(summary) if output_format == "json" else as_text(summary)], to_stderr)
    for line in summary.damage:
        print(f"pyvigor: {line}", file=sys.stderr)
