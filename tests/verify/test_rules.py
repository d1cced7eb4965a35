"""Each rule of the verifier has a passing twin, and failing ones with the line that is to blame.

A file of the folder rules is proved as it stands. A comment `# fails: CODE` makes a twin in which
CODE takes the place of the next line, to be refuted there, or `# fails at NAME: CODE` on the line
below `# at NAME`; `anywhere` is on whatever line. `# unknown at NAME: CODE` cannot be decided.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.verify.known import results_of
from verify.prepare import prepare
from verify.result import Result, Verdict

RULES = Path(__file__).parent / "rules"
NAMES = sorted(file.stem for file in RULES.glob("[a-z]*.py") if not file.stem.endswith("_spec"))
TWIN = re.compile(r"^( *)# (fails|unknown)(?: at (\w+)| (anywhere))?: (.*)$")
VERDICTS = {"fails": Verdict.REFUTED, "unknown": Verdict.UNKNOWN}


@dataclass(frozen=True)
class Twin:
    """A rule's file with one line changed, and what is to be said of it."""

    file: str
    line: int
    code: str
    verdict: Verdict
    place: str | None  # of the failure, None for any


def twins_of(file: Path) -> list[Twin]:
    lines = file.read_text().splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        match = TWIN.match(line)
        if match is None:
            continue
        indent, word, mark, anywhere, code = match.groups()
        changed = line_below(lines, number)
        to_blame = changed
        if mark is not None:
            (marked,) = (n for n, text in enumerate(lines, 1) if text.strip() == f"# at {mark}")
            to_blame = line_below(lines, marked)
        place = None if anywhere else f"{file.name}:{to_blame}"
        found.append(Twin(file.name, changed, indent + code, VERDICTS[word], place))
    return found


def line_below(lines: list[str], comment: int) -> int:
    """The number of the first line below a comment that is none."""
    return next(n for n in range(comment + 1, len(lines) + 1) if lines[n - 1].strip()[:1] != "#")


def verified(name: str, folder: Path, twin: Twin | None = None) -> list[Result]:
    """What is said of a rule's files, or of their twin."""
    files = [f"{name}.py", *(f.name for f in RULES.glob(f"{name}_spec.py"))]
    for file in files:
        lines = (RULES / file).read_text().replace("tests.verify.rules.", "").splitlines()
        if twin is not None and twin.file == file:
            lines[twin.line - 1] = twin.code
        (folder / file).write_text("\n".join(lines) + "\n")
    specs = str(folder / files[1]) if len(files) > 1 else None
    return results_of(prepare(str(folder / files[0]), "", specs))


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_is_kept(name: str, tmp_path: Path) -> None:
    results = verified(name, tmp_path)
    assert {r.verdict for r in results} == {Verdict.PROVED}, results


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        pytest.param(name, twin, id=f"{twin.file}:{twin.code.strip()}")
        for name in NAMES
        for file in sorted(RULES.glob(f"{name}*.py"))
        if file.stem in (name, f"{name}_spec")
        for twin in twins_of(file)
    ],
)
def test_a_breach_is_found(name: str, twin: Twin, tmp_path: Path) -> None:
    results = verified(name, tmp_path, twin)
    places = [r.place.rsplit("/", maxsplit=1)[-1] for r in results if r.verdict is twin.verdict]
    said = [(r.name, r.verdict, r.reason) for r in results]
    assert places and (twin.place is None or twin.place in places), said
