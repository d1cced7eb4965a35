"""The prover behind the pytest plugin: what it is asked once, it proves once."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.verify.spec_projects import SPECS, project
from verify.one_by_one import CONSTRUCTOR, PROCESS, SPEC, OneByOne, Part
from verify.parallel import Lost
from verify.result import Result, Verdict


def test_what_rests_on_an_unproved_part_of_libvig_fails(tmp_path: Path) -> None:
    nf = project(tmp_path)
    name = "libvig.vector.Vector.get"
    known = {name: Result(name, Verdict.UNKNOWN, "libvig/vector.py:1", reason="gave up")}
    prover = OneByOne(str(nf), str(nf.parent / "specs" / nf.name), known, 1)
    try:
        process = prover.prove(Part(PROCESS, "process")).result
        assert process.verdict is Verdict.UNKNOWN
        assert process.reason == f"rests on what is not proved: {name}"
        spec = prover.prove(Part(SPEC, SPECS[0])).result
        assert spec.verdict is Verdict.UNKNOWN
        assert spec.reason == f"rests on what is not proved: {process.name}"
        assert prover.prove(Part(CONSTRUCTOR, "new_my_nf")).result.verdict is Verdict.PROVED
    finally:
        prover.close()


def test_process_is_executed_and_libvig_proved_only_once(tmp_path: Path) -> None:
    nf = project(tmp_path)
    specs, process = str(nf.parent / "specs" / nf.name), Part(PROCESS, "process")
    prover = OneByOne(str(nf), specs, {}, 1)
    try:
        first, again = prover.prove(process), prover.prove(process)
    finally:
        prover.close()
    assert first.result.seconds == again.result.seconds
    known = {result.name: result for result in first.library}
    assert "libvig.vector.Vector.get" in known
    assert again.library == []

    other = OneByOne(str(nf), specs, known, 1)
    try:
        assert {result.name for result in other.prove(process).library}.isdisjoint(known)
    finally:
        other.close()


def test_a_prover_that_dies_is_told(tmp_path: Path) -> None:
    nf = project(tmp_path)
    prover = OneByOne(str(nf), str(nf.parent / "specs" / nf.name), {}, 1)
    (process,) = multiprocessing.active_children()
    process.kill()
    with pytest.raises(Lost, match="the prover ended by itself, with status -9"):
        prover.prove(Part(PROCESS, "process"))
