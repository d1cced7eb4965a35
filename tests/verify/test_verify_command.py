"""`pyvigor verify` as its users meet it: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

import nfs.nop
from verify import registry, save
from verify.cli import main
from verify.parallel import Lost
from verify.prepare import prepare
from verify.prover import Prover
from verify.result import Result, SavedPacket, Verdict

NOP = Path(nfs.nop.__file__)
OTHER = "1 if packet.device == 0 else 0"

SPEC = """
from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from my_nf import Nop

@spec
def frames_go_on(nop: Nop, packet: Packet, now: Time) -> None:
    assume({assumption})
    assert nop.process(packet, now) >= 0
"""


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "verify.cli", "verify", "--jobs", "1", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def changed_nop(folder: Path, old: str, new: str, name: str = "my_nf") -> Path:
    """A no-op of one's own, or one to stand in for that of this name."""
    text = NOP.read_text(encoding="utf-8")
    assert old in text
    path = folder / "my_nf.py"
    path.write_text(text.replace(old, new).replace("new_nop", f"new_{name}"), encoding="utf-8")
    return path


def spec_file(folder: Path, assumption: str) -> Path:
    path = folder / "my_specs.py"
    path.write_text(SPEC.format(assumption=assumption), encoding="utf-8")
    return path


def assert_one_line(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Bad input: one line that says where and what to do, exit status 2, no traceback."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for part in ("pyvigor: ", *parts):
        assert part in done.stderr


@pytest.mark.parametrize("wrong", ["7", "-7"])
def test_a_verdict_that_nobody_knows_is_refuted(wrong: str, tmp_path: Path) -> None:
    returned = "        return device\n"
    nf = changed_nop(
        tmp_path, returned, f"        return {wrong} if packet.device == 2 else device\n"
    )
    done = verify(nf)
    assert done.returncode == 1
    assert "the verdict is a device, or a reason in Drop" in done.stdout
    assert f"replayed: process returned {wrong}" in done.stdout


def test_an_nf_without_reasons_to_drop_is_refused(tmp_path: Path) -> None:
    nf = changed_nop(tmp_path, "class Drop(IntEnum)", "class No(IntEnum)")
    nf.write_text(nf.read_text().replace("Drop.", "No."))
    assert_one_line(verify(nf), "my_nf.py: no enumeration Drop(IntEnum) of reasons")


def test_a_reason_to_drop_that_reads_like_a_device_is_refused(tmp_path: Path) -> None:
    nf = changed_nop(tmp_path, "TRUNCATED = -1", "TRUNCATED = 1")
    assert_one_line(verify(nf), "my_nf.py:15: Drop has a reason that is not negative")


def test_a_right_nf_is_proved() -> None:
    done = verify("nop")
    assert done.returncode == 0
    assert "proved   frames_leave_by_the_other_device" in done.stdout
    assert ", 0 refuted, 0 unknown, 0 assumed in" in done.stdout.splitlines()[-1]


def test_a_file_of_libvig_is_proved() -> None:
    done = verify("libvig/packet/ipv4.py", "libvig/vector.py::Vector.set")
    assert done.returncode == 0
    assert "proved   libvig.packet.ipv4.Ipv4.set_source" in done.stdout
    assert "proved   libvig.vector.Vector.set" in done.stdout
    assert ", 0 refuted, 0 unknown, 0 assumed in" in done.stdout.splitlines()[-1]


def test_what_is_not_in_libvig_is_told_in_one_line() -> None:
    assert_one_line(verify("libvig/nothing.py"), "libvig/nothing.py", "does not exist")
    assert_one_line(verify("libvig/vector.py::Vector.nothing"), "Vector.nothing")
    assert_one_line(verify("libvig/errors.py"), "no function has a contract")


def test_libvig_is_found_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "libvig/vector.py::new_vector"]) == 0
    assert "proved   libvig.vector.new_vector" in capsys.readouterr().out
    assert main(["verify", "libvig/vector.py::Vectr"]) == 2
    said = "libvig/vector.py: nothing to prove is called Vectr; did you mean Vector?\n"
    assert capsys.readouterr().err == f"pyvigor: {said}"
    (tmp_path / "libvig").mkdir()
    (tmp_path / "libvig" / "vector.py").write_text("mine = 1\n")
    assert main(["verify", "libvig/vector.py"]) == 2
    assert "0 classes have a method `process`" in capsys.readouterr().err


