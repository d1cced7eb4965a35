"""`pyvigor run` from capture to capture: packed files, pipes without end, and full disks."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import verify.run
from libvig.io.reader import Room
from libvig.io.source import zstd_module
from tests.libvig.io.captures import Frame, interface, packet, pcap_file, section
from tests.verify.runs import (
    CONVERSATION,
    REPLY,
    REQUEST,
    ROOT,
    check_one_line,
    frame,
    frames_in,
    pyvigor,
    run,
    write_pcap,
    write_pcapng,
)
from verify.cli import EXIT_BROKEN_PIPE

SETTINGS = ["--set", "max-flows=8", "--set", "first-port=5000", "--set", "last-port=5007"]
UNPACK = {".gz": gzip.decompress, ".zst": zstd_module("these tests").decompress}
PACK = {".gz": gzip.compress, ".zst": zstd_module("these tests").compress}
MEGABYTE = 2**20


@pytest.fixture(params=[1, 2, 7])
def small_parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.run, "Room", lambda **_: Room(packets=request.param, size=64))


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("kind", ["one", "two", "split"])
def test_the_size_of_the_parts_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    packets = CONVERSATION * 5
    one = write_pcapng(tmp_path / "one.pcapng", packets)
    lan = write_pcap(tmp_path / "lan.pcap", [f for f in packets if f.interface == 0])
    wan = write_pcap(tmp_path / "wan.pcap", [f for f in packets if f.interface == 1])
    both = write_pcap(tmp_path / "both.pcap", packets)
    reading = {
        "one": ["-r", one],
        "two": ["-r", lan, "-r", wan],
        "split": ["-r", both, "--split", "192.168.0.0/16"],
    }[kind]
    results = []
    for name in ("small", "usual"):
        outs = [tmp_path / f"{name}.{device}.pcapng" for device in ("lan", "wan")]
        writing = [
            part for o, d in zip(outs, ("lan", "wan"), strict=True) for part in ("-w", f"{d}={o}")
        ]
        assert run("nat", *reading, *writing, *SETTINGS) == 0
        lines = capsys.readouterr().out.splitlines()
        results.append((lines[1:], [out.read_bytes() for out in outs]))
        monkeypatch.undo()
    assert results[0] == results[1]
    assert len(frames_in(outs[1])) > 3


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("kind", [".pcap", ".pcapng"])
def test_files_are_packed_as_their_names_say(
    capture: Path, tmp_path: Path, kind: str, suffix: str
) -> None:
    plain, packed = tmp_path / f"out{kind}", tmp_path / f"out{kind}{suffix}"
    source = capture.with_name("in.packed")
    source.write_bytes(PACK[suffix](capture.read_bytes()))
    assert run("nat", "-r", capture, "-w", plain, *SETTINGS) == 0
    assert run("nat", "-r", source, "-w", packed, *SETTINGS) == 0
    assert UNPACK[suffix](packed.read_bytes()) == plain.read_bytes()
    again = packed.read_bytes()
    assert run("nat", "-r", source, "-w", packed, *SETTINGS) == 0
    assert packed.read_bytes() == again  # no time or name is in it


def test_what_was_packed_is_processed_up_to_the_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = [Frame(i * 1000, bytes(REQUEST) + os.urandom(900), 942) for i in range(100)]
    whole = gzip.compress(pcap_file(random))
    cut, out = tmp_path / "cut.pcap.gz", tmp_path / "out.pcap"
    cut.write_bytes(whole[:40_000])
    assert run("nop", "-r", cut, "-w", out) == 2
    count = len(frames_in(out))
    assert 10 < count < 100
    assert capsys.readouterr().err == (
        f"pyvigor: {cut}: ends in the middle of what gzip packed; {count} packets came before\n"
    )


@pytest.mark.parametrize("name", ["/dev/full", "-"])
def test_a_full_disk_is_told(tmp_path: Path, name: str) -> None:
    capture = write_pcap(tmp_path / "in.pcap", [frame(1, REQUEST)] * 3)
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "verify.cli", "run", "nop", "-r", str(capture), "-w", name]
        done = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False
        )
    assert done.returncode == 2
    assert done.stderr == f"pyvigor: {name}: cannot be written: No space left on device\n".encode()


def test_a_full_disk_is_told_also_by_what_packs(
    capture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which writes its last bytes only when it is closed."""
    monkeypatch.chdir(capture.parent)
    Path("full.gz").symlink_to("/dev/full")
    assert run("nop", "-r", capture, "-w", "full.gz") == 2
    check_one_line(capsys, "full.gz: cannot be written: No space left on device")


# ---------------------------------------------------------------- pipes


def endless(head: bytes, again: bytes) -> list[str]:
    """A command that writes some bytes, and others for ever."""
    program = (
        "import sys\nout = sys.stdout.buffer\n"
        f"out.write(bytes.fromhex('{head.hex()}'))\n"
        f"again = bytes.fromhex('{again.hex()}') * 1000\n"
        "try:\n    while True: out.write(again)\nexcept BrokenPipeError: pass\n"
        "import os; os._exit(0)\n"
    )
    return [sys.executable, "-c", program]


