"""--output-format and --output-file, as users meet them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from tests.edits import ROOT
from tests.verify.documents import NASTY, every_verdict
from verify.errors import InputError, UsageError
from verify.formats import json_document
from verify.formats.output import Plan, planned, written

PROPERTY = "nop::frames_without_a_header_are_dropped"


def verify(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "verify.cli", "verify", "--jobs", "1", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, **options
    )


def assert_one_line(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    for part in ("pyvigor: ", *parts):
        assert part in line


# ---------------------------------------------------------------- what goes where


def test_text_is_printed_where_nothing_is_said() -> None:
    assert planned(None, []) == Plan("concise", {})
    assert planned("full", []) == Plan("full", {})


def test_a_document_is_printed_or_written(tmp_path: Path) -> None:
    file = f"{tmp_path}/anything"
    assert planned("sarif", []) == Plan(None, {"-": "sarif"})
    assert planned("sarif", ["-"]) == Plan(None, {"-": "sarif"})
    assert planned("sarif", [file]) == Plan("concise", {file: "sarif"})


def test_a_file_has_the_format_of_its_name(tmp_path: Path) -> None:
    names = [f"{tmp_path}/{name}" for name in ("a.sarif", "b.XML", "c.json")]
    forms = dict(zip(names, ("sarif", "junit", "json"), strict=True))
    assert planned("github", names) == Plan("github", forms)
    assert planned("sarif", [names[0]]) == Plan("concise", {names[0]: "sarif"})


def test_what_is_not_clear_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"x\.txt does not say its format"):
        planned(None, ["x.txt"])
    with pytest.raises(UsageError, match="of several files each has the format of its name"):
        planned("junit", [f"{tmp_path}/a.xml", f"{tmp_path}/b.json"])
    with pytest.raises(UsageError, match=r"json: z\.sarif would be sarif, by its name; leave"):
        planned("json", ["z.sarif"])


def test_a_trial_leaves_no_trace(tmp_path: Path) -> None:
    there = tmp_path / "there.json"
    there.write_text("as it was")
    planned(None, [str(there), f"{tmp_path}/new.json"])
    assert [file.name for file in tmp_path.iterdir()] == ["there.json"]
    assert there.read_text() == "as it was"


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    plan = Plan("concise", {f"{tmp_path}/a.json": "json", f"{tmp_path}/gone/b.xml": "junit"})
    with pytest.raises(InputError, match=r"b\.xml: cannot be written"):
        written(every_verdict(tmp_path), plan)
    assert not (tmp_path / "a.json").exists()


def test_json_keeps_names_and_texts_as_they_are(tmp_path: Path) -> None:
    said = json.loads(json_document.rendered(every_verdict(tmp_path)).encode("utf-8", "replace"))
    assert said["version"] == 1
    refuted = said["results"][1]
    assert (refuted["target"], refuted["name"], refuted["reason"]) == ("my_nf", NASTY, NASTY)
    assert refuted["steps"][1]["text"] == NASTY
    problem = said["problems"][0]
    assert (problem["name"], problem["subject"]) == ("gone", NASTY)
    assert "gate" not in said  # as nobody asked whether it is open
    assert said["targets"][0]["given"] == ["now >= 0"]


# ---------------------------------------------------------------- the command


def test_an_unwritable_file_is_told_before_the_proof() -> None:
    # Were the network function looked for, it would be told that there is none.
    done = verify("no_such_nf", "--output-file", "/nonexistent/x.sarif")
    assert_one_line(done, "/nonexistent/x.sarif: cannot be written: No such file or directory")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    done = verify(PROPERTY, "--output-format", "sarif", "--output-file", tmp_path)
    assert_one_line(done, f"{tmp_path}: cannot be written: Is a directory")


def test_one_run_writes_several_files_and_says_on_the_terminal_what_it_found(
    tmp_path: Path,
) -> None:
    files = [tmp_path / name for name in ("x.sarif", "x.json", "x.xml")]
    options = [part for file in files for part in ("--output-file", file)]
    done = verify(PROPERTY, *options)
    assert done.returncode == 0
    assert "proved   frames_without_a_header_are_dropped" in done.stdout
    rules = json.loads(files[0].read_text())["runs"][0]["tool"]["driver"]["rules"]
    assert PROPERTY in [rule["id"] for rule in rules]
    assert json.loads(files[1].read_text())["summary"]["proved"] == len(rules)
    assert JUnitXml.fromfile(str(files[2])).tests == len(rules)


def test_several_targets_make_one_document() -> None:
    targets = (PROPERTY, "nop::frames_leave_by_the_other_device", "libvig/packet/ethernet.py")
    done = verify(*targets, "--output-format", "json", cwd=ROOT)
    said = json.loads(done.stdout)
    assert [target["name"] for target in said["targets"]] == ["nop", "nop", "libvig"]
    names = {row["name"] for row in said["results"] if row["target"] == "nop"}
    assert {target.partition("::")[2] for target in targets[:2]} <= names
    assert said["summary"]["proved"] == len(said["results"])


def test_a_wrong_nf_is_annotated_and_the_exit_status_stays(tmp_path: Path) -> None:
    wrong = tmp_path / "my_nf.py"
    text = (ROOT / "nfs" / "nop.py").read_text()
    assert text.count("1 if packet.device == 0 else 0") == 1
    wrong.write_text(text.replace("1 if packet.device == 0 else 0", "packet.device"))
    name = "frames_leave_by_the_other_device"
    done = verify(f"nop={wrong}::{name}", "--output-format", "github", cwd=tmp_path)
    assert done.returncode == 1
    assert f"refuted  {name}" in done.stdout
    errors = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    (error,) = errors
    assert error.startswith("::error file=my_nf.py,line=") and f"{name} is refuted" in error


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.sarif"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        done = verify(PROPERTY, "--output-file", pipe)
        assert done.returncode == 0
        assert json.loads(reader.communicate(timeout=60)[0])["version"] == "2.1.0"


def test_a_file_of_the_shell_is_written_to() -> None:
    command = f'"$0" -m verify.cli verify {PROPERTY} --output-format junit --output-file >(cat >&2)'
    done = subprocess.run(
        ["bash", "-c", f"{command}; wait $!", sys.executable],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0
    names = [case.name for suite in JUnitXml.fromstring(done.stderr.encode()) for case in suite]
    assert PROPERTY.partition("::")[2] in names


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f'"$0" -m verify.cli verify {PROPERTY} --output-format sarif | head -c 1'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command, sys.executable],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("{", "")


def test_a_tree_is_not_in_a_document() -> None:
    done = verify("nop", "--explain", "process", "--output-format", "sarif")
    assert_one_line(done, "--explain: the tree is not in sarif; write it with --explain-file")


@pytest.mark.slow
def test_what_crosshair_does_not_refute_is_no_pass(tmp_path: Path) -> None:
    pytest.importorskip("crosshair")
    options = ("--engine", "crosshair", "--budget", "4", "--output-format", "junit")
    done = verify(PROPERTY, *options)
    assert done.returncode == 3
    whole = JUnitXml.fromstring(done.stdout.encode())
    assert all(case.result for suite in whole for case in suite)
