"""Every wrong NAT is refuted by the property, and on the line, that its description names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.known import results_of
from tests.verify.nats import (
    ROOT,
    correct_nat,
    described_in,
    edited,
    line_at,
    prover_of,
    result_of,
    write_nat,
    wrong_nat,
)
from verify.result import Verdict

WRONG = described_in("wrong_nats")
CORRECT = described_in("correct_nats")


def name_of(description: Path) -> str:
    return description.stem


@pytest.mark.slow
@pytest.mark.parametrize("description", WRONG, ids=name_of)
def test_a_wrong_nat_is_refuted_on_the_expected_line(description: Path, tmp_path: Path) -> None:
    wrong = wrong_nat(description)
    file = write_nat(tmp_path, wrong.edits)

    result = result_of(prover_of(file), wrong.property)

    assert result.verdict is Verdict.REFUTED, f"{result.place}: {result.reason}"
    assert result.details[-1].startswith("replayed: ")
    expected = file if wrong.file == "nfs/nat.py" else ROOT / wrong.file
    assert line_at(result.place) == (expected, wrong.line)


@pytest.mark.slow
@pytest.mark.parametrize("description", CORRECT, ids=name_of)
def test_a_correct_variant_is_proved(description: Path, tmp_path: Path) -> None:
    prover = prover_of(write_nat(tmp_path, correct_nat(description).edits))
    results = results_of(prover)
    assert len(results) > len(prover.specs) > 0
    undecided = [r for r in results if r.verdict is not Verdict.PROVED]
    assert undecided == []


def test_the_corpus_is_as_big_as_promised() -> None:
    assert len(WRONG) >= 16
    assert len(CORRECT) >= 4


@pytest.mark.parametrize("description", [*WRONG, *CORRECT], ids=name_of)
def test_every_edit_changes_the_nat_to_another_program(description: Path) -> None:
    edits = (wrong_nat if description in WRONG else correct_nat)(description).edits
    compile(edited(edits), "nat.py", "exec")
    assert edits
    assert all(edit.old != edit.new for edit in edits)
