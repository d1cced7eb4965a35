"""Specs and native code beside captures that others made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from time import perf_counter

import numpy as np

from libvig.io.records import select
from libvig.io.writer import encode_pcapng
from tests.traces import read
from tests.traces.settings import options
from verify.cli import main


@dataclass
class Tally:
    """What came of `pyvigor run --check` with a network function on some captures."""

    nf: str
    captures: int = 0
    refused: int = 0
    """Files that are no captures of Ethernet."""
    runs: int = 0
    packets: int = 0
    compared: int = 0
    """Of these, how many native code treated as CPython did."""
    applied: Counter[str] = field(default_factory=Counter)
    """By spec, in how many cases its assumptions were true."""
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    in_specs: float = 0.0
    """Seconds of these in which specs were run, and the network function in CPython."""

    @property
    def never_applied(self) -> list[str]:
        return [name for name, number in self.applied.items() if not number]


def tally(
    nf: str, files: Iterable[Path], *, done: Callable[[Path], None] = lambda _: None
) -> Tally:
    """Run a network function on all captures among some files."""
    total, began = Tally(nf), perf_counter()
    for file in files:
        capture = read(file)
        if isinstance(capture, str):
            total.refused += 1
        else:
            total.captures += 1
            for arguments in options(nf, file, capture):
                check(total, file, arguments)
        done(file)
    total.seconds = perf_counter() - began
    return total


def check(total: Tally, file: Path, arguments: list[str]) -> None:
    """Run `pyvigor run --check` once, and note what it says."""
    status, output, errors = said(["run", total.nf, *arguments, "--check"])
    total.runs += 1
    if not output:
        total.wrong.append(f"{file}: status {status}: {errors} ({' '.join(arguments)})")
        return
    checked = json.loads(output)["check"]
    total.packets += checked["packets"]
    total.in_specs += checked["seconds"]
    for spec in checked["specs"]:
        total.applied[spec["name"]] += spec["applied"]
    if checked["is_native_compared"] and checked["difference"] is None:
        total.compared += checked["packets"]
    broken = [(spec["name"], spec["breach"]) for spec in checked["specs"] if spec["breach"]]
    if broken or status not in (0, 2):  # 2: the capture is damaged, and was read up to there
        found = f"broken: {broken}; native code differs: {checked['difference']}"
        total.wrong.append(f"{file}: status {status}: {found} ({' '.join(arguments)})")


def said(arguments: list[str]) -> tuple[int, str, str]:
    """Status, output and errors of a command."""
    output, errors = StringIO(), StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        status = main([*arguments, "--output-format", "json"])
    return status, output.getvalue(), errors.getvalue()


def beginning(file: Path, packets: int, folder: Path) -> Path:
    """A copy of the first packets of a capture in a folder; the file itself if it has no more."""
    capture = read(file)
    if isinstance(capture, str) or len(capture.records.start) <= packets:
        return file
    folder.mkdir(exist_ok=True)
    copy = folder / f"{file.stem}.pcapng"
    interfaces = [f"interface-{number}" for number in range(capture.interfaces)]
    records = select(capture.records, np.arange(packets))
    copy.write_bytes(b"".join(encode_pcapng(records, interfaces)))
    return copy