def test_full_output_says_what_is_given_and_trusted() -> None:
    done = verify("nop::only_the_ethernet_addresses_change", "--output-format", "full")
    assert done.returncode == 0
    assert "proved   libvig.packet.ethernet.Ethernet.set_addresses" in done.stdout
    assert "given    process is called with packet.device < len(self.config.mac)" in done.stdout
    assert "trusted  Z3" in done.stdout


def test_json_holds_every_result() -> None:
    report = json.loads(verify("nop", "--output-format", "json").stdout)
    verdicts = {row["name"]: row["verdict"] for row in report["results"]}
    assert verdicts["frames_without_a_header_are_dropped"] == "proved"
    assert report["summary"]["proved"] == len(report["results"])


def test_a_wrong_nf_is_refuted_with_files_to_look_at(tmp_path: Path) -> None:
    wrong = changed_nop(tmp_path, OTHER, "packet.device", "nop")
    capture, test = tmp_path / "found.pcapng", tmp_path / "test_found.py"
    done = verify(f"nop={wrong}", "--save-pcap", capture, "--save-test", test)
    assert done.returncode == 1
    assert "refuted  frames_leave_by_the_other_device" in done.stdout
    assert "replayed: AssertionError" in done.stdout
    assert capture.read_bytes()[:4] == bytes.fromhex("0a0d0d0a")
    assert "def test_frames_leave_by_the_other_device" in test.read_text(encoding="utf-8")


def test_a_saved_test_fails_until_the_nf_is_mended(tmp_path: Path) -> None:
    wrong = changed_nop(tmp_path, "if not ethernet.is_complete():", "if packet.length() < 13:")
    saved = tmp_path / "test_found.py"
    done = verify(wrong, "--save-test", saved)
    assert done.returncode == 1
    assert f"{wrong}:" in done.stdout
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(saved)]
    for text, status in ((None, 1), (NOP.read_text(encoding="utf-8"), 0)):
        if text is not None:
            wrong.write_text(text, encoding="utf-8")
        ran = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
            env={"PYTHONPATH": f"{tmp_path}:{NOP.parent.parent}", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert ran.returncode == status, ran.stdout


def test_a_saved_test_runs_the_file_that_stood_in(tmp_path: Path) -> None:
    wrong = changed_nop(tmp_path, OTHER, "packet.device", "nop")
    saved = tmp_path / "test_found.py"
    assert verify(f"nop={wrong}", "--save-test", saved).returncode == 1
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(saved)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "AssertionError" in ran.stdout


def test_a_full_disk_is_told_in_one_line() -> None:
    command = [sys.executable, "-m", "verify.cli", "verify", "--jobs", "1", "nop"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120
        )
    assert done.returncode == 2
    assert done.stderr == "pyvigor: the output cannot be written: No space left on device\n"


def test_an_out_of_range_read_is_refuted_on_its_line(tmp_path: Path) -> None:
    wrong = changed_nop(tmp_path, OTHER, "packet.u8(14)")
    done = verify(wrong)
    line = 1 + wrong.read_text(encoding="utf-8").splitlines().index(
        "        device = packet.u8(14)"
    )
    assert done.returncode == 1
    assert f"{wrong}:{line}" in done.stdout
    assert "IndexError" in done.stdout


def test_a_vacuous_spec_is_no_proof(tmp_path: Path) -> None:
    path = changed_nop(tmp_path, OTHER, OTHER)
    done = verify(path, "--spec", spec_file(tmp_path, "packet.length() > packet.wire_length"))
    assert done.returncode == 3
    assert "vacuous" in done.stdout


def test_a_weak_assumption_is_refuted_and_a_right_one_proved(tmp_path: Path) -> None:
    path = changed_nop(tmp_path, OTHER, OTHER)
    assert verify(path, "--spec", spec_file(tmp_path, "packet.length() >= 13")).returncode == 1
    assert verify(path, "--spec", spec_file(tmp_path, "packet.length() >= 14")).returncode == 0


def test_an_nf_without_invariant_is_refused(tmp_path: Path) -> None:
    path = changed_nop(tmp_path, "@invariant(lambda self: len(self.config.mac) >= 2)\n", "")
    assert_one_line(verify(path), str(path), "has no invariant", "write @invariant")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (OTHER, "(1 if packet.device == 0", "not Python"),
        (OTHER, "packet.device ^ 1", "^"),
        (
            "        return device",
            "        while device > 7:\n            device = 7\n        return device",
            "while",
        ),
        ("def process", "def handle", "process"),
    ],
)
def test_an_nf_outside_the_subset_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = changed_nop(tmp_path, old, new)
    done = verify(path)
    if done.returncode == 3:  # what only its values show is outside
        assert message in done.stdout
    else:
        assert_one_line(done, str(path), message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "no network function is called nope"),
        (["nop::nope"], "no spec is called nope"),
        (["nowhere.py"], "does not exist"),
        (["nop=nowhere.py"], "does not exist"),
        (["nop", "--spec", "nowhere.py"], "does not exist"),
        (["nop", "--spec", sys.executable], "is no Python source: 'utf-8' codec"),
        (["nop", "--no-such-option"], "unrecognized"),
        (["nop::"], "nop::: names no property; write nop, or nop::PROPERTY"),
        ([""], "names no network function"),
        (["::x"], "names no network function"),
        (["./nowhere.py=nop.py"], "does not exist"),
        (["nop::x", "--explain-file", "tree.png"], "tree.png"),
    ],
)
def test_bad_arguments(arguments: list[str], message: str) -> None:
    assert_one_line(verify(*arguments), message)


