"""Each rule of the prover of structures has a passing twin, and failing ones with their line.

A file of the folder structure_rules, with NAME_proof.py if there is one, is proved as a module of
libvig. A comment `# fails: CODE` makes a twin in which CODE takes the place of the next line that
is no comment; it must be refuted there, or with `at MARK` on the line below `# at MARK`. With
`unknown` no proof may be found, with `refused` the front end must not let it pass; `anywhere` is
on whatever line. `hole` is what is proved although it is wrong, still.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import z3

from verify.errors import UsageError
from verify.library import library_prover, names_in
from verify.result import Verdict
from verify.subset import check_library, check_proof

RULES = Path(__file__).parent / "structure_rules"
NAMES = sorted(f.stem for f in RULES.glob("[a-z]*.py") if not f.stem.endswith("_proof"))
TWIN = re.compile(r"^( *)# (fails|unknown|refused|hole)(?: at (\w+)| (anywhere))?: (.*)$")
WORDS = {"refuted": "fails", "unknown": "unknown", "proved": "proved"}


@dataclass(frozen=True)
class Twin:
    """A rule's file with one line changed, and what is to be said of it."""

    file: str
    line: int
    code: str
    word: str
    place: str | None  # to blame, None for any


def twins_of(file: Path) -> list[Twin]:
    lines = file.read_text().splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        match = TWIN.match(line)
        if match is None:
            continue
        indent, word, mark, anywhere, code = match.groups()
        changed = to_blame = line_below(lines, number)
        if mark is not None:
            (marked,) = (n for n, text in enumerate(lines, 1) if text.strip() == f"# at {mark}")
            to_blame = line_below(lines, marked)
        place = None if anywhere else f"{file.name}:{to_blame}"
        found.append(Twin(file.name, changed, indent + code, word, place))
    return found


def line_below(lines: list[str], comment: int) -> int:
    """The number of the first line below a comment that is none."""
    return next(n for n in range(comment + 1, len(lines) + 1) if lines[n - 1].strip()[:1] != "#")


def said_of(name: str, folder: Path, twin: Twin | None = None) -> list[tuple[str, str]]:
    """What is said of a rule's files or of their twin, in the words above, and of which line."""
    z3.z3.Z3_DEBUG = False
    overlay = {}
    for file, package in ((f"{name}.py", "libvig"), (f"{name}_proof.py", "libvig.proof")):
        if (RULES / file).exists():
            text = (RULES / file).read_text().replace("tests.verify.structure_rules.", "libvig.")
            lines = text.splitlines()
            if twin is not None and twin.file == file:
                lines[twin.line - 1] = twin.code
            overlay[f"{package}.{name}"] = folder / file
            (folder / file).write_text("\n".join(lines) + "\n")
    prover = library_prover(overlay)
    modules = [prover.program.load(full_name) for full_name in overlay]
    try:
        for module in modules:
            (check_proof if module.is_proof else check_library)(module)
    except UsageError as error:
        return [("refused", ":".join(str(error).split(":")[:2]).rsplit("/", maxsplit=1)[-1])]
    results = prover.library([name for module in modules for name in names_in(module)])
    return [(WORDS[r.verdict.value], r.place.rsplit("/", maxsplit=1)[-1]) for r in results]


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_is_kept(name: str, tmp_path: Path) -> None:
    said = said_of(name, tmp_path)
    assert said and {word for word, _ in said} == {Verdict.PROVED.value}, said


TWINS = [
    pytest.param(
        name,
        twin,
        id=f"{twin.file}:{twin.line}:{twin.code.strip()}",
        marks=[pytest.mark.xfail(reason="a hole in the prover")] if twin.word == "hole" else [],
    )
    for name in NAMES
    for file in sorted(RULES.glob(f"{name}*.py"))
    if file.stem in (name, f"{name}_proof")
    for twin in twins_of(file)
]


@pytest.mark.parametrize(("name", "twin"), TWINS)
def test_a_breach_is_found(name: str, twin: Twin, tmp_path: Path) -> None:
    said = said_of(name, tmp_path, twin)
    if twin.word == "hole":
        assert {word for word, _ in said} != {"proved"}, said
        return
    places = [place for word, place in said if word == twin.word]
    assert places and (twin.place is None or twin.place in places), said
