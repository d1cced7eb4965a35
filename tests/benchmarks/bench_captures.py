"""How fast from capture to capture? `python -m tests.benchmarks.bench_captures`.

`pyvigor run nat` on a file of a million packets, as a whole process, and a loop that does the same
with dpkt's reader, dpkt's packets and dpkt's writer. They take turns, and their files must be the
same. What a run takes on a single packet is its start-up. Memory is the peak of the process.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, perf_counter_ns

import dpkt
import numpy as np

from libvig.io.pcap import Layout, pcap_header
from tests.benchmarks.dpkt_nat import DROP, DpktNat
from tests.benchmarks.frames import FRAME_SIZE
from tests.benchmarks.model import LAN, WAN
from tests.benchmarks.subjects import ByHand
from tests.benchmarks.workload import SETUP, Batch, opening, traffic
from verify.bench.rounds import interleaved, ratios, spread

FLOWS = 59_000
MILLION = 1_000_000
DPKT_PACKETS = 20_000
DPKT_FLOWS = 1_000
ROUNDS = 9

SETTINGS = ("--split", "10.0.0.0/8", "--set", "first-port=1", "--set", "max-flows=65535")
PEAK = """
import sys
from verify.cli import main
main(sys.argv[1:])
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def write_capture(file: Path, flows: int, packets: int) -> None:
    """Packets that open flows, then packets of these at random, half of them replies."""
    first = opening(flows)
    opened = ByHand(SETUP).run(first)[1]
    with file.open("wb") as capture:
        capture.write(pcap_header(Layout()))
        capture.write(_records(first))
        for done in range(flows, packets, MILLION):
            batch = traffic(opened, min(MILLION, packets - done), seed=done)
            later = batch.time + (done - flows) * 100
            capture.write(_records(batch._replace(time=later)))


def _records(batch: Batch) -> bytes:
    header = np.dtype([(name, "<u4") for name in ("seconds", "fraction", "captured", "wire")])
    rows = np.zeros(len(batch.frames), [("header", header), ("frame", "u1", FRAME_SIZE)])
    rows["header"]["seconds"], rows["header"]["fraction"] = np.divmod(batch.time, 10**9)
    rows["header"]["captured"] = rows["header"]["wire"] = FRAME_SIZE
    rows["frame"] = batch.frames
    return rows.tobytes()


def pyvigor(source: Path, result: str) -> list[str]:
    """The arguments of a run."""
    return ["run", "nat", "-r", str(source), "-w", result, *SETTINGS]


def seconds_of_a_run(source: Path, result: str) -> float:
    command = [sys.executable, "-m", "verify.cli", *pyvigor(source, result)]
    began = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began


def with_dpkt(source: Path, result: Path) -> int:
    """Do the same with dpkt; returns the nanoseconds that a packet took."""
    began, packets = perf_counter_ns(), 0
    nat = DpktNat(SETUP)
    with source.open("rb") as read, result.open("wb") as write:
        writer = dpkt.pcap.Writer(write, nano=True)
        for seconds, frame in dpkt.pcap.Reader(read):
            device = LAN if frame[26] == 10 else WAN
            outcome = nat.process(frame, device, int(seconds * 10**9))
            if outcome.verdict != DROP:
                writer.writepkt(outcome.frame, seconds)
            packets += 1
    return (perf_counter_ns() - began) // packets


def packets_in(file: Path) -> Iterator[bytes]:
    with file.open("rb") as capture:
        yield from (frame for _, frame in dpkt.pcap.Reader(capture))


def peak_of_a_run(source: Path) -> float:
    """The largest memory that a run takes, in megabytes."""
    command = [sys.executable, "-c", PEAK, *pyvigor(source, os.devnull)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1024


def main() -> None:
    """Judge, measure, print."""
    with tempfile.TemporaryDirectory(prefix="pyvigor-bench-") as folder:
        one, few, many = (Path(folder) / f"{name}.pcap" for name in ("one", "few", "many"))
        ours, theirs = Path(folder) / "ours.pcap", Path(folder) / "theirs.pcap"
        write_capture(one, 1, 1)
        write_capture(few, DPKT_FLOWS, DPKT_PACKETS)
        write_capture(many, FLOWS, MILLION)
        seconds_of_a_run(few, str(ours))
        with_dpkt(few, theirs)
        if list(packets_in(ours)) != list(packets_in(theirs)):
            sys.exit("error: the two did not write the same packets")
        print(f"both wrote the same {DPKT_PACKETS:,} packets\n", flush=True)
        turns = {
            "start-up": lambda: seconds_of_a_run(one, str(ours)) * 10**9 / MILLION,
            "with start-up": lambda: seconds_of_a_run(many, str(ours)) * 10**9 / MILLION,
            "dpkt": lambda: with_dpkt(few, theirs),
        }
        show(interleaved(turns, ROUNDS))
        for millions in (1, 8):
            write_capture(many, FLOWS, millions * MILLION)
            size = many.stat().st_size / 2**20
            print(f"{millions} M packets, {size:.0f} MB: peak {peak_of_a_run(many):.0f} MB")


def show(found: dict[str, list[float]]) -> None:
    """Print the result."""
    both = zip(found["with start-up"], found["start-up"], strict=True)
    found["without start-up"] = [whole - start for whole, start in both]
    for name in ("with start-up", "without start-up", "dpkt"):
        median, lowest, highest = spread(found[name])
        rate = 1000 / median
        print(
            f"{name:18}{median:10.0f} ns/packet ({lowest:.0f} to {highest:.0f}), "
            f"{rate:.3f} M packets/s, "
            f"dpkt takes {statistics.median(ratios(found['dpkt'], found[name])):.0f} times as long"
        )
    start = spread(found["start-up"])
    print(f"start-up: {start.median * MILLION / 10**9:.2f} s")


if __name__ == "__main__":
    main()
