"""CrossHair as an engine: what counts as refuted, and that silence is called nothing better."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from tests.crosshair.network_functions import hunted
from tests.edits import edited_text
from tests.verify.nfs import HERE, write_nf, wrong_nf
from verify.cli import main
from verify.crosshair import hosts, traffic
from verify.crosshair.engine import new_result, settled, small_config_of
from verify.crosshair.findings import Arrival, Finding, Searched
from verify.crosshair.frame import frame_of
from verify.crosshair.hosts import Task, searched
from verify.crosshair.replay import Judge
from verify.frames import error_about, reply_to
from verify.prepare import prepare
from verify.report import Report
from verify.result import Result, Verdict

HUNT = ["verify", "nop", "--engine", "crosshair"]

# ---------------------------------------------------------------- what is real, and what is not


def arrival(coming: traffic.Coming, now: int) -> Arrival:
    return Arrival(coming.frame, len(coming.frame), coming.device, now)


REQUEST, REPLY = traffic.TCP, traffic.Coming(reply_to(traffic.TCP.frame), 1)
LATER = Finding((arrival(REQUEST, 10),), (arrival(REPLY, 20),))
"""A reply to what a firewall had: it keeps the flow alive."""


def judged(target: str, finding: Finding) -> tuple[bool, Result]:
    """Whether a finding refutes `the_table_is_refreshed`, and the result."""
    prover = prepare(target, "the_table_is_refreshed")
    nf, spec = prover.verification.nf, prover.specs[0]
    result = new_result(nf, spec)
    judge = Judge(prover.replay, nf, small_config_of(prover, nf))
    return judge.refutes(result, spec, finding), result


def test_a_finding_that_shows_on_the_real_code_refutes(tmp_path: Path) -> None:
    wrong = wrong_nf(HERE / "wrong_firewalls" / "no_refresh_inbound.toml")
    does_count, result = judged(f"firewall={write_nf(tmp_path, wrong)}", LATER)
    assert does_count
    assert result.verdict is Verdict.REFUTED
    assert wrong.line == result.reason
    assert "firewall.flows: capacity 2; what is in it, as far as it matters:" in result.details
    assert result.details[-1] == "replayed: AssertionError"
    assert [packet.time for packet in result.packets] == [10, 20]
    assert "def test_the_table_is_refreshed" in result.test


def test_a_finding_that_does_not_show_refutes_nothing() -> None:
    does_count, result = judged("firewall", LATER)
    assert not does_count
    assert result.verdict is Verdict.UNKNOWN
    assert not result.details and not result.test


def test_a_finding_of_which_the_spec_does_not_speak_refutes_nothing(tmp_path: Path) -> None:
    wrong = wrong_nf(HERE / "wrong_firewalls" / "no_refresh_inbound.toml")
    target = f"firewall={write_nf(tmp_path, wrong)}"
    assert not judged(target, LATER._replace(before=()))[0]


@pytest.mark.parametrize(
    ("found", "dismissed", "verdict"),
    [
        (Searched(7, 3), 0, Verdict.BOUNDED),
        (Searched(7, 3), 2, Verdict.BOUNDED),
        (Searched(7, 0), 0, Verdict.UNKNOWN),
        (Searched(0, 0), 0, Verdict.UNKNOWN),
        (Searched(7, 3, "it broke off"), 0, Verdict.UNKNOWN),
    ],
)
def test_silence_is_bounded_at_best(found: Searched, dismissed: int, verdict: Verdict) -> None:
    result = settled(Result("some_spec", Verdict.UNKNOWN, engine="crosshair"), found, dismissed)
    assert result.verdict is verdict
    assert result.dismissed == dismissed
    assert bool(result.reason) == (verdict is Verdict.UNKNOWN)


def test_what_is_refuted_stays_refuted() -> None:
    result = Result("some_spec", Verdict.REFUTED, reason="assert False", engine="crosshair")
    assert settled(result, Searched(1, 0, "it broke off"), 0).verdict is Verdict.REFUTED


def test_the_report_never_speaks_of_a_proof(capsys: pytest.CaptureFixture[str]) -> None:
    silent = Result("some_spec", Verdict.BOUNDED, paths=7, engine="crosshair", dismissed=2)
    report = Report("concise")
    report.add(silent)
    report.end([silent], 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "bounded  some_spec  7 paths  0.0 s"
    assert "2 findings dismissed" in lines[1]
    assert lines[-1] == "0 proved, 0 refuted, 0 unknown, 0 assumed, 1 bounded in 1.0 s"


def test_the_report_of_a_proof_does_not_speak_of_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    Report("concise").end([Result("some_spec", Verdict.PROVED)], 1.0)
    assert "bounded" not in capsys.readouterr().out


# ---------------------------------------------------------------- processes


def busy(task: Task, connection: Connection) -> None:
    """Never ends, and tells nothing."""
    signal.pause()


def dying(task: Task, connection: Connection) -> None:
    """Ends by itself."""
    os._exit(7)


def asking(task: Task, connection: Connection) -> None:
    """Has two findings for each property, and says how many of them counted."""
    for _ in task.specs:
        counted = 0
        for finding in (LATER, LATER._replace(before=())):
            connection.send(finding)
            counted += bool(connection.recv())
        connection.send(Searched(counted, counted))


def outcomes(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[Task, Connection], None]
) -> list[Searched]:
    """What is said of one property each in two processes that do this work."""
    monkeypatch.setattr(hosts, "work", work)
    monkeypatch.setattr(hosts, "GRACE", 0.1 if work is busy else 60.0)
    nf = prepare("nop").verification.nf
    tasks = [Task(nf, {}, [None], time.monotonic())] * 2
    found = [one for _, one in searched(tasks, lambda spec, finding: bool(finding.before))]
    assert multiprocessing.active_children() == []
    return found


def test_a_search_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    found = outcomes(monkeypatch, busy)
    assert found == [Searched(0, 0, "the search does not end")] * 2


def test_a_search_that_ends_by_itself_found_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = outcomes(monkeypatch, dying)
    assert found == [Searched(0, 0, "the process of the search ended by itself")] * 2


def test_a_search_is_told_of_each_finding_whether_it_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert outcomes(monkeypatch, asking) == [Searched(1, 1)] * 2


# ---------------------------------------------------------------- frames


def test_words_of_a_frame_are_read_as_they_were_written() -> None:
    frame = frame_of(bytes(range(8)))
    assert [frame.load(1, 2), frame.load(4, 4), frame[7]] == [0x0102, 0x04050607, 7]
    frame.store(2, 0xAABBCCDD, 4)
    assert frame.load(2, 4) == 0xAABBCCDD
    frame.store(3, 0x11, 1)  # amid a word
    assert [frame.load(2, 4), frame.load(4, 2)] == [0xAA11CCDD, 0xCCDD]
    assert [frame.copy().without_last(5).load(1, 2), len(frame)] == [0x01AA, 8]


@pytest.mark.parametrize(("at", "size"), [(-1, 1), (8, 1), (7, 2), (5, 4)])
def test_a_frame_refuses_what_is_outside(at: int, size: int) -> None:
    frame = frame_of(bytes(8))
    with pytest.raises(IndexError):
        frame.load(at, size)
    with pytest.raises(IndexError):
        frame.store(at, 0, size)


@pytest.mark.parametrize("value", [-1, 2**16])
def test_a_frame_refuses_what_does_not_fit(value: int) -> None:
    with pytest.raises(OverflowError):
        frame_of(bytes(8)).store(0, value, 2)


@pytest.mark.parametrize("coming", traffic.UNRELATED)
def test_fields_lie_inside_of_their_frames(coming: traffic.Coming) -> None:
    for frame in (coming.frame, error_about(coming.frame)):
        groups = traffic.groups_of(frame)
        assert groups
        assert all(0 <= at <= len(frame) - size for group in groups for at, size in group)


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nop", "--engine", "magic"], "invalid choice"),
        ([*HUNT[1:], "--budget", "0"], "no number of seconds"),
        ([*HUNT[1:], "--budget", "nan"], "no number of seconds"),
        ([*HUNT[1:], "--budget", "soon"], "no number of seconds"),
        (["nop", "--budget", "5"], "--engine crosshair"),
        (["libvig", "--engine", "crosshair"], "name the network functions"),
        (["--engine", "crosshair"], "name the network functions"),
        ([*HUNT[1:], "--second-solver"], "is about a proof"),
        ([*HUNT[1:], "--explain", "process"], "is about a proof"),
    ],
)
def test_bad_arguments(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["verify", *arguments])
    except SystemExit as ended:
        status = int(str(ended.code))
    assert status == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_without_crosshair_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> Any:
        return None if name == "crosshair" else there(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    assert main(HUNT) == 2
    error = capsys.readouterr().err
    assert "pip install 'pyvigor[crosshair]'" in error and error.count("\n") == 1


HEEDING = ["env", "--default-signal=INT"]
"""Children of a shell's job in the background do not heed an interrupt otherwise."""


