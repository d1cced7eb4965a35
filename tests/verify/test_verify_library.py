"""`pyvigor verify`: all that is shipped is proved; and what a failed proof of libvig says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import z3

from tests.edits import ROOT, overlay
from verify import bits
from verify.judgement import MISSING
from verify.library import library_names
from verify.prepare import library_prover
from verify.report import TRUSTED
from verify.result import Result, Verdict
from verify.shipped import shipped
from verify.source import Class

CONSTRUCTORS = (
    "double_chain.new_double_chain",
    "hash_map.new_hash_map",
    "key_table.new_key_table",
    "flow_table.new_flow_table",
    "port_allocator.new_port_allocator",
    "vector.new_vector",
    "station_list.new_station_list",
    "token_bucket.new_token_buckets",
    "maglev.new_maglev_table",
    "backend_pool.new_backend_pool",
)


def report_of_everything() -> dict[str, Any]:
    """What the tool says of all that is shipped."""
    done = subprocess.run(
        [sys.executable, "-m", "verify.cli", "verify", "--output-format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert [row for row in found["results"] if row["verdict"] != "proved"] == []
    assert done.returncode == 0
    return found


@pytest.mark.slow
def test_all_that_is_shipped_is_proved_and_the_readme_lists_the_structures() -> None:
    said = report_of_everything()
    assert {said["summary"][word] for word in ("refuted", "unknown", "assumed")} == {0}
    for nf in shipped():
        rows = [row for row in said["results"] if row["target"] == nf]
        rows = [row for row in rows if "." not in row["name"]]  # without helpers of its own
        specs = (ROOT / "specs" / f"{nf}.py").read_text().count("\n@spec\n")
        assert len(rows) == 2 + specs > 2  # with the safety of `process` and of the constructor
    proved = {row["name"] for row in said["results"] if row["target"] == "libvig"}
    program = library_prover().program
    assert proved >= set(library_names(program, "libvig"))
    assert proved >= {f"libvig.{name}" for name in CONSTRUCTORS}

    readme = (ROOT / "README.md").read_text()
    section = readme.partition("## What is proved, and what is trusted")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) - {"libvig"}
    structures = {found.name for found in map(program.locate, proved) if isinstance(found, Class)}
    assert listed == structures


def test_the_readme_trusts_what_the_tool_says_is_trusted() -> None:
    readme = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", (ROOT / "README.md").read_text())
    assert f"Trusted, and not proved: {TRUSTED}." in " ".join(readme.split())


@pytest.mark.parametrize("name", bits.proofs())
def test_each_law_of_bits_is_proved_by_bit_vectors(name: str) -> None:
    solver = z3.Solver()
    solver.add(z3.Not(bits.proofs()[name]))
    assert solver.check() == z3.unsat


def test_a_wrong_law_of_bits_would_be_noticed() -> None:
    a, b = z3.BitVecs("a b", 64)
    solver = z3.Solver()
    solver.add(z3.Not(z3.Implies(b >= 0, a & b < b)))
    assert solver.check() == z3.sat


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_solvers_seed_changes_no_verdict(seed: int) -> None:
    words = f"verify libvig/port_allocator.py --solver-seed {seed}".split()
    done = subprocess.run(
        [sys.executable, "-m", "verify.cli", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "7 proved, 0 refuted, 0 unknown, 0 assumed" in done.stdout


# ---------------------------------------------------------------- failures


def result_of(files: dict[str, Path], name: str) -> Result:
    return library_prover(files).subject(name)


def test_a_failed_proof_names_obligation_line_and_calls(tmp_path: Path) -> None:
    module = "libvig.port_allocator"
    old = "        self.holder[old - self.first] = NOBODY\n"
    files = overlay(tmp_path, module, (old, ""))

    result = result_of(files, f"{module}.PortAllocator.allocate")

    assert result.verdict is Verdict.REFUTED
    assert result.place.startswith("libvig/proof/port_allocator.py:")
    assert " kept" in result.reason
    assert any("new_port_allocator(" in line for line in result.details)
    assert any(line.startswith("seen: ") for line in result.details)


def test_without_countermodel_an_invariant_is_said_to_be_missing(tmp_path: Path) -> None:
    """The code is right; the proof lacks what it needs."""
    module = "libvig.proof.port_allocator"
    text = (ROOT / "libvig/proof/port_allocator.py").read_text()
    start = text.index("    @always\n    def port_then_holder")
    end = text.index("    @always", start + 10)
    file = tmp_path / "port_allocator.py"
    file.write_text(text[:start] + text[end:])

    result = result_of({module: file}, "libvig.port_allocator.PortAllocator.allocate")

    assert result.verdict is Verdict.UNKNOWN
    assert re.search(r"the solver found no proof, and \d{4} random calls .* no", result.reason)
    assert result.reason.endswith(MISSING)


def test_what_rests_on_an_unproved_part_is_not_proved(tmp_path: Path) -> None:
    files = overlay(
        tmp_path, "libvig.double_chain", ("self.stamp[index] >= limit", "self.stamp[index] > limit")
    )
    prover = library_prover(files)
    results = {r.name: r for r in prover.library(["libvig.flow_table.FlowTable.expire"])}
    assert results["libvig.double_chain.DoubleChain.oldest_before"].verdict is Verdict.REFUTED
    assert results["libvig.flow_table.FlowTable.expire"].verdict is Verdict.UNKNOWN
