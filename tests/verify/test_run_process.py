"""`pyvigor run` as a process: its pipes, interrupts and the terminal."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import verify.process
import verify.run
from tests.libvig.io.captures import pcap_file
from tests.verify.runs import REQUEST, ROOT, SECOND, frame, frames_in, pyvigor, write_pcap
from verify.cli import EXIT_BROKEN_PIPE, main
from verify.progress import Advance


def test_pipes_carry_captures(tmp_path: Path) -> None:
    whole = pcap_file([frame(1, REQUEST)])
    ended = pyvigor("run", "nop", "-r", "-", "-w", "-", input=whole)
    assert ended.returncode == 0
    assert ended.stderr.startswith(b"nop: 1 packet, ")
    out = tmp_path / "out.pcap"
    out.write_bytes(ended.stdout)
    assert [(f.time, f.wire_length) for f in frames_in(out)] == [(SECOND, len(bytes(REQUEST)))]


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    capture = write_pcap(tmp_path / "in.pcap", [frame(1, REQUEST / bytes(1000))] * 1000)
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "verify.cli", "run", "nop", "-r", str(capture), "-w", "-"]
    ended = subprocess.run(
        command, cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, timeout=120, check=False
    )
    os.close(write_end)
    assert ended.returncode == EXIT_BROKEN_PIPE
    assert ended.stderr == b""


def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path) -> None:
    capture = write_pcap(tmp_path / "in.pcap", [frame(1, REQUEST)] * 60_000)
    out = tmp_path / "out" / "out.pcap"
    out.parent.mkdir()
    # Children of a shell's job in the background ignore it otherwise.
    heeding = ["env", "--default-signal=INT", sys.executable]
    command = [*heeding, "-m", "verify.cli", "run", "nat", "--interpreted"]
    process = subprocess.Popen(
        [*command, "-r", str(capture), "-w", str(out)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 60
        while not os.listdir(out.parent) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert os.listdir(out.parent) != []
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors == b"pyvigor: interrupted\n"
    assert os.listdir(out.parent) == []


@pytest.mark.parametrize("mode", [[], ["--interpreted"], ["--check"]])
def test_to_show_progress_takes_no_time(
    mode: list[str], capture: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Of the rate that is told: on a terminal, it is the same as elsewhere."""

    @contextmanager
    def slow(title: str, total: int | None) -> Iterator[Advance]:
        time.sleep(1)
        yield lambda number: time.sleep(1)

    monkeypatch.setattr(verify.run, "progress", slow)
    monkeypatch.setattr(verify.process, "progress", slow)
    command = ["run", "nop", "-r", str(capture), *mode, "--output-format", "json"]
    assert main(command) == 0
    summary = json.loads(capsys.readouterr().out)
    assert 0 < summary["seconds"] < 0.9
    if mode == ["--check"]:
        assert 0 < summary["check"]["seconds"] < 0.9
