"""Real captures, some made to break parsers: nothing crashes, native and interpreted agree."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from libvig.errors import InputError
from libvig.io.capture import Capture, read_capture
from libvig.io.trace import Split, devices_by_source
from tests.traces import FOLDER, REASON, traces
from verify.cli import main
from verify.registry import shipped

FEW_FLOWS = ["--set", "max-flows=64", "--set", "first-port=60000", "--set", "last-port=60099"]
FROM_OUTSIDE = ["--set", "external-device=lan", "--set", "internal-device=wan"]
POLICED = ["--set", "rate=1kB/s", "--set", "burst=1500B", "--set", "max-destinations=64"]


def read(file: Path) -> Capture | str:
    """The capture, or why it is refused."""
    try:
        return read_capture(str(file))
    except InputError as refusal:
        return str(refusal)


def split_at_a_client(capture: Capture) -> list[str]:
    """Options that make the first IPv4 source the only address inside, and that of the NAT.

    So replies come in from outside, to the external address.
    """
    records = capture.records
    everything_outside = devices_by_source(records, Split(prefix=-1, mask=0, outside=1))
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


SMALL_TABLES = {
    "bridge": ["--set", "max-stations=8"],
    "firewall": ["--set", "max-flows=8"],
    "maglev": ["--set", "max-flows=8", "--set", "max-backends=4", "--set", "slots=11"],
    "nat": FEW_FLOWS,
    "policer": ["--set", "max-destinations=8", "--set", "burst=3kB"],
}
NOT_TOO_LONG, A_FEW = range(20, 61), 3  # packets and captures: specs take long


def some_captures() -> list[tuple[Path, Capture]]:
    """A few real captures of a sensible length."""
    read_ones = ((file, read(file)) for file in traces())
    chosen = (
        (file, capture)
        for file, capture in read_ones
        if isinstance(capture, Capture) and len(capture.records.start) in NOT_TOO_LONG
    )
    return list(islice(chosen, A_FEW))


@pytest.mark.slow
@pytest.mark.skipif(not traces(), reason=REASON)
@pytest.mark.parametrize("nf", shipped())
def test_no_real_capture_breaks_a_spec(nf: str, capsys: pytest.CaptureFixture[str]) -> None:
    for file, capture in some_captures():
        split = split_at_a_client(capture)[: None if nf == "nat" else 2]
        options = [*SMALL_TABLES.get(nf, []), *split, "--output-format", "json"]
        assert main(["run", nf, "-r", str(file), "--check", *options]) in (0, 2)
        checked = json.loads(capsys.readouterr().out)["check"]
        assert checked["packets"] == len(capture.records.start)
        assert checked["is_native_compared"] and checked["difference"] is None
        results = [spec["result"] for spec in checked["specs"]]
        assert "held" in results and set(results) <= {"held", "never applied"}