@pytest.fixture
def command() -> Iterator[subprocess.Popen[str]]:
    """A hunt with much time, in a process group of its own as from a shell."""
    process = subprocess.Popen(
        [*HEEDING, sys.executable, "-m", "verify.cli", *HUNT, "--budget", "300"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("is_for_all", [True, False])
def test_an_interrupt_ends_everything(command: subprocess.Popen[str], is_for_all: bool) -> None:
    assert command.stdout is not None
    command.stdout.readline()
    time.sleep(1)
    (os.killpg if is_for_all else os.kill)(command.pid, signal.SIGINT)
    _, error = command.communicate(timeout=30)
    assert command.returncode == 130
    assert error == "pyvigor: interrupted\n"
    with pytest.raises(ProcessLookupError):
        os.killpg(command.pid, 0)


@pytest.mark.slow
def test_a_seeded_bug_is_found() -> None:
    found = hunted(HERE / "wrong_firewalls" / "expires_too_late.toml", 30, is_wrong=True)
    assert found.refuted
    assert not found.is_mistake


@pytest.mark.slow
def test_an_nf_that_breaks_on_every_packet_is_refuted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = "        ethernet = Ethernet(packet)\n"
    wrong = tmp_path / "nop.py"
    wrong.write_text(edited_text("nfs.nop", (old, f"        packet.u8(1500)\n{old}")))
    assert main(["verify", f"nop={wrong}", *HUNT[2:], "--budget", "4"]) == 1
    out = capsys.readouterr().out
    assert "refuted  nop: safe, and keeps its invariant" in out
    assert "packet.u8(1500)" in out and "replayed: IndexError" in out


@pytest.mark.slow
def test_what_is_right_is_not_refuted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*HUNT, "--budget", "4"]) == 3
    out = capsys.readouterr().out
    assert "bounded  nop: safe, and keeps its invariant" in out
    assert "\n0 proved, 0 refuted, " in out
    assert not any(name.partition(".")[0] == "crosshair" for name in sys.modules)
