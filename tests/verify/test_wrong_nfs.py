"""Every wrong NF is refuted by the property, and on the line, that its description names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.edits import ROOT
from tests.verify.known import results_of
from tests.verify.nfs import (
    correct_nf,
    described,
    edited,
    line_at,
    nf_of,
    prover_of,
    result_of,
    source_of,
    write_nf,
    wrong_nf,
)
from verify.result import Verdict

WRONG = described("wrong")
CORRECT = described("correct")


def name_of(description: Path) -> str:
    return f"{nf_of(description)}: {description.stem}"


@pytest.mark.slow
@pytest.mark.parametrize("description", WRONG, ids=name_of)
def test_a_wrong_nf_is_refuted_on_the_expected_line(description: Path, tmp_path: Path) -> None:
    wrong = wrong_nf(description)
    file = write_nf(tmp_path, wrong)

    result = result_of(prover_of(wrong.nf, file), wrong.property)

    assert result.verdict is Verdict.REFUTED, f"{result.place}: {result.reason}"
    assert result.details[-1].startswith("replayed: ")
    expected = ROOT / wrong.file
    if expected == source_of(wrong.nf):
        expected = file
    assert line_at(result.place) == (expected, wrong.line)


@pytest.mark.slow
@pytest.mark.parametrize("description", CORRECT, ids=name_of)
def test_a_correct_variant_is_proved(description: Path, tmp_path: Path) -> None:
    variant = correct_nf(description)
    prover = prover_of(variant.nf, write_nf(tmp_path, variant))
    results = results_of(prover)
    assert len(results) > len(prover.specs) > 0
    undecided = [r for r in results if r.verdict is not Verdict.PROVED]
    assert undecided == []


def test_the_corpus_is_as_big_as_promised() -> None:
    wrong = Counter(map(nf_of, WRONG))
    assert wrong["nat"] >= 16
    assert min(wrong.values()) >= 8
    assert len(CORRECT) >= 4


@pytest.mark.parametrize("description", [*WRONG, *CORRECT], ids=name_of)
def test_every_edit_changes_the_nf_to_another_program(description: Path) -> None:
    variant = wrong_nf(description) if description in WRONG else correct_nf(description)
    compile(edited(variant), f"{variant.nf}.py", "exec")
    assert variant.edits
    assert all(edit.old != edit.new for edit in variant.edits)
