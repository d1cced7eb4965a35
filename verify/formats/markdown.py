"""Markdown, as GitHub and GitLab show it: a summary of a run of CI, or a comment.

Whatever comes from the user's files is shown as code, so that it is no markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from verify.formats.document import (
    Document,
    Finding,
    Target,
    findings,
    summary_of,
)
from verify.formats.places import line_at, relative
from verify.report import counted
from verify.result import Result


def rendered(document: Document) -> str:
    """How many there are of each verdict; all that is wrong; then every property by itself."""
    counts = [f"{number} {word}" for word, number in summary_of(document.results).items()]
    refused = [f"{len(document.problems)} refused"] if document.problems else []
    parts = [
        f"## pyvigor: {', '.join([*counts, *refused])}",
        "\n".join(overview(document)),
        *(told(finding) for finding in findings(document)),
        *(properties(target) for target in document.targets),
    ]
    return "\n\n".join(parts) + "\n"


def overview(document: Document) -> Iterator[str]:
    """A row a target."""
    words = list(summary_of(document.results))
    yield row("", *words, "seconds")
    yield row("---", *("---:" for _ in (*words, "seconds")))
    for target in document.targets:
        numbers = summary_of(target.results)
        seconds = sum(result.seconds for result in target.results)
        yield row(cell(target.name), *(numbers.get(word, 0) for word in words), f"{seconds:.1f}")


def told(finding: Finding) -> str:
    """What is wrong, where, and the counterexample."""
    head = f"### {finding.word}: {code(finding.id)}"
    where = f"At {code(seen(finding.place))}: {code(finding.reason)}"
    return "\n\n".join([head, where, *([block(finding.details)] if finding.details else [])])


def properties(target: Target) -> str:
    """Every property of a target, folded away."""
    count = counted(len(target.results), "result")
    head = f"<details><summary>{escape(target.name)}: {count}</summary>"
    return "\n".join([head, "", *table(target.results), "", "</details>"])


def table(results: Sequence[Result]) -> Iterator[str]:
    yield row("property", "verdict", "paths", "obligations", "seconds")
    yield row("---", "---", "---:", "---:", "---:")
    for result in results:
        numbers = result.paths, result.obligations, f"{result.seconds:.1f}"
        yield row(cell(result.name), result.verdict.value, *numbers)


def seen(place: str) -> str:
    """A place as seen from the repository's root."""
    file, number = line_at(place)
    return f"{relative(file) or file}:{number}"


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def cell(text: str) -> str:
    """Code in a table, which a bar would end the column of."""
    return code(text).replace("|", "\\|")


def code(text: str) -> str:
    """One line of code in running text."""
    fence = fence_of([text], 1)
    return f"{fence} {' '.join(text.splitlines())} {fence}"


def block(lines: Sequence[str]) -> str:
    """Lines as they are."""
    fence = fence_of(lines, 3)
    return "\n".join([fence, *lines, fence])


def fence_of(lines: Sequence[str], shortest: int) -> str:
    """More backticks than there are anywhere in the lines."""
    runs = (len(run) for line in lines for run in re.findall("`+", line))
    return "`" * max([shortest, *(length + 1 for length in runs)])
