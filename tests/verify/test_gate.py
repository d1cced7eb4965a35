"""`pyvigor gate` as a team meets it: what opens it, what shuts it, what it does not do again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.verify.projects import SPECS, TABLE, edit, pyvigor, write_project
from verify.cache import FOLDER, Cache
from verify.known import Known
from verify.lock import FILE, Lock, differences
from verify.proved_before import ProvedBefore
from verify.result import Result, Verdict
from verify.sources import read

BUG = "packet.device == 0 else 0", "packet.device == 0 else 1"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was proved and recorded."""
    folder = tmp_path_factory.mktemp("recorded") / "project"
    folder.mkdir()
    write_project(folder)
    done = pyvigor(folder, "gate", "--update")
    assert (done.returncode, done.stderr) == (0, f"{FILE} is written; commit it\n")
    return folder


@pytest.fixture
def project(recorded: Path, tmp_path: Path) -> Path:
    """The same, to be changed, with its cache and the key of that."""
    shutil.copytree(recorded.parent / "config", tmp_path / "config")
    return Path(shutil.copytree(recorded, tmp_path / "project"))


def gate(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return pyvigor(project, "gate", *arguments)


def counts(done: subprocess.CompletedProcess[str]) -> tuple[int, int]:
    """How many verdicts were of before, and how many are new."""
    found = re.search(r"the gate is \w+: (\d+) verdicts? of before, (\d+) new", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return int(found[1]), int(found[2])


def assert_shut(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the gate is shut" in done.stdout
    for word in words:
        assert word in done.stdout


# ---------------------------------------------------------------- what is not done again


def test_nothing_is_proved_again(project: Path) -> None:
    done = gate(project, "--output-file", "found.json")
    assert done.returncode == 0
    before, new = counts(done)
    assert (before > 4, new) == (True, 0)
    assert json.loads((project / "found.json").read_text())["gate"] == "open"


def test_only_the_spec_that_was_edited_is_proved_again(project: Path) -> None:
    edit(project / "specs" / "my_nf.py", "now) >= 0", "now) >= -0")
    done = gate(project, "--update")
    assert done.returncode == 0
    assert counts(done)[1] == 1


def test_a_cache_is_not_needed(project: Path) -> None:
    done = gate(project, "--no-cache")
    assert done.returncode == 0
    assert counts(done)[0] == 0


def test_a_spoilt_cache_is_not_trusted(project: Path) -> None:
    """There is a bug, and then entries that say that there is none."""
    good = {path: path.read_bytes() for path in (project / FOLDER).glob("??/*.json")}
    edit(project / "my_nf.py", *BUG)
    for number, (path, content) in enumerate(good.items()):
        forged = content.replace(b'"seal": "', b'"seal": "0')
        path.write_bytes([content[:-9], forged, b"\xff" * 64][number % 3])
    done = gate(project)
    assert_shut(done, "refuted  frames_leave_by_another_device", "damaged or not sealed here")
    edit(project / "my_nf.py", BUG[1], BUG[0])
    done = gate(project)
    assert done.returncode == 0
    assert counts(done)[1] > 0
    done = gate(project)
    assert "damaged" not in done.stdout
    assert counts(done)[1] == 0  # they were made anew


def test_pytest_takes_what_was_proved_before(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(project.parent / "config"))
    specs = project / "specs" / "my_nf.py"

    def found(name: str) -> bool:
        result = ProvedBefore(str(project / "my_nf.py"), specs).result(name)
        return result is not None and result.verdict is Verdict.PROVED

    assert found("frames_go_on") and found("my_nf: safe, and keeps its invariant")
    edit(specs, "now) >= 0", "now) >= -1")
    assert not found("frames_go_on") and found("frames_leave_by_another_device")
    before = ProvedBefore(str(project / "my_nf.py"), specs)
    before.keep(Result("frames_go_on", Verdict.PROVED), [])
    assert found("frames_go_on")
    edit(project / "my_nf.py", *BUG)
    assert not found("frames_leave_by_another_device")


def test_a_file_that_is_written_to_meanwhile_is_not_kept(project: Path) -> None:
    """As of what was read before, or after, nobody can tell."""
    nf, cache = project / "my_nf.py", Cache(project / "kept", b"k" * 32)
    sources, known = read(str(nf)), Known(cache)
    parts = known.parts(sources)
    results = [Result(part.name, Verdict.PROVED) for part in parts]
    text = nf.read_text()
    nf.write_text(f"{text}# more\n")
    nf.write_text(text)
    known.keep(sources, results)
    assert known.recall(parts) == {}
    known = Known(cache)
    parts = known.parts(sources)
    known.keep(sources, results)
    assert known.recall(parts).keys() == {part.name for part in parts}


# ---------------------------------------------------------------- what shuts it


def test_a_bug_shuts_it(project: Path) -> None:
    edit(project / "my_nf.py", *BUG)
    done = gate(project, "--output-file", "found.json")
    assert_shut(done, "refuted  frames_leave_by_another_device", "replayed: AssertionError")
    found = json.loads((project / "found.json").read_text())
    assert (found["gate"], found["summary"]["refuted"]) == ("shut", 1)


def test_what_is_not_recorded_shuts_it(project: Path) -> None:
    (project / FILE).unlink()
    assert_shut(gate(project), f"there is no {FILE}; write it with pyvigor gate --update")


def test_a_spec_that_is_deleted_shuts_it(project: Path) -> None:
    specs = project / "specs" / "my_nf.py"
    specs.write_text(SPECS[: SPECS.rindex("@spec")])
    place = "at pyvigor.lock"
    assert_shut(gate(project), "my_nf.py::frames_leave_by_another_device is recorded", place)
    assert gate(project, "--update").returncode == 0
    assert gate(project).returncode == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "specs/my_nf.py",
            "now) >= 0",
            "now) >= -1",
            ["changed: what my_nf.py::frames_go_on says"],
        ),
        (
            "specs/my_nf.py",
            "is_complete()",
            "is_complete() and packet.device == 0",
            ["changed: what my_nf.py::frames_go_on says"],
        ),
        (
            "specs/my_nf.py",
            "def frames_go_on",
            "def all_go_on",
            ["gone: my_nf.py::frames_go_on", "not-recorded: my_nf.py::all_go_on"],
        ),
        (
            "my_nf.py",
            "2 <= len(self.mac)",
            "3 <= len(self.mac)",
            ["changed: which settings my_nf.py allows"] * 2,
        ),
        (
            "my_nf.py",
            "0 <= now <= MAX_TIME",
            "0 <= now",
            ["changed: what my_nf.py requires of its caller"] * 2,
        ),
        ("my_nf.py", *BUG, []),
        ("specs/my_nf.py", "Whatever is in them.", "All of them.", []),
    ],
    ids=["claim", "word", "renamed", "settings", "caller", "code", "docstring"],
)
def test_what_is_not_as_recorded_is_told(  # noqa: PLR0917 - the last four are an edit, and its news
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    old: str,
    new: str,
    said: list[str],
) -> None:
    """A rule that is another counts twice: one is gone, and one is new."""
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    recorded = Lock.of([read("my_nf.py")], libvig=False)
    edit(tmp_path / file, old, new)
    sources = [read("my_nf.py")]
    found = list(differences(recorded, Lock.of(sources, libvig=False), sources))
    assert len(found) == len(said)
    for problem, words in zip(found, said, strict=True):
        assert f"{problem.name}: {problem.reason}".startswith(words)
        assert problem.place.partition(":")[0] in (file, FILE)


