"""GitHub's annotations, read back by the rules of its runner."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.verify.documents import NASTY, every_verdict, wrong_policer
from verify.formats import github
from verify.formats.document import Document, Target
from verify.prover import rest_on
from verify.result import Result, Verdict

ESCAPES = {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}  # the last is undone last


class Annotation(NamedTuple):
    """What GitHub shows."""

    word: str
    file: str
    line: int
    title: str
    message: str


def read(document: Document) -> list[Annotation]:
    return [annotation(line) for line in github.rendered(document).splitlines()]


def annotation(line: str) -> Annotation:
    """A line of output, as the runner understands it."""
    _, command, message = line.split("::", 2)
    word, _, properties = command.partition(" ")
    found = dict(part.split("=", 1) for part in properties.split(","))
    file, number, title = (plain(found[key]) for key in ("file", "line", "title"))
    return Annotation(word, file, int(number), title, plain(message))


def plain(text: str) -> str:
    for code, character in ESCAPES.items():
        text = text.replace(code, character)
    return text


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_lines_of_spec_and_nf_are_annotated(repository: Path) -> None:
    refuted, nf = read(every_verdict(repository))[:2]
    assert (refuted.word, refuted.file, refuted.line) == ("error", "über,specs:\n.py", 2)
    assert (nf.word, nf.file, nf.line) == ("notice", "my nf%.py", 2)
    assert nf.message.startswith(f"{NASTY}: no\nat ")


def test_names_and_texts_are_kept_as_they_are(repository: Path) -> None:
    refuted = read(every_verdict(repository))[0]
    assert refuted.title == f"my_nf::{NASTY} is refuted"
    place = f"{repository}/über,specs:\n.py:2"
    assert refuted.message == f"at {place}: {NASTY}\n  a\n" + NASTY.partition("\n")[2] + "\n```"


def test_what_is_not_proved_is_as_grave_as_it_is(repository: Path) -> None:
    words: dict[str, str] = {}
    for found in read(every_verdict(repository)):  # the first is what is found, then what to see
        words.setdefault(found.title.rpartition(" ")[2], found.word)
    assert words == {
        "refuted": "error",
        "unknown": "error",
        "assumed": "notice",
        "bounded": "warning",
        "refused": "error",
    }


def test_what_is_wrong_with_the_nf_is_not_told_for_each_spec_that_rests_on_it(
    repository: Path,
) -> None:
    nf, spec = repository / "nf.py", repository / "spec.py"
    safe = Result("nf: safe", Verdict.REFUTED, f"{nf}:3", defined=f"{nf}:1", reason="wrong")
    specs = [
        Result(name, Verdict.PROVED, f"{spec}:{line}", defined=f"{spec}:{line}")
        for line, name in enumerate("abc", start=1)
    ]
    for result in specs:
        rest_on(result, [safe])
    found = read(Document([Target("nf", "nf", [safe, *specs], str(nf))]))
    assert [(told.word, told.file, told.line) for told in found] == [
        ("error", "nf.py", 3),
        *(("error", "spec.py", line) for line in (1, 2, 3)),
    ]


def test_of_a_shipped_spec_the_users_own_line_is_told_too(repository: Path) -> None:
    nf = repository / "nf.py"
    safe = Result("nf: safe", Verdict.REFUTED, f"{nf}:3", defined=f"{nf}:1", reason="wrong")
    spec = Result("a", Verdict.PROVED, "/elsewhere/spec.py:1", defined="/elsewhere/spec.py:1")
    rest_on(spec, [safe])
    _, told, _ = read(Document([Target("nf", "nf", [safe, spec], str(nf))]))
    assert (told.word, told.file, told.line) == ("error", "nf.py", 1)


def test_the_error_is_in_the_users_own_code_where_the_spec_is_not(repository: Path) -> None:
    target, result = wrong_policer(repository)
    error, notice = read(Document([target]))
    assert (error.word, error.file) == ("error", "policer.py")
    assert "index < 0" in (repository / "policer.py").read_text().splitlines()[error.line - 1]
    assert "replayed: AssertionError" in error.message
    assert f"{notice.file}:{notice.line}" == result.place
    assert notice.message == f"at {result.place}: {result.reason}"
