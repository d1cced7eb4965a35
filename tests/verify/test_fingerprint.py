"""What a verdict depends on changes its digest, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.projects import edit, write_project
from verify import fingerprint
from verify.known import Known
from verify.program import HOME
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
    names = {path.relative_to(HOME).as_posix() for path in stamps}
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


VIEW = """@compiled_class
class View(NamedTuple):
    packet: Packet

    def is_long(self) -> bool:
        return self.packet.length() > 3


@compiled_class
@"""
METHOD = "    def is_slow(self) -> bool:\n        return False\n\n    @require(lambda self"
OF_CONFIG = "    peer: Macs\n\n    def is_odd(self) -> bool:\n        return False\n"
LIMITS = "class Limit(IntEnum):\n    MOST = 2\n    LEAST = 0\n\n\nclass Drop("
TWO = "class Two(NamedTuple):\n    one: int\n    two: int\n\n\nclass Drop("


@pytest.mark.parametrize(
    ("nf", "spec", "file", "old", "new", "is_other"),
    [
        ([("    @require(lambda self", METHOD)], [("is_whole(packet))", "nop.is_slow())")],
         "my_nf.py", "return False", "return True", True),
        ([("    peer: Macs\n", OF_CONFIG)], [("is_whole(packet))", "nop.config.is_odd())")],
         "my_nf.py", "return False", "return True", True),
        ([("@compiled_class\n@", VIEW)],
         [("import Nop", "import Nop, View"), ("is_whole(packet))", "View(packet).is_long())")],
         "my_nf.py", "> 3", "> 3000", True),
        ([("class Drop(", LIMITS)],
         [("import Nop", "import Limit, Nop"), ("now) >= 0", "now) < Limit.MOST")],
         "my_nf.py", "MOST = 2", "MOST = 99", True),
        ([("class Drop(", LIMITS)],
         [("import Nop", "import Limit, Nop"), ("now) >= 0", "now) < Limit.MOST")],
         "my_nf.py", "LEAST = 0", "LEAST = 1", False),
        ([("class Drop(", TWO)],
         [("import Nop", "import Nop, Two"), ("now) >= 0", "now) < Two(2, 99).one")],
         "my_nf.py", "    one: int\n    two: int", "    two: int\n    one: int", True),
        ([], [("import Nop", "import Nop\nfrom words import FEW as N, MANY as M"),
              ("now) >= 0", "now) < N + 0 * M")],
         "specs/my_nf.py", "FEW as N, MANY as M", "MANY as N, FEW as M", True),
        ([], [("import Time", "import MAX_TIME as N, Time"), ("now) >= 0", "now) < N")],
         "specs/my_nf.py", "types import MAX_TIME as N, Time",
         "types import Time\nfrom libvig.packet.packet import MAX_DEVICES as N", True),
    ],
    ids=["a method", "a method of the settings", "a view", "a number", "a number that is not used",
         "the order of fields", "words that are swapped", "another word of libvig"],
)  # fmt: skip
def test_what_a_word_means_is_what_a_spec_says(  # noqa: PLR0917 - two preparations, and an edit
    project: Path,
    nf: list[tuple[str, str]],
    spec: list[tuple[str, str]],
    file: str,
    old: str,
    new: str,
    is_other: bool,
) -> None:
    (project / "words.py").write_text("FEW = 2\nMANY = 99\n", "utf-8")
    for words in nf:
        edit(project / "my_nf.py", *words)
    for words in spec:
        edit(project / "specs" / "my_nf.py", *words)
    before = statement(project)
    edit(project / file, old, new)
    assert (statement(project) != before) == is_other


def test_a_spec_that_a_word_elsewhere_calls_is_a_word(project: Path) -> None:
    """Files may import each other, as long as each defines first what the other one needs."""
    word = "from specs.my_nf import frames_go_on\n"
    (project / "words.py").write_text(word, "utf-8")
    edit(project / "specs" / "my_nf.py", "import Nop", "import Nop\nfrom words import frames_go_on")
    assert changed_by(project, "specs/my_nf.py", ">= 0", ">= -1") == {SPEC, OTHER}
