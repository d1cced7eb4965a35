"""`pyvigor run`: an NF over the packets of capture files."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from libvig.io.output import STANDARD_OUTPUT, Outputs
from libvig.io.reader import Reader, Room
from libvig.io.split import Split
from libvig.io.trace import Trace
from libvig.settings import clock_tick, device_names, make_config, read_settings
from verify.cases import REACH
from verify.check_report import Report, as_object, comparison_lines, spec_lines
from verify.compile_beside import begin_to_compile, nothing
from verify.errors import EXIT_REFUTED, EXIT_USAGE, FaultyNfError, UsageError
from verify.inputs import devices_needed, named_files, parse_split, read_parts, whole
from verify.outputs import check_files, open_targets, writer
from verify.process import Process
from verify.progress import progress
from verify.registry import LoadedNetworkFunction, find, new_nf
from verify.runnable import check_runnable
from verify.summary import Summary, as_json, as_text, live_flows

if TYPE_CHECKING:
    from verify.bare import Bare
    from verify.check import Run

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
        help="pcap or pcapng capture to read, or one in gzip or zstd; - is standard input; may be "
        "given several times",
    )
    parser.add_argument(
        "-w",
        dest="write",
        metavar="[DEVICE=]FILE",
        action="append",
        default=[],
        help="capture to write what is forwarded, or what leaves by this device; pcapng by its "
        "suffix, else pcap, packed if .gz or .zst follows; - is standard output",
    )
    add_settings(parser)
    add_ways(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments that say how the network function is set."""
    parser.add_argument("--config", metavar="FILE", help="settings of the NF, in TOML")
    parser.add_argument(
        "--set",
        dest="assignments",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one setting of the NF; may be given several times",
    )


def add_ways(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments that say how packets are taken and processed, and what is said."""
    parser.add_argument(
        "--split", metavar="PREFIX", help="IPv4 prefix of the addresses behind the first device"
    )
    parser.add_argument(
        "--interpreted", action="store_true", help="run in CPython and check every contract"
    )
    parser.add_argument(
        "--no-look-ahead",
        action="store_true",
        help="do not ask for the memory that later packets will need; the outputs are the same",
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
    with terminable():
        return _execute(arguments)


@contextmanager
def terminable() -> Iterator[None]:
    """Inside, SIGTERM ends the run as an error does, so that nothing half-written is left."""
    if threading.current_thread() is not threading.main_thread():  # no signals there
        yield
        return

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _execute(arguments: argparse.Namespace) -> int:
    interpreted = arguments.interpreted
    room = Room(packets=INTERPRETED_BATCH) if interpreted else Room()
    found = find(arguments.nf)
    check_runnable(arguments.nf, found.module, interpreted)
    bare = specs_to_check(arguments)
    inputs = named_files("-r", arguments.read)
    outputs = named_files("-w", arguments.write)
    check_files(inputs, outputs)
    settings = read_settings(arguments.config, arguments.assignments)
    ahead = False if arguments.no_look_ahead else None
    wait = nothing if interpreted else begin_to_compile(found, settings, ahead)
    readers = [Reader(file.file, interpreted=interpreted, room=room) for file in inputs]
    devices = device_names(settings, devices_needed(readers))
    config = make_config(found.config_class, settings, devices)
    wait()
    nf = new_nf(found, config)
    split = split_of(arguments, config, devices)
    tick = clock_tick(settings)
    parts = read_parts(inputs, readers, devices, split, interpreted=interpreted, tick=tick)
    tell = Tell(arguments.output_format, any(file.file == STANDARD_OUTPUT for file in outputs))
    checked = None
    if bare is not None:
        trace, parts = whole(parts, room.packets)
        checked = check_specs(found, bare, config, trace, tell)
    with Outputs() as files:
        layouts = {reader.layout for reader in readers}
        targets = open_targets(
            files, outputs, devices, lambda name: writer(name, layouts, devices, interpreted)
        )
        process = Process(found, nf, devices, interpreted, ahead)
        process.pass_on(parts, targets)
    report = None
    if checked is not None:
        report = checked.report if interpreted else checked.compared_with(trace)
    damage = [reader.damage for reader in readers if reader.damage]
    tell.summary(summary_of(process, damage, report))
    if report is not None:
        tell.check(comparison_lines(report))
        if not report.is_clean:
            return EXIT_REFUTED
    return EXIT_USAGE if damage else 0


def split_of(arguments: argparse.Namespace, config: Any, devices: Sequence[str]) -> Split | None:
    """The split that is asked for, if one is."""
    if arguments.split is None:
        return None
    return parse_split(arguments.split, getattr(config, "external_device", 1), devices)


def specs_to_check(arguments: argparse.Namespace) -> Bare | None:
    """The NF and its specs as --check runs them; None without it."""
    if not arguments.check:
        if arguments.spec is not None:
            raise UsageError(f"--spec {arguments.spec}: is of use with --check only; add --check")
        return None
    from verify.bare import load
    from verify.locate import locate

    program, nf, specs = locate(arguments.nf, arguments.spec)
    if specs is None:
        raise UsageError(f"{arguments.nf}: has no specs to check; give some with --spec FILE")
    bare = load(program, nf, specs)
    if not bare.specs:
        raise UsageError(f"{bare.spec_module.path}: no function is marked @spec; mark each spec")
    return bare


def check_specs(
    found: LoadedNetworkFunction, bare: Bare, config: Any, trace: Trace, tell: Tell
) -> Run:
    """Run the NF and its specs over the packets, in CPython and on a copy."""
    from verify.check import check

    with progress(f"{found.name}, with specs", len(trace.start)) as advance:
        checked = check(bare, config, trace, advance)
    tell.check(spec_lines(checked.report))
    if checked.report.failure is not None:
        raise FaultyNfError(f"{found.path}: {checked.report.failure}")
    return checked


def summary_of(process: Process, damage: list[str], report: Report | None) -> Summary:
    """What there is to say of a run that ended."""
    totals, seconds = process.totals, process.seconds
    return Summary(
        nf=process.found.name,
        mode="interpreted" if process.interpreted else "native",
        packets=totals.packets,
        seconds=seconds,
        packets_per_second=totals.packets / seconds if seconds else 0.0,
        devices=[traffic._asdict() for traffic in totals.traffic()],
        forwarded=totals.forwarded,
        flooded=totals.flooded,
        dropped=totals.dropped,
        drops=totals.drops(),
        flows=live_flows(process.nf),
        cut_short=totals.cut_short,
        clock_held=totals.clock_held,
        damage=damage,
        check=as_object(report) if report is not None else None,
    )


class Tell(NamedTuple):
    """How a run says what there is to say, elsewhere than its packets."""

    output_format: str
    to_stderr: bool

    def check(self, lines: Iterable[str]) -> None:
        """What came of a check, for people."""
        if self.output_format != "json":
            self._print(lines)

    def summary(self, summary: Summary) -> None:
        """The summary, then what was wrong with the captures."""
        self._print([as_json(summary) if self.output_format == "json" else as_text(summary)])
        for line in summary.damage:
            print(f"pyvigor: {line}", file=sys.stderr)

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            print(line, file=sys.stderr if self.to_stderr else sys.stdout)
