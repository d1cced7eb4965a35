"""The search finds what is wrong, and says no more than it has seen."""

from __future__ import annotations

import sys

import pytest

from tests.crosshair.__main__ import main, said
from tests.crosshair.search import ROOT, Found, Trouble, search, structures
from tests.edits import edited_text
from verify.crosshair.cells import Cells, numpy
from verify.crosshair.plain import Plain
from verify.program import Program

SECONDS = 120.0  # usually a few

WRONG = {
    "an expiry off by one": (
        "double_chain",
        "libvig.double_chain",
        "self.stamp[index] >= limit",
        "self.stamp[index] > limit",
    ),
    "keys compared by one word": (
        "hash_map",
        "libvig.hash_map",
        " and int(self.second[index]) == key.second",
        "",
    ),
    "an expiry of one key alone": (
        "key_table",
        "libvig.key_table",
        "self.horizon[0] = max(int(self.horizon[0]), limit)",
        "pass",
    ),
    "a key on the horizon forgotten": (
        "key_table",
        "libvig.key_table",
        "self.chain.time_of(index) < self.horizon[0]",
        "self.chain.time_of(index) <= self.horizon[0]",
    ),
    "a way back that does not end": (
        "key_table",
        "libvig.key_table",
        "            while index >= 0:\n                self._clear(index)\n",
        "            while index >= 0:\n",
    ),
    "a flow that is not refreshed": (
        "flow_table",
        "libvig.flow_table",
        "self.table.touch(index, now)",
        "pass",
    ),
    "a ring that is not advanced": (
        "port_allocator",
        "libvig.port_allocator",
        "        self.oldest[0] = at + 1 if at + 1 < len(self.resting) else 0\n",
        "",
    ),
    "one word for all": (
        "vector",
        "libvig.vector",
        "self.words[index] = word",
        "self.words[0] = word",
    ),
    "a bucket that overflows": (
        "token_bucket",
        "libvig.token_bucket",
        "return min(full, level + elapsed * rate)",
        "return level + elapsed * rate",
    ),
    "a backend that keeps its slots": (
        "maglev",
        "libvig.maglev",
        "            self._fill()\n",
        "            if is_live:\n                self._fill()\n",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", WRONG)
def test_a_wrong_structure_is_found_out(bug: str) -> None:
    structure, module, old, new = WRONG[bug]
    found = search(structure, SECONDS, {module: edited_text(module, (old, new))})
    assert found.counterexample is not None
    assert "when calling drive" in found.counterexample


def test_each_structure_with_a_driver_has_a_wrong_one_to_find() -> None:
    assert {structure for structure, *_ in WRONG.values()} == set(structures())


def test_paths_come_to_the_end_where_nothing_is_wrong() -> None:
    found = search("port_allocator", 3)
    assert found.counterexample is None
    assert found.paths > 0


def test_a_search_that_sees_nothing_is_an_error() -> None:
    with pytest.raises(Trouble, match="no path came to its end"):
        search("vector", 0)


def test_a_search_that_breaks_off_is_an_error() -> None:
    with pytest.raises(Trouble, match="SyntaxError"):
        search("vector", 5, {"libvig.vector": "("})


def test_contracts_stay_on_in_this_process() -> None:
    """CrossHair switches them off where it is imported."""
    assert not any(name.partition(".")[0] == "crosshair" for name in sys.modules)


def test_silence_is_not_called_a_proof() -> None:
    line = said(Found("vector", None, 7), 20)
    assert "no counterexample within the budget: 7 paths in 20 s" in line
    assert not any(word in line for word in ("proved", "confirmed", "correct"))


@pytest.mark.parametrize(
    ("outcome", "status", "text"),
    [
        (Found("vector", None, 7), 0, "no counterexample within the budget"),
        (Found("vector", "AssertionError when calling drive(0)", 7), 1, "COUNTEREXAMPLE"),
        (Trouble("vector: no path"), 2, "NOTHING SEARCHED"),
    ],
)
def test_the_exit_status_says_what_came_of_it(
    outcome: Found | Trouble,
    status: int,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def found(structure: str, seconds: float) -> Found:
        if isinstance(outcome, Trouble):
            raise outcome
        return outcome

    monkeypatch.setattr("tests.crosshair.__main__.search", found)
    assert main(["vector"]) == status
    assert text in capsys.readouterr().out


def test_an_unknown_structure_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["heap"])
    assert "no driver for heap" in capsys.readouterr().err


def test_plain_structures_have_no_contracts() -> None:
    chain = Plain(Program([ROOT])).load("libvig.double_chain").new_double_chain(1)
    chain.allocate(5)
    assert chain.allocate(4) == -1  # time that falls: a contract would have refused it
    assert chain.entries == {0: 5}


def test_cells_are_stricter_than_arrays() -> None:
    cells = numpy.full(2, 7, numpy.int32)
    with pytest.raises(IndexError):
        cells[-1]
    with pytest.raises(IndexError):
        cells[2] = 0
    with pytest.raises(OverflowError):
        cells[0] = 2**31
    cells[:1] = Cells([3], numpy.int32)
    assert cells.values == [3, 7]
