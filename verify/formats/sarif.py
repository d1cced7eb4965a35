"""SARIF 2.1.0 (OASIS), as GitHub's code scanning takes it.

GitHub shows every result as an alert, whatever its kind. So what is proved is a rule without a
result, and counted in the run's properties.
"""

from __future__ import annotations

import hashlib
import json
import linecache
import os
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from verify.formats.document import (
    Document,
    Finding,
    findings,
    identifier,
    problem_id,
    said_of,
    summary_of,
)
from verify.formats.markdown import block, code
from verify.formats.places import line_at, relative
from verify.report import TRUSTED

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_DESCRIPTION = 1024  # characters that GitHub shows of a rule's descriptions
HELP = (
    "Refuted: a packet, a state and a time break it. They are in the message, and were run on the "
    "real code before they were shown. Unknown: it is not proved, and no such packet was found. "
    "Assumed: it is taken for granted. Bounded: nothing was found within a budget."
)

Json = dict[str, Any]


def rendered(document: Document) -> str:
    rules = {rule["id"]: rule for rule in rules_of(document)}
    numbers = {name: number for number, name in enumerate(rules)}
    driver = {"name": "pyvigor", "version": version(), "rules": list(rules.values())}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [result_of(finding, numbers[finding.id]) for finding in findings(document)],
        "properties": {
            "summary": summary_of(document.results),
            "given": {target.name: list(target.given) for target in document.targets},
            "trusted": TRUSTED,
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def version() -> str:
    try:
        return metadata.version("pyvigor")
    except metadata.PackageNotFoundError:
        return "0"


# ---------------------------------------------------------------- rules


def rules_of(document: Document) -> Iterator[Json]:
    """Every property, also one that is proved."""
    for target in document.targets:
        for result in target.results:
            yield rule(identifier(target, result), result.name, result.about)
    for problem in document.problems:
        about = problem.about or problem.reason
        yield rule(problem_id(problem), problem.name, about, about)


def rule(rule_id: str, name: str, about: str, how_to_read: str = HELP) -> Json:
    about = about or (name.replace("_", " ") if name.isidentifier() else name)
    return {
        "id": rule_id,
        "shortDescription": {"text": about.splitlines()[0][:MAX_DESCRIPTION]},
        "fullDescription": {"text": about[:MAX_DESCRIPTION]},
        "help": {"text": how_to_read},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["correctness"], "problem.severity": "error"},
    }


# ---------------------------------------------------------------- results


def result_of(finding: Finding, rule_number: int) -> Json:
    (place, _), *others = finding.lines
    result: Json = {
        "ruleId": finding.id,
        "ruleIndex": rule_number,
        "level": finding.level.value,
        "message": message(finding),
        "locations": [location(place)],
        "partialFingerprints": {"pyvigorProperty/v1": fingerprint(finding)},
        "properties": {"verdict": finding.word},
    }
    if others:
        result["relatedLocations"] = [
            {"id": number, **location(*other)} for number, other in enumerate(others, start=1)
        ]
    if finding.steps:
        result["codeFlows"] = [{"threadFlows": [{"locations": list(flow(finding))}]}]
    return result


def message(finding: Finding) -> Json:
    """What is wrong, with the counterexample."""
    headline = f"{finding.id} is {finding.word}: {finding.reason}"
    text = "\n".join([headline, *finding.details])
    return {"text": text, "markdown": f"{code(headline)}\n\n{block(finding.details)}"}


def flow(finding: Finding) -> Iterator[Json]:
    """The path to what failed, and what failed."""
    for step in finding.steps:
        yield {"location": location(step.place, said_of(step)), "importance": "important"}
    yield {"location": location(finding.place, finding.reason), "importance": "essential"}


def fingerprint(finding: Finding) -> str:
    """The same as long as it is this property, wherever its lines move to."""
    return hashlib.sha256(finding.id.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def location(place: str, text: str = "") -> Json:
    file, number = line_at(place)
    physical = {"artifactLocation": artifact(file), "region": region(file, number)}
    return {"physicalLocation": physical, **({"message": {"text": text}} if text else {})}


def artifact(file: Path) -> Json:
    """The file: relative to the repository's root, or absolute where it is outside of it."""
    name = relative(file)
    if name is None:
        return {"uri": f"file://{quote(os.fsencode(file))}"}
    return {"uri": quote(os.fsencode(name)), "uriBaseId": "%SRCROOT%"}


def region(file: Path, number: int) -> Json:
    """The line, without its indentation."""
    linecache.checkcache(str(file))
    line = linecache.getline(str(file), number).rstrip()
    if not line:
        return {"startLine": number}
    first = len(line) - len(line.lstrip()) + 1
    return {
        "startLine": number,
        "startColumn": first,
        "endLine": number,
        "endColumn": len(line) + 1,
    }
