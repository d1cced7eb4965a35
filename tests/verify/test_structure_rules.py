"""Each rule of the prover of structures has a passing twin, and failing ones with their line.

A file of the folder structure_rules, with NAME_proof.py and NAME_caller.py if there are such, is
proved as a module of libvig. A comment `# fails: CODE` makes a twin in which CODE takes the place
of the next line that is no comment; it must be refuted there, or with `at MARK` on the line below
`# at MARK` in one of these files. With `unknown` no proof may be found, with `refused` the front
end must not let it pass; `anywhere` is on whatever line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import z3

from verify.errors import UsageError
from verify.library import names_in
from verify.prepare import library_prover
from verify.result import Verdict
from verify.subset import check_library, check_proof

RULES = Path(__file__).parent / "structure_rules"
PACKAGES = {"": "libvig", "_proof": "libvig.proof", "_caller": "libvig"}
NAMES = sorted(f.stem for f in RULES.glob("[a-z]*.py") if "_" not in f.stem)
TWIN = re.compile(r"^( *)# (fails|unknown|refused)(?: at (\w+)| (anywhere))?: (.*)$")
WORDS = {"refuted": "fails", "unknown": "unknown", "proved": "proved"}


@dataclass(frozen=True)
class Twin:
    """A rule's file with one line changed, and what is to be said of it."""

    file: str
    line: int
    code: str
    word: str
    place: str | None  # to blame, None for any


def files_of(name: str) -> dict[Path, str]:
    """The files of a rule, and the packages in which they are proved."""
    files = {RULES / f"{name}{end}.py": package for end, package in PACKAGES.items()}
    return {file: package for file, package in files.items() if file.exists()}


def twins_of(name: str) -> list[Twin]:
    marks = {
        line.strip().removeprefix("# at "): f"{file.name}:{line_below(lines, number)}"
        for file in files_of(name)
        for lines in [file.read_text().splitlines()]
        for number, line in enumerate(lines, start=1)
        if line.strip().startswith("# at ")
    }
    return [twin for file in files_of(name) for twin in twins_in(file, marks)]


def twins_in(file: Path, marks: dict[str, str]) -> list[Twin]:
    lines = file.read_text().splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        match = TWIN.match(line)
        if match is None:
            continue
        indent, word, mark, anywhere, code = match.groups()
        changed = line_below(lines, number)
        place = f"{file.name}:{changed}" if mark is None else marks[mark]
        found.append(Twin(file.name, changed, indent + code, word, None if anywhere else place))
    return found


def line_below(lines: list[str], comment: int) -> int:
    """The number of the first line below a comment that is none."""
    return next(n for n in range(comment + 1, len(lines) + 1) if lines[n - 1].strip()[:1] != "#")


def said_of(name: str, folder: Path, twin: Twin | None = None) -> list[tuple[str, str]]:
    """What is said of a rule's files or of their twin, in the words above, and of which line."""
    z3.z3.Z3_DEBUG = False
    overlay = {}
    for file, package in files_of(name).items():
        lines = file.read_text().replace("tests.verify.structure_rules.", "libvig.").splitlines()
        if twin is not None and twin.file == file.name:
            lines[twin.line - 1] = twin.code
        overlay[f"{package}.{file.stem.removesuffix('_proof')}"] = folder / file.name
        (folder / file.name).write_text("\n".join(lines) + "\n")
    prover = library_prover(overlay)
    modules = [prover.program.load(full_name) for full_name in overlay]
    try:
        for module in modules:
            (check_proof if module.is_proof else check_library)(module)
        results = prover.library([name for module in modules for name in names_in(module)])
    except UsageError as error:
        return [("refused", ":".join(str(error).split(":")[:2]).rsplit("/", maxsplit=1)[-1])]
    return [(WORDS[r.verdict.value], r.place.rsplit("/", maxsplit=1)[-1]) for r in results]


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_is_kept(name: str, tmp_path: Path) -> None:
    said = said_of(name, tmp_path)
    assert said and {word for word, _ in said} == {Verdict.PROVED.value}, said


TWINS = [
    pytest.param(name, twin, id=f"{twin.file}:{twin.line}:{twin.code.strip()}")
    for name in NAMES
    for twin in twins_of(name)
]


@pytest.mark.parametrize(("name", "twin"), TWINS)
def test_a_breach_is_found(name: str, twin: Twin, tmp_path: Path) -> None:
    said = said_of(name, tmp_path, twin)
    places = [place for word, place in said if word == twin.word]
    assert places and (twin.place is None or twin.place in places), said


def test_a_proof_is_checked_though_its_module_was_loaded_before(tmp_path: Path) -> None:
    (tmp_path / "proof.py").write_text("def early() -> None:\n    pass\n")
    overlay = {
        "libvig.ghostly": RULES / "ghostly.py",
        "libvig.proof.ghostly": tmp_path / "proof.py",
    }
    prover = library_prover(overlay)
    with pytest.raises(UsageError, match=r"proof\.py:1"):
        prover.library(["libvig.ghostly.new_counter"])
