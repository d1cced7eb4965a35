"""Everything, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from verify import second_opinions
from verify.formats.document import Document, summary_of
from verify.report import TRUSTED
from verify.result import Result

VERSION = 1
"""Of the form: it rises when something is taken away or means something else."""

LEFT_OUT = ("packets", "test", "seen", "ends", "arguments")


def rendered(document: Document) -> str:
    results = document.results
    given = (condition for target in document.targets for condition in target.given)
    as_json = {
        "version": VERSION,
        "title": document.title,
        **({"gate": document.gate} if document.gate else {}),
        "summary": summary_of(results),
        "seconds": round(document.seconds, 3),
        "targets": [
            {"name": t.name, "title": t.title, "file": t.file, "given": list(t.given)}
            for t in document.targets
        ],
        "results": [
            {"target": target.name, **row(result)}
            for target in document.targets
            for result in target.results
        ],
        "problems": [asdict(problem) for problem in document.problems],
        "given": list(dict.fromkeys(given)),
        "trusted": TRUSTED,
        **second_opinions.as_json(results),
    }
    return json.dumps(as_json, indent=2, ensure_ascii=False) + "\n"


def row(result: Result) -> dict[str, object]:
    kept = {key: value for key, value in asdict(result).items() if key not in LEFT_OUT}
    return {**kept, "verdict": result.verdict.value}