def test_what_is_not_as_recorded_shuts_it(project: Path) -> None:
    edit(project / "specs" / "my_nf.py", "now) >= 0", "now) >= -1")
    said = "refused  what my_nf.py::frames_go_on says is not what pyvigor.lock records"
    assert_shut(gate(project), said, "at specs/my_nf.py:15")


def test_an_assumption_shuts_it(project: Path) -> None:
    condition = "    @require(lambda packet: packet.wire_length > 99)\n    @require(lambda now"
    edit(project / "my_nf.py", "    @require(lambda now", condition)
    assert_shut(gate(project), "requires `packet.wire_length > 99`, which nothing makes true")


def test_an_assumption_may_be_allowed(project: Path) -> None:
    condition = "packet.wire_length > 99"
    edit(
        project / "my_nf.py",
        "    @require(lambda now",
        f"    @require(lambda packet: {condition})\n    @require(lambda now",
    )
    table = f'{TABLE}allowed-assumptions = {{ "{condition}" = "the driver pads" }}\n'
    (project / "pyproject.toml").write_text(table)
    assert gate(project, "--update").returncode == 0
    assert f'"{condition}"' in (project / FILE).read_text()


def test_an_assumption_that_nobody_makes_shuts_it(project: Path) -> None:
    table = f'{TABLE}allowed-assumptions = {{ "packet.wire_length>99" = "the driver pads" }}\n'
    (project / "pyproject.toml").write_text(table)
    assert_shut(gate(project), "names `packet.wire_length>99`, which no process requires in these")