def test_a_spec_that_is_not_python_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def broken(:\n", encoding="utf-8")
    assert_one_line(verify("nop", "--spec", path), f"{path}:1", "not Python")


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    wrong = changed_nop(tmp_path, OTHER, "packet.device", "nop")
    done = verify(f"nop={wrong}", "--save-test", tmp_path / "missing" / "test_found.py")
    assert_one_line(done, "missing", "cannot be written")


@pytest.mark.parametrize("option", ["--save-pcap", "--save-test", "--explain-file"])
def test_what_cannot_be_written_is_told_before_anything_is_proved(
    option: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "folder.svg").mkdir()
    file = str(tmp_path / "folder.svg")
    assert main(["verify", "nop::frames_leave_by_the_other_device", option, file]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"pyvigor: {file}: cannot be written: Is a directory" in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.svg"]


def test_saving_tells_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture, test = str(tmp_path / "found.pcapng"), str(tmp_path / "test_found.py")
    packet = SavedPacket(0, 0, bytes(14), 14)
    refuted = Result("p", Verdict.REFUTED, packets=[packet], test="def test_p():\n    pass\n")
    save.save([refuted], capture, test)
    assert capsys.readouterr().err.splitlines() == [
        f"pyvigor: {capture}: 1 packet written",
        f"pyvigor: {test}: 1 test written",
    ]
    save.save([], capture, test)
    assert capsys.readouterr().err.splitlines() == [
        f"pyvigor: {capture}: not written: no packet to save",
        f"pyvigor: {test}: not written: no test to save",
    ]


def test_a_constructor_of_another_name_is_refused(tmp_path: Path) -> None:
    path = changed_nop(tmp_path, OTHER, OTHER, "nop")
    assert_one_line(
        verify(path),
        f"{path}:54: new_nop makes the Nop; the file's name says my_nf, so write "
        "`def new_my_nf(config: NopConfig) -> Nop`",
    )


def test_a_file_stands_in_for_a_file(tmp_path: Path) -> None:
    right, wrong = tmp_path / "my_nf.py", tmp_path / "wrong"
    wrong.mkdir()
    changed_nop(tmp_path, OTHER, OTHER)
    bad = changed_nop(wrong, OTHER, "packet.device")
    (tmp_path / "specs").mkdir()
    spec = spec_file(tmp_path, "packet.device == 0 and packet.length() >= 14")
    text = spec.read_text("utf-8").replace(">= 0", "== 1")
    (tmp_path / "specs" / "my_nf.py").write_text(text, "utf-8")
    prover = prepare(f"{right}={bad}")
    assert prover.verification.nf.module.path == bad
    assert [spec.name for spec in prover.specs] == ["frames_go_on"]
    assert registry.find(f"{right}={bad}").path == bad


def test_the_tree_of_a_named_property_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def library_is_proved(prover: Prover, names: list[str]) -> None:
        prover.relied.update({name: Result(name, Verdict.PROVED) for name in names})

    monkeypatch.setattr(Prover, "settle", library_is_proved)
    tree = tmp_path / "tree.svg"
    name = "nop::frames_leave_by_the_other_device"
    assert main(["verify", name, "--jobs", "1", "--explain-file", str(tree)]) == 0
    assert "<svg" in tree.read_text("utf-8")


@pytest.mark.parametrize(
    "error", [Lost("it ended by itself"), MemoryError(), RecursionError("deep")]
)
def test_a_verifier_that_gets_to_no_end_refutes_nothing(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(Prover, "process", fails)
    assert main(["verify", "nop", "--jobs", "1"]) == 3
    assert "did not get to an end" in capsys.readouterr().err
