"""What the subset's reference says is refused is refused, with those words; the rest passes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.documents import Block, blocks
from tests.verify.test_subset import Rule, module_of
from verify import subset
from verify.shipped import FOLDER
from verify.subset_words import KINDS_OF, NATIVE, PYTHON_NAMES, REFUSED, VOCABULARY, Kind

TEXT = (Path(__file__).parents[1] / "docs" / "subset.md").read_text("utf-8")
MARK = re.compile(r"# refused: write (.*)$")


def examples() -> list[Rule]:
    """The blocks of code, each with where its code stands."""
    found = []
    for match in re.finditer(r"^```python ([\w ]+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        line = TEXT.count("\n", 0, match.start()) + 1
        found.append(Rule(f"line {line}", match[1], match[2], match[2]))
    return found


@pytest.mark.parametrize("rule", examples(), ids=lambda rule: rule.name)
def test_exactly_what_is_marked_is_refused(rule: Rule, tmp_path: Path) -> None:
    module = module_of(rule.text(rule.passing), tmp_path, rule.module)
    marks = [(n, MARK.search(line)) for n, line in enumerate(module.text.split("\n"), 1)]
    expected = {n: mark[1] for n, mark in marks if mark}
    found = subset.findings(module, rule.kind)
    assert {finding.site.line: str(finding) for finding in found}.keys() == expected.keys(), [
        str(finding) for finding in found if finding.site.line not in expected
    ]
    for line, advice in expected.items():
        said = [finding.write for finding in found if finding.site.line == line]
        assert advice in said


def test_every_refused_kind_of_syntax_has_an_example() -> None:
    trees = [ast.parse(rule.text(rule.refused)) for rule in examples()]
    assert not REFUSED.keys() - {type(node) for tree in trees for node in ast.walk(tree)}


def test_the_words_of_the_vocabulary() -> None:
    rows = re.findall(r"^\| `([\w.]+)`(?: \(specs only\))? \| (.*) \|$", TEXT, re.MULTILINE)
    listed = {module: set(re.findall(r"`(\w+)`", words)) for module, words in rows}
    known = {
        module: {n for n in names if {Kind.CODE, Kind.SPEC} & {*KINDS_OF.get(n, tuple(Kind))}}
        for module, names in VOCABULARY.items()
        if module not in (*NATIVE, "libvig.packet.word_sum", "libvig.proof.notation")
    }
    assert listed == known


def test_pythons_own_words() -> None:
    (words,) = re.findall(r"these are known: (.*?)\. ", TEXT, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", words)) == PYTHON_NAMES


def test_the_clock_is_required_as_in_the_nfs_that_keep_times() -> None:
    (line,) = re.findall(r"^(@require\(lambda self, now: .*flow.time.*)$", TEXT, re.MULTILINE)
    for nf in ("firewall", "maglev", "nat"):
        assert f"    {line}\n" in (FOLDER / f"{nf}.py").read_text("utf-8")


def test_the_first_example_is_what_the_command_prints(tmp_path: Path) -> None:
    (console,) = (block for block in blocks(TEXT) if block.language == "console")
    assert isinstance(console, Block)
    line = console.text.splitlines()[1]
    found, write = re.fullmatch(r"pyvigor: my_nf.py:31: found (.*); write (.*)", line).groups()  # type: ignore[union-attr]
    assert REFUSED[ast.While] == (found, write)
