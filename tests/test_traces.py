"""Real captures, some made to break parsers: nothing crashes, native and interpreted agree."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from libvig.io.capture import Capture
from libvig.io.split import Split
from libvig.io.trace import devices_by_source
from tests.traces import FOLDER, REASON, read, traces
from tests.traces.check import beginning, tally
from verify.cli import main
from verify.shipped import shipped

FEW_FLOWS = ["--set", "max-flows=64", "--set", "first-port=60000", "--set", "last-port=60099"]
FROM_OUTSIDE = ["--set", "external-device=lan", "--set", "internal-device=wan"]
POLICED = ["--set", "rate=1kB/s", "--set", "burst=1500B", "--set", "max-destinations=64"]


def split_at_a_client(capture: Capture) -> list[str]:
    """Options that make the first IPv4 source the only address inside, and that of the NAT.

    So replies come in from outside, to the external address.
    """
    records = capture.records
    everything_outside = devices_by_source(records, Split(first=1, last=0, outside=1))
    ipv4 = np.flatnonzero(everything_outside)
    if capture.interfaces > 1 or not len(ipv4):
        return []
    at = int(records.start[ipv4[0]]) + 26
    client = ".".join(str(byte) for byte in records.data[at : at + 4])
    return ["--split", f"{client}/32", "--set", f"external-address={client}"]


def check_modes_agree(
    nf: str, file: Path, folder: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """Run natively and interpreted, expect the same bytes and summary, and return the latter."""
    results: list[tuple[int, dict[str, Any], str, bytes]] = []
    for mode in ([], ["--interpreted"]):
        out = folder / f"out{len(results)}.pcapng"
        arguments = ["run", nf, "-r", str(file), "-w", str(out), *options, *mode]
        status = main([*arguments, "--output-format", "json"])
        output = capsys.readouterr()
        summary = json.loads(output.out)
        for differing in ("mode", "seconds", "packets_per_second"):
            del summary[differing]
        assert output.err == "".join(f"pyvigor: {line}\n" for line in summary["damage"])
        results.append((status, summary, output.err, out.read_bytes()))
    native, interpreted = results
    assert native == interpreted
    status, summary, _, _ = native
    assert status == (2 if summary["damage"] else 0)
    return summary


@pytest.mark.skipif(not traces(), reason=REASON)
@pytest.mark.parametrize("file", traces(), ids=lambda file: str(file.relative_to(FOLDER)))
def test_a_real_capture_runs_or_is_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = read(file)
    if isinstance(capture, str):
        out = tmp_path / "out.pcap"
        assert main(["run", "nat", "-r", str(file), "-w", str(out)]) == 2
        assert capsys.readouterr() == ("", f"pyvigor: {capture}\n")
        assert "\n" not in capture
        assert not out.exists()
        return
    variants = [("nop", []), ("nat", FEW_FLOWS), ("policer", [*FROM_OUTSIDE, *POLICED])]
    if split := split_at_a_client(capture):
        variants.append(("nat", [*FEW_FLOWS, *split]))
    for nf, options in variants:
        summary = check_modes_agree(nf, file, tmp_path, options, capsys)
        assert summary["packets"] == len(capture.records.start)
        assert summary["forwarded"] + summary["dropped"] == summary["packets"]
        assert sum(summary["drops"].values()) == summary["dropped"]


@pytest.mark.skipif(not traces(), reason=REASON)
def test_most_real_captures_are_read() -> None:
    captures = [read(file) for file in traces()]
    read_ones = [capture for capture in captures if isinstance(capture, Capture)]
    assert len(read_ones) > len(captures) / 2
    assert sum(len(capture.records.start) for capture in read_ones) > 1000


EVERY, PACKETS = 24, 24  # of the captures one in so many, and of each its first packets


@pytest.mark.slow
@pytest.mark.skipif(not traces(), reason=REASON)
@pytest.mark.parametrize("nf", shipped())
def test_no_real_capture_breaks_a_spec(nf: str, tmp_path: Path) -> None:
    """The beginning of some captures, other ones for each NF; `make traces` takes all of all."""
    chosen = traces()[4 * shipped().index(nf) :: EVERY]
    total = tally(nf, [beginning(file, PACKETS, tmp_path) for file in chosen])
    assert total.wrong == []
    assert total.packets == total.compared > 0
    assert len(total.applied) > len(total.never_applied)
