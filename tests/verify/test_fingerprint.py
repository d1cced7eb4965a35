"""What a verdict depends on changes its digest, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.projects import edit, write_project
from verify import fingerprint, locate
from verify.known import Known
from verify.sources import read

SPEC, OTHER = "frames_go_on", "frames_leave_by_another_device"
PROCESS = "my_nf: safe, and keeps its invariant"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def digests(project: Path) -> dict[str, str]:
    sources = read(str(project / "my_nf.py"))
    return {part.name: part.digest for part in Known().parts(sources)}


def changed_by(project: Path, file: str, old: str, new: str) -> set[str]:
    """Names of the parts that have another digest after an edit."""
    before = digests(project)
    edit(project / file, old, new)
    after = digests(project)
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_a_spec_that_is_edited_is_another(project: Path) -> None:
    assert changed_by(project, "specs/my_nf.py", ">= 0", ">= -1") == {SPEC}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@spec\ndef frames_go_on", "# said beside it\n\n\n@spec\ndef frames_go_on"),
        ("now) >= 0", "now)   >= 0  # and so on"),
    ],
)
def test_how_it_is_written_does_not_count(project: Path, old: str, new: str) -> None:
    assert changed_by(project, "specs/my_nf.py", old, new) == set()


def test_a_word_changes_all_specs(project: Path) -> None:
    """Which of them use it is not looked into."""
    found = changed_by(project, "specs/my_nf.py", "is_complete()", "is_complete() or True")
    assert found == {SPEC, OTHER}


def test_the_network_function_changes_everything(project: Path) -> None:
    everything = set(digests(project))
    assert changed_by(project, "my_nf.py", "device == 0 else 0", "device == 0 else 1") == everything


def test_a_spec_that_another_calls_is_a_word(project: Path) -> None:
    call = "assume(is_whole(packet))\n    frames_leave_by_another_device(nop, packet, now)"
    edit(project / "specs" / "my_nf.py", "assume(is_whole(packet))", call)
    assert changed_by(project, "specs/my_nf.py", "!= packet", "== packet") == {SPEC, OTHER}


@pytest.mark.parametrize("importer", ["my_nf.py", "specs/my_nf.py"])
def test_what_is_imported_counts(project: Path, importer: str) -> None:
    (project / "words.py").write_text("LIMIT = 1\n", "utf-8")
    future = "from __future__ import annotations\n" if importer == "my_nf.py" else "import Time\n"
    edit(project / importer, future, f"{future}from words import LIMIT\n")
    found = changed_by(project, "words.py", "1", "2")
    assert found >= {SPEC, OTHER}
    assert (PROCESS in found) == (importer == "my_nf.py")


def test_what_comes_with_pyvigor_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digests(project)
    monkeypatch.setattr(fingerprint, "tool", lambda: "another")
    assert not set(before.values()) & set(digests(project).values())


def test_the_tool_is_all_of_its_files() -> None:
    _, stamps = fingerprint._tool()
    names = {path.relative_to(locate.HOME).as_posix() for path in stamps}
    assert {"libvig/proof/hash_map.py", "libvig/hash_map.py", "verify/prover.py"} <= names


def test_a_file_of_the_tool_that_was_written_to_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "prover.py"
    file.write_text("x = 1\n")
    stamps = {file: fingerprint.Stamp.of(file)}
    monkeypatch.setattr(fingerprint, "_tool", lambda: ("", stamps))
    assert fingerprint.tool_is_unchanged()
    file.write_text("x = 22\n")
    assert not fingerprint.tool_is_unchanged()


# ---------------------------------------------------------------- what a spec says


def statement(project: Path) -> str:
    sources = read(str(project / "my_nf.py"), SPEC)
    return fingerprint.of_statement(sources.nf, sources.specs[0])


@pytest.mark.parametrize(
    ("file", "old", "new", "is_other"),
    [
        ("specs/my_nf.py", "now) >= 0", "now) >= -1", True),
        ("specs/my_nf.py", "    assume(is_whole(packet))\n", "", True),
        ("specs/my_nf.py", "is_complete()", "is_complete() and now > 5", True),
        ("specs/my_nf.py", "Whatever is in them.", "All of them.", False),
        ("specs/my_nf.py", "!= packet.device", "< packet.device", False),
        ("my_nf.py", "device == 0 else 0", "device == 0 else 1", False),
    ],
    ids=["claim", "assumption", "word", "docstring", "another spec", "the network function"],
)
def test_what_a_spec_says(project: Path, file: str, old: str, new: str, is_other: bool) -> None:
    before = statement(project)
    edit(project / file, old, new)
    assert (statement(project) != before) == is_other


def test_a_method_of_the_network_function_is_a_word(project: Path) -> None:
    method = "    def is_slow(self) -> bool:\n        return False\n\n    @require(lambda self"
    edit(project / "my_nf.py", "    @require(lambda self", method)
    edit(project / "specs" / "my_nf.py", "assume(is_whole(packet))", "assume(nop.is_slow())")
    before = statement(project)
    edit(project / "my_nf.py", "return False", "return True")
    assert statement(project) != before
