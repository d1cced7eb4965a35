"""What is said of libVig's code and proofs where they are wrong: what was seen, once, in short."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from libvig.proof import rehearsal
from libvig.proof.rehearsal import rehearse, rehearse_one, words
from tests.edits import overlay
from verify import laws
from verify.errors import UsageError
from verify.library import library_names
from verify.prepare import library_prover
from verify.result import Result, Verdict
from verify.save import save, save_tests

TOKEN_BUCKET = "libvig.token_bucket"
MAGLEV = "libvig.maglev"
CHAIN = "libvig.double_chain"


def said_of(files: dict[str, Path], name: str) -> Result:
    return library_prover(files).subject(name)


# ---------------------------------------------------------------- bugs that CPython does not see


def test_an_overflow_is_refuted_by_numbers_that_overflow(tmp_path: Path) -> None:
    files = overlay(tmp_path, TOKEN_BUCKET, ("elapsed >= fill_time", "elapsed > fill_time"))

    result = said_of(files, f"{TOKEN_BUCKET}.filled")

    assert result.verdict is Verdict.REFUTED
    assert result.reason == "fits 64 bits: level + elapsed * rate"
    (seen,) = re.findall(
        r"seen: OverflowError: (\d+) does not fit 64 bits", "\n".join(result.details)
    )
    assert int(seen) >= 2**63


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("a + b", "does not fit 64 bits"),
        ("-b - 2", "does not fit 64 bits"),
        ("a // (a - 2)", "-1 is no positive divisor"),
        ("a % (a - 1)", "0 is no positive divisor"),
        ("a << b", "is no shift"),
    ],
)
def test_what_native_code_would_get_wrong_is_seen(code: str, seen: str) -> None:
    for text in (f"return {code}", f"c = 0\nc += {code}\nreturn c"):
        tree = ast.parse("def f(a, b):\n" + indent(text, "    "))
        (function,) = tree.body
        assert isinstance(function, ast.FunctionDef)
        function.body = words.checked(function.body)
        names: dict[str, Any] = dict(words.NAMES)
        exec(compile(ast.fix_missing_locations(tree), "<code>", "exec"), names)
        with pytest.raises((ArithmeticError, ValueError), match=seen):
            names["f"](1, 2**63 - 1)


def test_a_division_by_zero_is_refuted(tmp_path: Path) -> None:
    files = overlay(tmp_path, MAGLEV, ("% (self.slots - 1)", "% (self.slots - 2)"))

    result = said_of(files, f"{MAGLEV}.PreferenceList.slot")

    assert result.verdict is Verdict.REFUTED
    assert "slots=2)" in "".join(result.details)
    assert any("ZeroDivisionError" in line for line in result.details)


def test_an_overflow_is_found_without_the_solver(tmp_path: Path) -> None:
    files = overlay(tmp_path, TOKEN_BUCKET, ("elapsed >= fill_time", "elapsed > fill_time"))
    outcome = rehearse_one(TOKEN_BUCKET, "filled", sources=files)
    assert outcome.failure is not None
    assert "does not fit 64 bits" in outcome.failure.reason


# ---------------------------------------------------------------- how it is told


def test_what_is_refuted_is_told_by_few_calls_and_plain_values(tmp_path: Path) -> None:
    files = overlay(tmp_path, CHAIN, ("self.stamp[index] >= limit", "self.stamp[index] > limit"))

    result = said_of(files, f"{CHAIN}.DoubleChain.oldest_before")

    text = "\n".join(result.details)
    assert result.verdict is Verdict.REFUTED
    assert "gave up" not in result.reason + text
    assert "replay" not in result.reason + text
    first = result.details.index("calls that show it:") + 1
    calls = [line.strip() for line in result.details[first:] if line.strip().startswith("chain")]
    assert calls[0] == "chain = new_double_chain(capacity=1)"
    assert calls[1].startswith("chain.allocate(now=")
    assert calls[-1].startswith("chain.oldest_before(limit=")
    assert len(calls) <= 4
    assert "self = DoubleChain(prev=[1, 0, -1]" in text
    assert "StrictArray" not in text
    assert "Ranked" not in text


def test_what_is_seen_is_the_headline_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The solver cannot prove what is told of keys in the proof; calls break the contract."""
    monkeypatch.setattr(laws, "RESOURCE_LIMIT", 2_000_000)
    wanted = (
        "    @require(lambda self, key: all(other != key for other in self.entries.values()))\n"
    )
    files = overlay(tmp_path, "libvig.hash_map", (wanted, ""))

    result = said_of(files, "libvig.hash_map.HashMap.insert")

    assert result.verdict is Verdict.REFUTED
    assert result.reason == "contract: all_different(self.entries.values())"
    assert result.place.startswith(f"{tmp_path}/hash_map.py:")
    assert result.details[0] == "calls that show it:"


def test_a_bug_counts_once(tmp_path: Path) -> None:
    """The class is about its invariants and its view; who does not rest on the method is proved."""
    files = overlay(tmp_path, CHAIN, ("self.stamp[index] >= limit", "self.stamp[index] > limit"))
    prover = library_prover(files)

    names = [f"{CHAIN}.DoubleChain{name}" for name in ("", ".oldest_before", ".is_allocated")]
    said = {result.name: result.verdict for result in prover.library(names)}

    assert said == dict(zip(names, [Verdict.PROVED, Verdict.REFUTED, Verdict.PROVED], strict=True))


