"""No wrong structure is proved: it fails in the method, and on the line, that is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from libvig.proof.rehearsal import rehearse
from tests.edits import ROOT, path_of
from tests.verify.nfs import line_at
from tests.verify.structures import (
    correct_structure,
    edited,
    perform,
    prove,
    structures_in,
    write_structure,
    wrong_structure,
)
from verify import laws, rehearsals
from verify.result import Verdict

BUDGET = 2_000_000  # of the solver's units for an obligation: what is wrong uses all of it up

WRONG = structures_in("wrong_structures")
CORRECT = structures_in("correct_structures")


def name_of(description: Path) -> str:
    return description.stem


each_wrong = pytest.mark.parametrize("description", WRONG, ids=name_of)
each_correct = pytest.mark.parametrize("description", CORRECT, ids=name_of)


@pytest.mark.slow
@each_wrong
def test_a_wrong_structure_is_not_proved(
    description: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = wrong_structure(description)
    monkeypatch.setattr(laws, "RESOURCE_LIMIT", BUDGET)
    if Verdict(wrong.kind) is Verdict.UNKNOWN:
        monkeypatch.setattr(rehearsals, "SEARCHES", 1)  # it is not found by more of them
    file = write_structure(tmp_path, wrong)

    (result,) = prove(wrong.module, file, [wrong.method])

    assert result.verdict is Verdict(wrong.kind), f"{result.place}: {result.reason}"
    expected = file if ROOT / wrong.file == path_of(wrong.module) else ROOT / wrong.file
    assert line_at(result.place) == (expected, wrong.line)


@pytest.mark.slow
@each_correct
def test_a_correct_variant_is_proved(description: Path, tmp_path: Path) -> None:
    correct = correct_structure(description)
    file = write_structure(tmp_path, correct)

    results = prove(correct.module, file, correct.methods)

    assert [r for r in results if r.verdict is not Verdict.PROVED] == []


@each_wrong
def test_the_calls_show_that_the_bug_is_one(description: Path, tmp_path: Path) -> None:
    wrong = wrong_structure(description)
    perform(wrong.calls, wrong.module)
    with pytest.raises(Exception):  # noqa: B017 (a contract, an index, an assert)
        perform(wrong.calls, wrong.module, write_structure(tmp_path, wrong))


@each_correct
def test_a_correct_variant_does_what_its_contracts_say(description: Path, tmp_path: Path) -> None:
    correct = correct_structure(description)
    file = write_structure(tmp_path, correct)
    outcome = rehearse(correct.module, steps=100, sources={correct.module: file})
    assert outcome.failure is None, str(outcome.failure)
    assert outcome.calls >= 100


@each_wrong
def test_the_expected_line_is_there(description: Path) -> None:
    wrong = wrong_structure(description)
    path = ROOT / wrong.file
    text = edited(wrong) if path == path_of(wrong.module) else path.read_text()
    assert wrong.line in [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize("description", [*WRONG, *CORRECT], ids=name_of)
def test_every_edit_changes_the_structure_to_another_program(description: Path) -> None:
    structure = (wrong_structure if description in WRONG else correct_structure)(description)
    compile(edited(structure), structure.module, "exec")
    assert all(edit.old != edit.new for edit in structure.edits)


def test_the_corpus_is_as_big_as_promised() -> None:
    wrong = [wrong_structure(description) for description in WRONG]
    modules = [structure.module for structure in wrong]
    assert all(modules.count(module) >= 2 for module in modules)
    assert [structure.kind for structure in wrong].count("refuted") >= 50
    assert len(CORRECT) >= 4
