"""JUnit's XML, in the form that Jenkins reads (its junit-10.xsd), and GitLab and others with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from verify.formats.document import Document, Problem, Target, place_of, reason_of
from verify.result import Result, Verdict

CHILDREN = {
    Verdict.REFUTED: "failure",
    Verdict.UNKNOWN: "error",
    Verdict.BOUNDED: "skipped",
    Verdict.ASSUMED: "skipped",
}
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rendered(document: Document) -> str:
    suites = [suite_of(target) for target in document.targets]
    if document.problems:
        suites.append(suite("gate", [case_of_problem(p) for p in document.problems]))
    root = Element("testsuites", name="pyvigor")
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(found.get(key, "0")) for found in suites)))
    root.set("time", f"{document.seconds:.3f}")
    root.extend(suites)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def suite_of(target: Target) -> Element:
    found = suite(target.name, [case_of(target, result) for result in target.results])
    found.set("time", f"{sum(result.seconds for result in target.results):.3f}")
    if target.given:
        properties = Element("properties")
        for condition in target.given:
            value = f"process is called with {condition}"
            SubElement(properties, "property", name="given", value=legal(value))
        found.insert(0, properties)
    return found


def suite(name: str, cases: Sequence[Element]) -> Element:
    counts = {"tests": len(cases)}
    for key, child in COUNTS.items():
        counts[key] = sum(case.find(child) is not None for case in cases)
    found = Element("testsuite", {key: str(number) for key, number in counts.items()})
    found.set("name", legal(name))
    found.extend(cases)
    return found


def case_of(target: Target, result: Result) -> Element:
    case = Element("testcase", classname=legal(target.name), name=legal(result.name))
    case.set("time", f"{result.seconds:.3f}")
    child = CHILDREN.get(result.verdict)
    if child is not None:
        reason, word = reason_of(result), result.verdict.value
        text = "\n".join([f"at {place_of(target, result)}: {reason}", *result.details])
        add(case, child, word, f"{word}: {reason}", text)
    return case


def case_of_problem(problem: Problem) -> Element:
    case = Element("testcase", classname="gate", time="0.000")
    case.set("name", legal(f"{problem.name}: {problem.subject}"))
    text = f"at {problem.place}: {problem.reason}"
    add(case, "failure", "refused", problem.reason, text)
    return case


def add(case: Element, tag: str, kind: str, message: str, text: str) -> None:
    """How the case ended."""
    child = SubElement(case, tag, type=kind, message=legal(message))
    child.text = legal(text)


def legal(text: str) -> str:
    """The text without the characters that XML has no way to write."""
    return NOT_XML.sub("\ufffd", text)