def test_a_saved_test_fails_until_the_bug_is_mended(tmp_path: Path) -> None:
    files = overlay(tmp_path, CHAIN, ("self.stamp[index] >= limit", "self.stamp[index] > limit"))
    result = said_of(files, f"{CHAIN}.DoubleChain.oldest_before")
    saved = tmp_path / "test_found.py"
    save_tests(str(saved), [result])
    (test,) = [f for name, f in runpy.run_path(str(saved)).items() if name.startswith("test_")]

    with pytest.raises(Exception, match="entries"):
        test()

    overlay(tmp_path, CHAIN)
    test()


def test_no_capture_is_written_for_calls(tmp_path: Path) -> None:
    refuted = Result("libvig.x.f", Verdict.REFUTED)
    save([refuted], str(tmp_path / "found.pcapng"), None)
    assert not (tmp_path / "found.pcapng").exists()


# ---------------------------------------------------------------- what is no verdict


def test_without_arguments_that_are_allowed_nothing_is_refuted(tmp_path: Path) -> None:
    required = "@require(lambda capacity: 1 <= capacity <= MAX_CAPACITY)\n"
    files = overlay(
        tmp_path, CHAIN, (required, required + "@require(lambda capacity: capacity < 1)\n")
    )

    result = said_of(files, f"{CHAIN}.new_double_chain")

    assert result.verdict is Verdict.UNKNOWN
    assert result.reason.startswith("vacuous")
    assert "random calls" not in result.reason
    assert rehearse(CHAIN, steps=5, sources=files).failure is None


def test_errors_of_the_rehearsal_are_no_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a mistake of its own")

    monkeypatch.setattr(rehearsal.rehearse, "allowed", broken, raising=False)
    monkeypatch.setattr("libvig.proof.rehearsal.play.allowed", broken)
    with pytest.raises(ValueError, match="a mistake of its own"):
        rehearsal.Play(CHAIN).fails((rehearsal.Call("new_double_chain", {"capacity": 1}),))


PROOF = "libvig.proof.hash_map"


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("@decreases(HashMap.insert)", "@decreases(HashMap.insrt)", "`HashMap.insrt`"),
        (
            "@always\n    @loop(HashMap.remove)\n    def sizes",
            "@allways\n    def sizes",
            "`@allways`",
        ),
    ],
)
def test_a_mistake_in_a_proof_file_is_bad_input(
    tmp_path: Path, old: str, new: str, part: str
) -> None:
    files = overlay(tmp_path, "libvig.proof.hash_map", (old, new))
    with pytest.raises(UsageError, match=r"hash_map\.py:\d+: ") as error:
        said_of(files, "libvig.hash_map.HashMap")
    assert part in str(error.value)


def test_a_parameter_that_is_no_local_is_bad_input(tmp_path: Path) -> None:
    files = overlay(
        tmp_path,
        "libvig.proof.checksum",
        ("region(stop: int, at: int)", "region(stop: int, ax: int)"),
    )
    with pytest.raises(UsageError, match=r"checksum\.py:\d+: found `ax` in `@loop`"):
        said_of(files, "libvig.packet.checksum.internet_checksum")


# ---------------------------------------------------------------- the rule of the view


def test_a_method_that_changes_the_view_names_old(tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text(SILENT)
    found = rehearse("libvig.silent", sources={"libvig.silent": silent}).failure
    assert found is not None
    assert "name OLD in an `@ensure`, as this method changes the view" in found.reason
    result = said_of({"libvig.silent": silent}, "libvig.silent.Row.put")
    assert result.verdict is Verdict.REFUTED
    assert "name OLD in an `@ensure`, as this method changes the view" in result.reason


SILENT = """
from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, require, view
from libvig.types import I64


@compiled_class
class Row(NamedTuple):
    number: I64

    @property
    def capacity(self) -> int:
        return len(self.number)

    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.number[i]) for i in range(len(self.number))}

    @require(lambda self, index: 0 <= index < self.capacity)
    @ensure(lambda self, index, number: self.entries[index] == number)
    def put(self, index: int, number: int) -> None:
        self.number[index] = number


@require(lambda capacity: 1 <= capacity <= 9)
@ensure(lambda capacity, result: result.capacity == capacity)
def new_row(capacity: int) -> Row:
    return Row(np.zeros(capacity, np.int64))
"""


# ---------------------------------------------------------------- targets


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("libvig/vector.py::Vector.gett", "did you mean Vector.get?"),
        ("libvig/proof/double_chain.py", "pyvigor verify libvig/double_chain.py"),
    ],
)
def test_what_is_not_there_is_told_with_what_may_be_meant(target: str, part: str) -> None:
    with pytest.raises(UsageError) as error:
        library_names(library_prover().program, target)
    assert part in str(error.value)


def test_a_class_is_proved_with_all_its_methods() -> None:
    names = library_names(library_prover().program, "libvig/vector.py::Vector")
    assert names == [f"libvig.vector.Vector{name}" for name in ("", ".get", ".set", ".fetch")]


def test_the_folder_is_all_of_it() -> None:
    program = library_prover().program
    assert library_names(program, "libvig/") == library_names(program, "libvig")