@pytest.mark.parametrize("name", ["my_nf.py", FILE, "pyproject.toml"])
def test_a_source_is_not_written_over(project: Path, name: str) -> None:
    before = (project / name).read_bytes()
    for arguments in (
        ["gate", "--output-format", "json", "--output-file", name],
        ["verify", "my_nf.py", "--save-pcap", name],
        ["verify", "my_nf.py", "--save-test", name],
        ["report", "my_nf.py", "-o", name],
    ):
        done = pyvigor(project, *arguments)
        assert done.returncode == 2
        assert f"{name}: is a source that would be lost; name another file" in done.stderr
    assert (project / name).read_bytes() == before


def test_a_network_function_without_specs_shuts_it(project: Path) -> None:
    (project / "specs" / "my_nf.py").unlink()
    assert_shut(gate(project), "my_nf.py has no specs; write some into specs/my_nf.py")


def test_a_network_function_that_is_not_verified_any_more_shuts_it(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.pyvigor]\nnfs = ["nop"]\n')
    assert_shut(gate(project), "my_nf.py is recorded in pyvigor.lock, and is not verified")


def test_a_vacuous_spec_shuts_it(project: Path) -> None:
    edit(project / "specs" / "my_nf.py", "assume(is_whole(packet))", "assume(packet.device < 0)")
    done = gate(project, "--update")
    assert done.returncode == 3
    assert "vacuous" in done.stdout and "the gate is shut" in done.stdout


def test_nothing_is_recorded_of_what_is_not_proved(project: Path) -> None:
    before = (project / FILE).read_text()
    edit(project / "my_nf.py", *BUG)
    done = gate(project, "--update")
    assert (done.returncode, done.stderr) == (1, f"{FILE} is not written, as the gate is shut\n")
    assert (project / FILE).read_text() == before


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", ["has a table [tool.pyvigor]", 'write nfs = ["my_nf.py"]']),
        ('[tool.pyvigor]\nnf = ["my_nf.py"]', ["has no key nf; did you mean nfs"]),
        ('[tool.pyvigor]\nnfs = "my_nf.py"', ["nfs is 'my_nf.py'; write [\"my_nf.py\"]"]),
        ('[tool.pyvigor]\nnfs = [7]', ["nfs is [7]"]),
        ('[tool.pyvigor]\nnfs = ["nope.py"]', ["no file or network function is nope.py"]),
        ('[tool.pyvigor]\nnfs = ["/my_nf.py"]', ["is absolute"]),
        ('[tool.pyvigor]\nnfs = ["."]', ["no file or network function is ."]),
        ('[tool.pyvigor]\nnfs = [""]', ["no file or network function is "]),
        (f'{TABLE}allowed-assumptions = {{ "now > 5" = " " }}', ["no reason is given"]),
        (f"{TABLE}libvig = 1", ["libvig is 1; write true or false"]),
        (f"{TABLE}solver-budget = 1", ["solver-budget is 1; write a number from 1000"]),
        (f'{TABLE}specs = {{ "x.py" = "y.py" }}', ["x.py is not among nfs"]),
        ("[tool", ["cannot be read"]),
        ("tool.pyvigor = 3", ["tool.pyvigor is no table"]),
    ],
)  # fmt: skip
def test_a_wrong_table_is_told_in_one_line(tmp_path: Path, table: str, words: list[str]) -> None:
    project = tmp_path / "project"
    project.mkdir()
    done = gate(write_project(project, table))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("text", ["version = 1", "version = 2\n", "= =", "\xff"])
def test_a_record_that_cannot_be_read_is_told_in_one_line(project: Path, text: str) -> None:
    (project / FILE).write_text(text, "latin-1")
    done = gate(project)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pyvigor gate --update" in done.stderr


def test_there_may_be_nothing_to_verify(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    done = gate(write_project(project, "[tool.pyvigor]\n"))
    assert (done.returncode, done.stdout) == (5, "")
    assert "names nothing to verify" in done.stderr
