"""The generator makes the mutants that it should, and the runner counts them truly."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.edits import path_of
from tests.mutants.__main__ import SUBJECTS, main
from tests.mutants.depends import Place
from tests.mutants.generate import is_harmless, mutants
from tests.mutants.kill import Verdict
from tests.mutants.kill import kill as rehearse_and_prove
from tests.mutants.mutant import Mutant, Part
from tests.mutants.prove import dependencies, unchanged
from tests.mutants.run import run, sampled
from tests.mutants.survivors import LISTED, Survivor, listed, survivor
from verify.prepare import library_prover
from verify.program import HOME

CODE = '''\
"""A module, 1 of its kind."""

LIMIT = 3


@require(lambda a: a >= 0 and a < LIMIT)
@ensure(lambda result: result > 0)
def f(a: int, b: int) -> int:
    """Return 1."""
    if a < b:
        put(a, b)
    return a + 1
'''
PROOF = """\
@about
class Ranked(Chain):
    @after(Chain.append)
    def last(self, index: int) -> None:
        self.latest += 1

    @always
    def known(self) -> bool:
        return self.latest >= 0
"""


def changed_lines(text: str, module: str = "libvig.example") -> dict[str, list[str]]:
    """By mutation, the lines that mutants have in place of others."""
    found: dict[str, list[str]] = {}
    for mutant in mutants(module, text):
        pairs = zip(text.splitlines(), mutant.source.splitlines(), strict=True)
        (new,) = [new.strip() for old, new in pairs if old != new]
        found.setdefault(mutant.mutation, []).append(new)
    return found


def test_every_mistake_is_made() -> None:
    assert changed_lines(CODE) == {
        "`require` left out": [""],
        "`a >= 0` left out": ["@require(lambda a: True and a < LIMIT)"],
        "`>` for `>=`": ["@require(lambda a: a > 0 and a < LIMIT)"],
        "`1` for `0`": [
            "@require(lambda a: a >= 1 and a < LIMIT)",
            "@ensure(lambda result: result > 1)",
        ],
        "`-1` for `0`": [
            "@require(lambda a: a >= (-1) and a < LIMIT)",
            "@ensure(lambda result: result > (-1))",
        ],
        "`or` for `and`": ["@require(lambda a: a >= 0 or a < LIMIT)"],
        "`a < LIMIT` left out": ["@require(lambda a: a >= 0 and True)"],
        "`<=` for `<`": ["@require(lambda a: a >= 0 and a <= LIMIT)", "if a <= b:"],
        "`ensure` left out": [""],
        "`>=` for `>`": ["@ensure(lambda result: result >= 0)"],
        "condition negated": ["if (not (a < b)):"],
        "statement left out": ["pass"],
        "`b` and `a` in each other's place": ["put(b, a)"],
        "`-` for `+`": ["return a - 1"],
        "`2` for `1`": ["return a + 2"],
        "`0` for `1`": ["return a + 0"],
    }


def test_of_a_proof_only_ghost_steps_are_changed() -> None:
    assert changed_lines(PROOF, "libvig.proof.example") == {
        "statement left out": ["pass"],
        "`-=` for `+=`": ["self.latest -= 1"],
        "`2` for `1`": ["self.latest += 2"],
        "`0` for `1`": ["self.latest += 0"],
    }


def test_a_mutant_says_where_it_is() -> None:
    mutant = mutants("libvig.example", CODE)[-1]
    assert mutant.description == "libvig/example.py:12: `2` for `1`, in `return a + 1`"
    assert mutant.function == "f"


def test_what_is_changed_may_stand_on_several_lines() -> None:
    text = "def f(a):\n    g(  # é\n        a,\n        1,\n    )\n    return a\n"
    left_out = next(m for m in mutants("x", text) if m.mutation == "statement left out")
    assert left_out.source == "def f(a):\n    pass\n\n\n\n    return a\n"


@pytest.mark.parametrize("module", [name for name in SUBJECTS if path_of(name).exists()])
def test_mutants_are_other_programs_of_the_same_lines(module: str) -> None:
    text = path_of(module).read_text("utf-8")
    found = mutants(module)
    assert found == mutants(module)
    assert len({mutant.source for mutant in found}) == len(found)
    before = ast.dump(ast.parse(text))
    assert all(ast.dump(ast.parse(m.source)) != before for m in sampled(found, 20, 0))
    for mutant in found:
        assert mutant.source.count("\n") == text.count("\n")
        assert mutant.line == text.splitlines()[mutant.number - 1].strip()


def test_a_sample_is_the_same_every_time() -> None:
    every = mutants("libvig.vector")
    assert sampled(every, 5, 1) == sampled(every, 5, 1) != sampled(every, 5, 2)
    assert sampled(every, 1000, 1) == every


# ---------------------------------------------------------------- the runner


def by_mutation(mutant: Mutant) -> Verdict:
    """A killer that lets one mutant live, does not understand one, and breaks on another."""
    if "a <= b" in mutant.source:
        return Verdict("survived")
    if "a - 1" in mutant.source:
        return Verdict("refused", "what is `-`?")
    if "a + 2" in mutant.source:
        raise RecursionError("too deep")
    return Verdict("killed", "", "proof")


def shown(reviewed: dict[Survivor, str], chosen: list[Mutant]) -> tuple[int, str, list[str]]:
    lines: list[str] = []
    kill = f"{__name__}:by_mutation"
    score = run(EVERY, chosen, kill=kill, reviewed=reviewed, processes=1, tell=lines.append)
    return score.status, score.text, lines


EVERY = mutants("libvig.example", CODE)
SOUND = [mutant for mutant in EVERY if "a + 2" not in mutant.source]
ALIVE = next(mutant for mutant in EVERY if "a <= b" in mutant.source)


def test_an_unlisted_survivor_fails() -> None:
    status, text, lines = shown({}, SOUND)
    assert status == 1
    assert text.endswith("0 more are listed as harmless; 1 survived, 1 refused, 0 errors")
    assert lines == [
        "SURVIVED  libvig/example.py:10: `<=` for `<`, in `if a < b:`",
        "REFUSED   libvig/example.py:12: `-` for `+`, in `return a + 1`: what is `-`?",
    ]


def test_a_listed_survivor_passes() -> None:
    status, text, lines = shown({survivor(ALIVE): "b is never a"}, SOUND)
    assert status == 0
    assert [line.split()[0] for line in lines] == ["REFUSED"]
    assert f"{len(SOUND) - 2} of {len(SOUND) - 1} mutants killed" in text


def test_a_listed_survivor_that_is_killed_fails() -> None:
    reviewed = {survivor(ALIVE): "", survivor(SOUND[0]): "nobody looks"}
    status, _, lines = shown(reviewed, SOUND)
    assert status == 1
    assert [line.split()[0] for line in lines] == ["REFUSED", "OUTDATED"]


def test_a_listed_survivor_that_does_not_exist_fails() -> None:
    reviewed = {survivor(ALIVE): "", survivor(ALIVE)._replace(line="gone"): ""}
    status, _, lines = shown(reviewed, SOUND)
    assert status == 1
    assert lines[1:] == ["OUTDATED  libvig.example, f: `<=` for `<`, in `gone`"]


def test_an_exception_is_an_error_and_not_a_kill() -> None:
    status, text, lines = shown({survivor(ALIVE): ""}, EVERY)
    assert status == 2
    assert text.endswith("1 errors")
    assert any(line.startswith("ERROR ") and "RecursionError" in line for line in lines)


def test_processes_give_the_same_as_one() -> None:
    lines: list[str] = []
    kill = f"{__name__}:by_mutation"
    score = run(EVERY, SOUND, kill=kill, reviewed={}, processes=2, tell=lines.append)
    assert (len(score.killed), score.unlisted) == (len(SOUND) - 2, [ALIVE])


def test_what_is_listed_has_a_reason(tmp_path: Path) -> None:
    listed(LISTED)
    file = tmp_path / "survivors.toml"
    file.write_text(
        '[[survivor]]\nmodule = "m"\nfunction = "f"\nline = "x"\nmutation = "y"\nreason = " "\n'
    )
    with pytest.raises(ValueError, match="no reason"):
        listed(file)


def test_mutants_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["libvig.vector", "--list", "--sample", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


# ---------------------------------------------------------------- what judges


def concerned_by(name: str, part: Part) -> set[str]:
    found = dependencies().provers_of(Place(f"libvig.{name}", part))
    return {proved.removeprefix("libvig.") for proved in found}


def test_a_body_concerns_its_own_proof() -> None:
    assert concerned_by("double_chain.DoubleChain.touch", "body") == {
        "double_chain.DoubleChain.touch"
    }


def test_a_contract_concerns_its_callers_too() -> None:
    assert concerned_by("double_chain.DoubleChain.touch", "contract") >= {
        "double_chain.DoubleChain.touch",
        "flow_table.FlowTable.touch",
    }


def test_a_helper_concerns_what_calls_it() -> None:
    assert concerned_by("double_chain.DoubleChain._append", "body") == {
        "double_chain.DoubleChain.allocate",
        "double_chain.DoubleChain.touch",
    }


def test_a_ghost_step_concerns_what_it_follows() -> None:
    assert concerned_by("proof.double_chain.Ranked.top", "body") == {
        "double_chain.DoubleChain.release"
    }


def test_what_a_proof_relies_on_is_known_to_concern_it() -> None:
    for name in ("libvig.flow_table.FlowTable.expire", "libvig.proof.vector.what_is_set_is_got"):
        relied = library_prover().subject(name).relied
        # A constructor is relied on for there being a structure at all, not for what it promises.
        # What asks for memory is never changed: it has no effect.
        for used in [used for used in relied if ".new_" not in used and not is_harmless(used)]:
            assert name in dependencies().provers_of(Place(used, "contract"))


def judged(module: str, function: str, mutation: str) -> Verdict:
    return rehearse_and_prove(
        next(
            m
            for m in mutants(f"libvig.{module}")
            if (m.function, m.mutation) == (function, mutation)
        )
    )


def test_what_only_the_prover_notices_is_killed() -> None:
    verdict = judged("double_chain", "DoubleChain.oldest_before", "`ensure` left out")
    assert (verdict.outcome, verdict.by) == ("killed", "proof")
    verdict = judged("vector", "Vector", "`invariant` left out")
    assert (verdict.outcome, verdict.by) == ("killed", "proof")


QUICK = ["vector", "flow_key", "token_bucket", "packet.checksum"]


@pytest.mark.slow
def test_a_sample_of_mutants_is_noticed() -> None:
    modules = [f"libvig.{name}" for name in QUICK]
    # In a process of its own: what a solver can do with few units depends on what it did before.
    command = [
        sys.executable,
        "-m",
        "tests.mutants",
        *modules,
        "--sample",
        "15",
        "--processes",
        "1",
    ]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 survived, 0 refused, 0 errors" in done.stdout


def test_clients_are_theorems_that_hold() -> None:
    for name in dependencies().subjects:
        if name.startswith("libvig.proof.clients."):
            assert unchanged(name).proved
