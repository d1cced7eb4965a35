"""GitHub's workflow commands: a line of output that GitHub shows at a line of code."""

from __future__ import annotations

from collections.abc import Iterator

from verify.formats.document import Document, Finding, Level, findings
from verify.formats.places import line_at, relative

WORDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
IN_PROPERTIES = {**IN_MESSAGES, **str.maketrans({":": "%3A", ",": "%2C"})}


def rendered(document: Document) -> str:
    lines = (line for finding in findings(document) for line in commands(finding))
    return "".join(f"{line}\n" for line in lines)


def commands(finding: Finding) -> Iterator[str]:
    """What is found; then a notice at each other line that one has to look at."""
    title = f"{finding.id} is {finding.word}"
    said = f"at {finding.place}: {finding.reason}"
    (place, _), *others = finding.lines
    yield command(WORDS[finding.level], place, title, "\n".join([said, *finding.details]))
    for place, text in others:
        message = said if text == finding.reason else f"{text}\n{said}"
        yield command(WORDS[Level.NOTE], place, title, message)


def command(word: str, place: str, title: str, message: str) -> str:
    file, number = line_at(place)
    properties = {"file": relative(file) or str(file), "line": str(number), "title": title}
    written = ",".join(f"{key}={v.translate(IN_PROPERTIES)}" for key, v in properties.items())
    return f"::{word} {written}::{message.translate(IN_MESSAGES)}"
