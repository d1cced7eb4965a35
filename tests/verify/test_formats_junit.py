"""JUnit's XML, read back by a reader that others use."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from tests.verify.documents import NASTY, every_verdict
from verify.formats import junit
from verify.formats.document import Document, Target
from verify.result import Result, Verdict


def read(document: Document) -> tuple[JUnitXml, dict[str, TestSuite]]:
    found = JUnitXml.fromstring(junit.rendered(document).encode("utf-8"))
    return found, {str(suite.name): suite for suite in found}


def cases(suite: TestSuite) -> dict[str, TestCase]:
    return {str(case.name): case for case in suite}


def test_each_verdict_ends_a_case_in_its_own_way(tmp_path: Path) -> None:
    _, suites = read(every_verdict(tmp_path))
    found = cases(suites["my_nf"])
    ends = {name: [type(end) for end in case.result] for name, case in found.items()}
    assert ends == {
        "my_nf: safe, and keeps its invariant": [],
        NASTY: [Failure],
        "not_known": [Error],
        "given": [Skipped],
        "looked_at": [Skipped],
    }
    (problem,) = suites["gate"]
    assert problem.name == f"gone: {NASTY}"
    assert [type(end) for end in problem.result] == [Failure]


def test_the_counts_are_those_of_the_cases(tmp_path: Path) -> None:
    whole, suites = read(every_verdict(tmp_path))
    counts = (whole.tests, whole.failures, whole.errors, whole.time)
    assert counts == (6, 2, 1, 2.0)
    suite = suites["my_nf"]
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (5, 1, 1, 2)
    assert suite.time == 1.5


def test_what_the_caller_guarantees_is_told(tmp_path: Path) -> None:
    root = ElementTree.fromstring(junit.rendered(every_verdict(tmp_path)).encode("utf-8"))
    (given,) = root.iter("property")
    assert given.attrib == {"name": "given", "value": "process is called with now >= 0"}


def test_names_and_texts_are_kept_as_they_are(tmp_path: Path) -> None:
    _, suites = read(every_verdict(tmp_path))
    (failure,) = cases(suites["my_nf"])[NASTY].result
    assert failure.message == f"refuted: {NASTY}"
    assert failure.type == "refuted"
    assert failure.text.startswith(f"at {tmp_path}/über,specs:\n.py:2: {NASTY}\n  {NASTY}")


def test_what_xml_cannot_write_is_marked(tmp_path: Path) -> None:
    _, suites = read(every_verdict(tmp_path))
    (error,) = cases(suites["my_nf"])["not_known"].result
    assert error.message == "unknown: ���"


def test_what_is_assumed_hides_no_failure() -> None:
    wrong = Result("one", Verdict.REFUTED, "nf.py:1", reason="went wrong")
    given = Result("one", Verdict.ASSUMED, "nf.py:1", reason="said so")
    whole, _ = read(Document([Target("nf", "nf", [wrong, given])]))
    assert (whole.tests, whole.failures) == (2, 1)
