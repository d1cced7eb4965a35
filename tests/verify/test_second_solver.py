"""`pyvigor verify --second-solver`: cvc5 is asked again what Z3 answered, and is heard."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path as File

import pytest
import z3

from tests.verify.test_verify_command import OTHER, changed_nop, verify
from verify import second_solver
from verify.cli import main
from verify.path import Path
from verify.result import Result, Verdict
from verify.second_solver import Answer, ask, ask_dead_end, attempt, heard

INT = z3.IntSort()
X = z3.Int("x")
F = z3.Function("f", INT, INT)


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command would take the interrupt for itself."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    yield
    second_solver.turn(on=False)


# ---------------------------------------------------------------- questions


def test_what_cannot_be_is_agreed() -> None:
    assert ask([X > 3, X % 4 == 0, X < 8, X / 2 != 2]) is Answer.AGREES


def test_laws_are_applied_where_their_patterns_match() -> None:
    law = z3.ForAll([X], F(X) > X, patterns=[F(X)])
    assert ask([law, F(F(5)) <= 5]) is Answer.AGREES
    assert ask([law, F(5) <= 6]) is not Answer.AGREES


def test_what_can_be_is_a_disagreement() -> None:
    assert ask([X > 3, F(X) == 0]) is Answer.DISAGREES


def test_division_of_negative_numbers_means_the_same_to_both() -> None:
    assert ask([X == -7, z3.Not(z3.And(X / 2 == -4, X % 2 == 1))]) is Answer.AGREES


def test_what_is_too_much_work_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_solver, "RESOURCES", 1)
    assert ask([X * X * X == 7, X > 100]) is Answer.UNDECIDED


def test_what_cvc5_cannot_read_is_undecided() -> None:
    assert (
        attempt("(set-logic ALL)(assert (no-such-function 1))(check-sat)", {}) is Answer.UNDECIDED
    )


# ---------------------------------------------------------------- properties


def test_a_right_nf_is_agreed_with() -> None:
    done = verify("nop", "--second-solver")
    assert done.returncode == 0
    assert "obligations agree, 0 disagree, 0 undecided" in done.stdout
    assert "obligations needed no solver, and were not asked" in done.stdout


def test_the_counts_add_up() -> None:
    report = json.loads(verify("nop", "--second-solver", "--output-format", "json").stdout)
    counts = report["second_solver"]
    assert counts["obligations"]["agree"] == counts["obligations"]["asked"] > 0
    every = sum(row["obligations"] for row in report["results"])
    assert counts["obligations"]["asked"] + counts["unasked"] == every


def test_without_the_option_nobody_asks() -> None:
    report = json.loads(verify("nop", "--output-format", "json").stdout)
    assert "second_solver" not in report


def test_a_solver_that_calls_everything_proved_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: File, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Path, "check", lambda *_: z3.unsat)
    wrong = changed_nop(tmp_path, OTHER, "packet.device", "nop")
    target = f"nop={wrong}::frames_leave_by_the_other_device"
    assert main(["verify", target, "--jobs", "1", "--second-solver"]) == 3
    said = capsys.readouterr().out
    assert "unknown  frames_leave_by_the_other_device" in said
    assert "THE SOLVERS DISAGREE" in said
    assert " DISAGREE, " in said
    assert "disagree in frames_leave_by_the_other_device:" in said


def test_a_branch_that_is_cut_off_wrongly_is_found_out() -> None:
    def run() -> Result:
        ask_dead_end(Path(), [X > 3])
        return Result("property", Verdict.PROVED)

    second_solver.turn(on=True)
    result = heard(run)
    assert result.verdict is Verdict.UNKNOWN
    assert result.second_opinion is not None
    assert result.second_opinion.dead_ends.disagree == ["dead end"]


def test_the_undecided_are_counted_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(second_solver, "attempt", lambda *_: Answer.UNDECIDED)
    target = "nop::only_the_ethernet_addresses_change"
    assert main(["verify", target, "--jobs", "1", "--second-solver"]) == 0
    said = capsys.readouterr().out
    assert "second solver (cvc5 " in said
    assert ": 0 of " in said and " 0 disagree, " in said
    assert "undecided in libvig.packet.ethernet.Ethernet.set_addresses:" in said
    assert "value fits 16 bits: store16(self.data, at, value >> 32) (libvig/packet/packet" in said


def test_without_cvc5_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "cvc5", None)
    assert main(["verify", "nop", "--second-solver"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "pyvigor: --second-solver: cvc5 is not installed; "
        "pip install 'pyvigor[second-solver]' does it\n"
    )
