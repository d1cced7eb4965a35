"""Where what was found goes, in which formats: the options of the commands that verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from libvig.io.output import STANDARD_OUTPUT, Outputs, check_writable
from verify.errors import UsageError
from verify.formats import github, json_document, junit, markdown, sarif
from verify.formats.document import Document

TEXTS = ("concise", "full", "github")
"""For people, printed as it is found. The last has annotations at its end."""

DOCUMENTS: dict[str, Callable[[Document], str]] = {
    "json": json_document.rendered,
    "sarif": sarif.rendered,
    "junit": junit.rendered,
    "markdown": markdown.rendered,
}
"""For programs, written as a whole once everything is found."""

SUFFIXES = {".json": "json", ".sarif": "sarif", ".xml": "junit", ".md": "markdown"}


@dataclass(frozen=True)
class Plan:
    """What is printed, if anything, and the format of each file; "-" is standard output."""

    text: str | None
    files: dict[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output-format",
        choices=[*TEXTS, *DOCUMENTS],
        metavar="FORMAT",
        help="concise (default), full, github (concise, and annotations of the lines), json, "
        "sarif, junit or markdown",
    )
    parser.add_argument(
        "--output-file",
        action="append",
        default=[],
        metavar="FILE",
        help="write json, sarif, junit or markdown there, and text to standard output; FILE.json, "
        "FILE.sarif, FILE.xml (junit) and FILE.md need no --output-format, and get no other; may "
        "be given several times",
    )


def planned(form: str | None, files: Sequence[str]) -> Plan:
    """Raises UsageError where it is not clear, and InputError where a file cannot be written.

    So this comes first: a proof may take long.
    """
    if form not in DOCUMENTS:
        plan = Plan(form or TEXTS[0], {name: format_of(name) for name in files})
    elif len(files) > 1:
        raise UsageError(
            f"--output-format {form}: of several files each has the format of its name; "
            "leave it out, and write FILE.json, FILE.sarif, FILE.xml or FILE.md"
        )
    else:
        (name,) = files or [STANDARD_OUTPUT]
        check_format(name, form)
        plan = Plan(None if name == STANDARD_OUTPUT else TEXTS[0], {name: form})
    for name in plan.files:
        check_writable(name)
    return plan


def told_by(name: str) -> str | None:
    """The format that a file's name tells, if it tells one."""
    return SUFFIXES.get(Path(name).suffix.lower())


def check_format(name: str, form: str) -> None:
    """Raise UsageError where a file's name tells another format."""
    told = told_by(name)
    if told not in (None, form):
        raise UsageError(
            f"--output-format {form}: {name} would be {told}, by its name; leave "
            "--output-format out, or name the file otherwise"
        )


def format_of(name: str) -> str:
    """The format that a file's name tells. Raises UsageError if it tells none."""
    form = told_by(name)
    if form is None:
        raise UsageError(
            f"--output-file: {name} does not say its format; call it FILE.json, FILE.sarif, "
            "FILE.xml or FILE.md, or give --output-format"
        )
    return form


def written(document: Document, plan: Plan) -> None:
    """Write the files: all of them, or none."""
    if plan.text == "github":
        write_out(github.rendered(document))
    texts = {name: DOCUMENTS[form](document) for name, form in plan.files.items()}
    if STANDARD_OUTPUT in texts:
        write_out(texts.pop(STANDARD_OUTPUT))
    with Outputs() as outputs:
        for name, text in texts.items():
            outputs.write(name, outputs.open(name), [encoded(text)])


def write_out(text: str) -> None:
    """To standard output, in UTF-8 whatever the locale: what reads it expects that."""
    sys.stdout.flush()
    sys.stdout.buffer.write(encoded(text))
    sys.stdout.buffer.flush()


def encoded(text: str) -> bytes:
    """The text, with a question mark for what a file's name has that is no text."""
    return text.encode("utf-8", "replace")