@pytest.mark.parametrize("packed", [False, True])
def test_a_pipe_without_end_is_passed_on(packed: bool) -> None:
    """Whoever reads the result gets it while the pipe goes on, and then goes away."""
    whole = pcap_file([frame(1, REQUEST)])
    head, again = whole[:24], whole[24:] * 100
    if packed:
        head, again = gzip.compress(head), gzip.compress(again)
    source = subprocess.Popen(endless(head, again), stdout=subprocess.PIPE)
    command = [sys.executable, "-m", "verify.cli", "run", "nop", "-r", "-", "-w", "-"]
    try:
        ours = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=source.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert source.stdout is not None and ours.stdout is not None and ours.stderr is not None
        source.stdout.close()
        taken = ours.stdout.read(5 * MEGABYTE)
        assert len(taken) == 5 * MEGABYTE
        assert taken[24 : len(whole)] == taken[len(whole) : 2 * len(whole) - 24]
        ours.stdout.close()
        assert ours.stderr.read() == b""
        assert ours.wait(timeout=60) == EXIT_BROKEN_PIPE
    finally:
        source.kill()
        ours.kill()


PEAK = """
import sys
from verify.cli import main
assert main(["run", "nop", "-r", sys.argv[1], "-w", "/dev/null"]) == 0
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, suffix: str) -> None:
    """Ten times as much is read in the same memory, which is less than the larger file."""
    frames = [frame(i, REQUEST / bytes(900)) for i in range(1000)]
    whole = pcap_file(frames)
    peaks = []
    for times in (10, 100):
        file = tmp_path / f"{times}.pcap{suffix}"
        content = whole[:24] + whole[24:] * times
        file.write_bytes(gzip.compress(content, 1) if suffix else content)
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(file)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        peaks.append(1024 * int(done.stdout.split()[-1]))
    assert len(content) > 80 * MEGABYTE
    assert peaks[1] - peaks[0] < 8 * MEGABYTE


def test_a_block_without_bounds_is_not_waited_for(tmp_path: Path) -> None:
    """What claims to be longer than any block may be is not read into memory."""
    file = tmp_path / "long.pcapng"
    block = bytes.fromhex("0a000000 04000001") + bytes(2**24)  # 16 MiB and 4 bytes, it says
    file.write_bytes(section("<") + interface("<") + block)
    done = pyvigor("run", "nop", "-r", str(file), "-w", os.devnull)
    assert b"impossible lengths in a record, at byte " in done.stderr
    assert done.returncode == 2


def test_a_frame_that_zstd_skips_may_come_first(tmp_path: Path) -> None:
    file = tmp_path / "skipped.pcap.zst"
    skipped = bytes.fromhex("5a2a4d18 03000000") + b"abc"
    file.write_bytes(skipped + PACK[".zst"](pcap_file([frame(1, REQUEST)])))
    out = tmp_path / "out.pcap"
    assert run("nop", "-r", file, "-w", out) == 0
    assert len(frames_in(out)) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ("-r - -w {out} <&-", 2, b"pyvigor: -: cannot be read: standard input is closed\n"),
        ("-r {capture} -w - >&-", 2, b"pyvigor: -: cannot be written: standard output is closed\n"),
        ("-r {capture} -w {out} >&-", 0, b""),
        ("-r {capture} -w {out} 2>&-", 0, b""),
    ],
)
def test_closed_streams_are_no_matter_where_they_are_not_asked_for(
    capture: Path, tmp_path: Path, arguments: str, status: int, said: bytes
) -> None:
    out = tmp_path / "out.pcap"
    given = arguments.format(capture=capture, out=out)
    command = f"{sys.executable} -m verify.cli run nop {given}"
    done = subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (status, said)
    assert out.exists() == (status == 0)


def test_who_is_terminated_leaves_nothing_half_written(tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    command = [sys.executable, "-m", "verify.cli", "run", "nop", "-r", "-", "-w", str(out)]
    whole = pcap_file([frame(1, REQUEST)])
    ours = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        assert ours.stdin is not None
        ours.stdin.write(whole)
        ours.stdin.flush()
        for _ in range(600):
            if list(tmp_path.iterdir()):
                break
            time.sleep(0.1)
        assert list(tmp_path.iterdir())
        ours.terminate()
        assert ours.wait(timeout=60) == 128 + signal.SIGTERM
    finally:
        ours.kill()
    assert list(tmp_path.iterdir()) == []


def test_an_interface_that_comes_late_by_a_pipe_is_refused() -> None:
    start = section("<") + interface("<") * 2 + packet("<", 1, frame(1, REQUEST))
    late = interface("<") + packet("<", 2, frame(2, REPLY, interface=2))
    arguments = ["run", "nop", "-r", "-", "-w", "-"]
    refused = pyvigor(*arguments, input=start + late)
    assert refused.returncode == 2
    assert refused.stderr == (
        b"pyvigor: -: a packet of interface 2, which was described after the first packet, when "
        b"there were 2 devices; name them all: --set devices=a,b,c\n"
    )
    named = pyvigor(*arguments, "--set", "devices=lan,wan,dmz", input=start + late)
    assert named.returncode == 0
    unused = pyvigor(*arguments, input=start + interface("<"))
    assert unused.returncode == 0
