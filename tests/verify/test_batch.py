"""`pyvigor verify` without a target: what it proves apart is put together again."""

from __future__ import annotations

import pytest

from verify import incremental
from verify.library import library_names
from verify.parallel import Forked
from verify.prepare import library_prover
from verify.prover import FunctionProver
from verify.result import Result, Verdict
from verify.sources import read


def proved_but(unproved: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Result]]:
    """The results if libvig is proved at once, but for one function of it."""

    def subject(self: FunctionProver, name: str) -> Result:
        return Result(name, Verdict.UNKNOWN if name == unproved else Verdict.PROVED)

    monkeypatch.setattr(FunctionProver, "subject", subject)
    targets = incremental.prove([read("nop")], Forked(2), whole_library=True)
    return {target.name: target.results for target in targets}


def test_all_of_libvig_and_the_network_functions_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    found = proved_but("", monkeypatch)
    assert list(found) == ["libvig", "nop"]
    names = [result.name for result in found["libvig"]]
    assert sorted(names) == sorted(library_names(library_prover().program, "libvig"))
    assert {result.verdict for results in found.values() for result in results} == {Verdict.PROVED}


def test_what_rests_on_something_unproved_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    relied = proved_but("", monkeypatch)["nop"][0].relied
    assert relied
    found = proved_but(relied[0], monkeypatch)
    assert [r.name for r in found["libvig"] if r.verdict is Verdict.UNKNOWN] == [relied[0]]
    process, constructor, *specs = found["nop"]
    assert constructor.verdict is Verdict.PROVED  # it is told apart, and relies on nothing
    assert specs
    assert {result.verdict for result in (process, *specs)} == {Verdict.UNKNOWN}
    assert f"rests on what is not proved: {relied[0]}" in process.reason
