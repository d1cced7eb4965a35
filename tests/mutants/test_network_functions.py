"""The mutants of network functions are those that their proofs should notice, and do."""

from __future__ import annotations

import pytest

from tests.mutants.__main__ import main
from tests.mutants.kill import Verdict
from tests.mutants.network_functions import LISTED, comparisons, is_stricter, kill, mutants_of
from tests.mutants.survivors import listed, unknown
from verify.shipped import shipped


def judged(line: str, mutation: str) -> Verdict:
    (mutant,) = (m for m in mutants_of("nop") if (m.line, m.mutation) == (line, mutation))
    return kill(mutant)


def test_what_a_spec_notices_is_killed() -> None:
    verdict = judged("device = 1 if packet.device == 0 else 0", "condition negated")
    assert (verdict.outcome, verdict.by) == ("killed", "refuted")
    assert verdict.reason.startswith("frames_leave_by_the_other_device: ")


def test_what_makes_no_program_is_killed_by_the_subset() -> None:
    verdict = judged("ethernet = Ethernet(packet)", "statement left out")
    assert (verdict.outcome, verdict.by) == ("killed", "subset")


def test_what_nothing_counts_on_survives() -> None:
    assert judged("@require(lambda now: 0 <= now <= MAX_TIME)", "`require` left out") == Verdict(
        "survived"
    )


@pytest.mark.parametrize(
    ("before", "after", "stricter"),
    [
        ("1 <= a <= 9", "1 < a <= 9", True),
        ("1 <= a <= 9", "2 <= a <= 9", True),
        ("1 <= a <= 9", "0 <= a <= 9", False),
        ("1 <= a <= 2**3", "1 <= a <= 2**2", True),
        ("1 <= a <= 2**3", "1 <= a <= 2**4", False),
        ("a >= 1", "a >= 2", True),
        ("a >= 1", "a >= 0", False),
        ("a < b", "a <= b", False),
        ("a == 1", "a == 2", False),
        ("a < 1 and b", "True and b", False),
    ],
)
def test_what_asks_for_more_is_known(before: str, after: str, stricter: bool) -> None:
    assert is_stricter(comparisons(before), after) == stricter


def test_rules_for_settings_are_not_made_stricter() -> None:
    made = {(m.line, m.mutation) for m in mutants_of("nop") if "now:" in m.line}
    line = "@require(lambda now: 0 <= now <= MAX_TIME)"
    assert made == {(line, "`require` left out"), (line, "`-1` for `0`")}


def test_every_listed_survivor_is_a_mutant() -> None:
    assert unknown(listed(LISTED), [m for name in shipped() for m in mutants_of(name)]) == []


@pytest.mark.slow
def test_every_mutant_of_the_simplest_network_function_is_noticed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(["--nf", "nop", "--processes", "1"])
    said = capsys.readouterr().out
    assert status == 0, said
    assert "0 survived, 0 refused, 0 errors" in said
