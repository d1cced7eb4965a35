"""`pyvigor verify --watch` as its user meets it, who edits files while it waits."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.projects import SPECS, edit, write_project
from verify.prover import Prover
from verify.result import Result
from verify.watch import Look, Watch

NF, SPEC, WORDS = "my_nf.py", "specs/my_nf.py", "words.py"
IMPORT = "from my_nf import Nop", "from my_nf import Nop\nfrom words import LEAST"
PATIENCE = 60  # seconds
CONTRACT = """from libvig.contracts import ensure


@ensure(lambda result: result == 0)
def least(device: int) -> int:
    return 0
"""


class Watched:
    """A watch in a process of its own, and what it prints."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "verify.cli", "verify", "--watch", NF]
        self.folder = folder
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def turn(self) -> str:
        """What it says until it waits."""
        said = ""
        while "\nwaiting for" not in f"\n{said}":
            said += self.lines.get(timeout=PATIENCE)
        return said

    def after(self, file: str, old: str, new: str) -> str:
        """What it says of an edit."""
        edit(self.folder / file, old, new)
        return self.turn()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(write_project(tmp_path))
    assert "5 proved, 0 refuted, 0 unknown" in found.turn()
    yield found
    found.process.kill()
    found.process.wait()


def test_edits_of_a_spec(watched: Watched) -> None:
    said = watched.after(SPEC, "now) >= 0", "now) >= 1")
    assert "refuted  frames_go_on" in said and "1 refuted" in said
    assert f"at {SPEC}:18: assert nop.process(packet, now) >= 1" in said
    said = watched.after(SPEC, "@spec\ndef frames_go_on", "# first\n\n\n@spec\ndef frames_go_on")
    assert f"at {SPEC}:21: assert nop.process(packet, now) >= 1" in said
    assert "not Python" in watched.after(SPEC, "def frames_go_on", "def frames go_on")
    assert "1 refuted" in watched.after(SPEC, "def frames go_on", "def frames_go_on")
    assert "0 refuted, 0 unknown" in watched.after(SPEC, "now) >= 1", "now) >= 0")


def test_edits_of_the_network_function(watched: Watched) -> None:
    said = watched.after(NF, "device == 0 else 0", "device == 0 else 1")
    assert "refuted  frames_leave_by_another_device" in said
    assert "0 classes have a method" in watched.after(NF, "def process", "def proceed")
    watched.after(NF, "def proceed", "def process")
    said = watched.after(NF, "device == 0 else 1", "device == 0 else 0")
    assert "0 refuted, 0 unknown" in said


def test_edits_of_what_a_spec_imports(watched: Watched) -> None:
    assert "an import of `LEAST` from words" in watched.after(SPEC, *IMPORT)
    (watched.folder / WORDS).write_text("LEAST = (\n", "utf-8")
    assert "words.py:1: not Python" in watched.turn()
    assert "0 refuted" in watched.after(WORDS, "(", "0")
    watched.after(SPEC, "now) >= 0", "now) >= LEAST")
    assert "refuted  frames_go_on" in watched.after(WORDS, "= 0", "= 1")
    assert "0 refuted, 0 unknown" in watched.after(WORDS, "= 1", "= 0")


def test_a_contract_of_what_a_spec_imports_is_proved_again(watched: Watched) -> None:
    (watched.folder / WORDS).write_text(CONTRACT, "utf-8")
    assert "0 refuted" in watched.turn()
    watched.after(SPEC, IMPORT[0], IMPORT[1].replace("LEAST", "least"))
    said = watched.after(SPEC, "now) >= 0", "now) >= least(packet.device)")
    assert "proved   words.least" in said
    said = watched.after(WORDS, "return 0", "return device % 2")
    assert "refuted  words.least" in said
    assert "rests on what is not proved: words.least" in said


def test_files_that_go_and_come_back(watched: Watched) -> None:
    specs, nf = watched.folder / SPEC, watched.folder / NF
    specs.unlink()
    assert "2 proved" in watched.turn()
    specs.write_text(SPECS.replace("now) >= 0", "now) >= 1"), "utf-8")
    assert "refuted  frames_go_on" in watched.turn()
    text = nf.read_text("utf-8")
    nf.unlink()
    assert "does not exist" in watched.turn()
    nf.write_text(text, "utf-8")
    assert "refuted  frames_go_on" in watched.turn()


# ---------------------------------------------------------------- within this process


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write_project(tmp_path))
    return tmp_path


def watch_of(project: Path) -> Watch:
    return Watch(str(project / NF), "", None, 1, None)


def test_only_the_spec_that_was_edited_is_proved_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved: list[list[str]] = []
    executed: list[str] = []
    own_parts, spec_parts = Prover.own_parts, Prover.spec_parts

    def note_own(self: Prover) -> Iterator[Result]:
        executed.append(self.verification.nf.name)
        return own_parts(self)

    def note_specs(self: Prover, jobs: int) -> Iterator[Result]:
        proved.append([spec.name for spec in self.specs])
        return spec_parts(self, jobs)

    monkeypatch.setattr(Prover, "own_parts", note_own)
    monkeypatch.setattr(Prover, "spec_parts", note_specs)
    watching = watch_of(project)
    watching.prove_again()
    edit(project / SPEC, "now) >= 0", "now) >= 1")
    watching.prove_again()
    edit(project / SPEC, "now) >= 1", "now) >= 0")
    edit(project / SPEC, "!= packet.device", "!= packet.device  # anew")
    watching.prove_again()
    names = ["frames_go_on", "frames_leave_by_another_device"]
    assert proved == [names, names[:1], []]
    assert executed == ["my_nf"]  # once: the specs go on behind its paths


def test_a_file_that_begins_to_exist_is_seen(project: Path) -> None:
    watching = watch_of(project)
    watching.find_files()
    before = Look.at(watching.files)
    assert Look.at(watching.files) == before
    (project / ".hidden.py").touch()
    (project / "notes.txt").touch()
    assert Look.at(watching.files) == before
    (project / WORDS).touch()
    assert Look.at(watching.files) != before


def test_an_edit_that_comes_with_an_import_is_seen(project: Path) -> None:
    """Even of a file that was written to while another one was read that imports it now."""
    (project / WORDS).write_text("LEAST = 0\n", "utf-8")
    edit(project / SPEC, *IMPORT)
    watching = watch_of(project)
    watching.find_files()
    before = Look.at(watching.files)
    assert project / WORDS in watching.files
    edit(project / WORDS, "0", "1")
    assert Look.at(watching.files) != before


def test_a_time_that_is_set_back_hides_no_edit(project: Path) -> None:
    file = project / NF
    status = file.stat()
    before = Look.at({file})
    edit(file, "else 0", "else 1")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert Look.at({file}) != before
