"""`pytest specs/`: specs are items, which pass if and only if they are proved."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

from verify.new import texts, write
from verify.one_by_one import CONSTRUCTOR, PROCESS, SPEC, OneByOne, Part
from verify.parallel import Lost
from verify.result import Result, Verdict

pytest_plugins = ["pytester"]

IS_INSTALLED = any(point.name == "pyvigor" for point in entry_points(group="pytest11"))
PLUGIN = [] if IS_INSTALLED else ["-p", "verify.pytest_plugin"]

SPECS = [
    "a_storm_is_stopped",
    "other_frames_pass_as_they_came",
    "a_storm_passes_over",
    "a_storm_on_one_side_costs_the_other_nothing",
]
ITEMS = ["process", "new_my_nf", *SPECS]

FORGETS_THE_LIMIT = ("seen.second == self.config.limit", "seen.second > self.config.limit")
COUNTS_ANYTHING = (
    "is_group(ethernet.destination()) and not self._may_pass",
    "not self._may_pass",
)
VACUOUS = """

@spec
def speaks_of_nothing(nf: MyNf, packet: Packet, now: Time) -> None:
    assume(packet.device > nf.config.devices)
    assert nf.process(packet, now) >= 0
"""

OTHER_PYTHON = """

@spec
def in_other_python(nf: MyNf, packet: Packet, now: Time) -> None:
    verdicts = [nf.process(packet, now)]
    assert verdicts[0] < 2
"""


def project(folder: Path, *edits: tuple[str, str], more: str = "") -> Path:
    """Write what `pyvigor new` writes, with changes in the network function and further specs."""
    files = texts("my_nf", folder)
    nf, specs, tests = files
    for old, new in edits:
        assert files[nf].count(old) == 1
        files[nf] = files[nf].replace(old, new)
    files[specs] += more
    del files[tests]
    write(files)
    return nf


def run(pytester: pytest.Pytester, *arguments: object) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*PLUGIN, "-W", "error", *map(str, arguments))


def collected(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    """The items that pytest names. It does so in this process, as nothing is imported for it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(pytester.path)
        result = pytester.runpytest_inprocess(*PLUGIN, "--collect-only", "-q", *arguments)
    assert result.ret == pytest.ExitCode.OK
    return [line for line in result.outlines if "::" in line]


# ---------------------------------------------------------------- what passes, and what fails


def test_what_is_proved_passes(pytester: pytest.Pytester) -> None:
    project(pytester.path)
    result = run(pytester, "specs", "-v")
    result.assert_outcomes(passed=len(ITEMS))
    result.stdout.fnmatch_lines([f"specs/my_nf.py::{name} PASSED*" for name in ITEMS])


def test_a_refuted_spec_fails_with_its_counterexample(pytester: pytest.Pytester) -> None:
    project(pytester.path, COUNTS_ANYTHING)
    result = run(pytester, "specs", "-v")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            "* other_frames_pass_as_they_came *",
            "    def other_frames_pass_as_they_came(nf: MyNf, packet: Packet, now: Time) -> None:",
            ">       assert nf.process(packet, now) == 1 - sent.device",
            "E   refuted: assert nf.process(packet, now) == 1 - sent.device",
            "E   nf.seen: capacity 2; what is in it, as far as it matters:",
            "E   packet: by device ?, * bytes",
            "E   replayed: AssertionError",
            "specs/my_nf.py:*: refuted: assert nf.process(packet, now) == 1 - sent.device",
            "FAILED specs/my_nf.py::other_frames_pass_as_they_came - refuted: assert n*",
        ]
    )


def test_a_network_function_that_goes_wrong_fails_with_all_that_rests_on_it(
    pytester: pytest.Pytester,
) -> None:
    project(pytester.path, FORGETS_THE_LIMIT)
    result = run(pytester, "specs", "--tb=short")
    result.assert_outcomes(passed=1, failed=5)
    result.stdout.fnmatch_lines(
        [
            "my_nf.py:*: refuted: invariant of MyNf kept: *",
            ">       def process(self, packet: Packet, now: Time) -> int:",
            "FAILED specs/my_nf.py::process - refuted: invariant*",
            "FAILED specs/my_nf.py::a_storm_passes_over - unknown: rests on*",
        ]
    )


def test_what_is_unknown_fails(pytester: pytest.Pytester) -> None:
    project(pytester.path, more=VACUOUS)
    result = run(pytester, "specs", "--tb=line", "-k", "nothing")
    result.assert_outcomes(passed=1, failed=1, deselected=5)
    result.stdout.fnmatch_lines(["specs/my_nf.py:*: unknown: vacuous: *"])


@pytest.mark.slow
def test_it_agrees_with_the_command(pytester: pytest.Pytester) -> None:
    nf = project(pytester.path, COUNTS_ANYTHING, more=VACUOUS)
    command = [sys.executable, "-m", "verify.cli", "verify", "my_nf.py", "--output-format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=nf.parent, check=False)
    results = json.loads(done.stdout)["results"]
    expected = {r["name"]: r["verdict"] for r in results if not r["name"].startswith("libvig.")}
    for name, own in (("my_nf: safe, and keeps its", "process"), ("new_my_nf: est", "new_my_nf")):
        (key,) = (key for key in expected if key.startswith(name))
        expected[own] = expected.pop(key)
    assert set(expected.values()) == {"proved", "refuted", "unknown"}

    for number, processes in enumerate(([], ["-n", "2"])):
        run(pytester, "specs", f"--junitxml={number}.xml", *processes)
        found = {}
        for case in ElementTree.parse(pytester.path / f"{number}.xml").iter("testcase"):
            (verdict,) = (p.get("value") for p in case.iter("property"))
            assert (case.find("failure") is None) == (verdict == "proved")
            found[case.get("name")] = verdict
        assert found == expected


# ---------------------------------------------------------------- pytest's options


@pytest.mark.slow
def test_first_failures_and_last_failures(pytester: pytest.Pytester) -> None:
    nf = project(pytester.path, COUNTS_ANYTHING)
    run(pytester, "specs", "-x").assert_outcomes(passed=3, failed=1)
    nf.write_text(nf.read_text().replace(COUNTS_ANYTHING[1], COUNTS_ANYTHING[0]))
    run(pytester, "specs", "--lf").assert_outcomes(passed=1)


@pytest.mark.slow
def test_in_two_processes(pytester: pytest.Pytester) -> None:
    project(pytester.path, COUNTS_ANYTHING)
    result = run(pytester, "specs", "-n", "2")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       assert nf.process(packet, now) == 1 - sent.device",
            "E   replayed: AssertionError",
            "FAILED specs/my_nf.py::other_frames_pass_as_they_came - refuted: assert n*",
        ]
    )


def test_one_spec_by_its_name(pytester: pytest.Pytester) -> None:
    project(pytester.path)
    run(pytester, "specs/my_nf.py::a_storm_passes_over").assert_outcomes(passed=1)


# ---------------------------------------------------------------- what is collected


@pytest.mark.parametrize("named", ["specs", "specs/my_nf.py", "."])
@pytest.mark.parametrize("pattern", ["test_*.py", "*.py"])
def test_each_spec_is_collected_once(pytester: pytest.Pytester, named: str, pattern: str) -> None:
    project(pytester.path)
    pytester.makeini(f"[pytest]\npython_files = {pattern}\n")
    assert collected(pytester, named) == [f"specs/my_nf.py::{name}" for name in ITEMS]


def test_other_files_are_left_alone(pytester: pytest.Pytester) -> None:
    ordinary = "def test_it(): pass\n"
    files = {
        "specs/test_beside": ordinary,
        "specs/words": "from libvig.spec import assume\nraise SystemExit\n",
        "specs/broken": "this is not Python, nor about specs\n",
        "elsewhere/nf": "from libvig.spec import spec\n@spec\ndef f(): pass\n",
        "tests/test_other": ordinary,
    }
    for name, text in files.items():
        path = pytester.path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert collected(pytester) == ["specs/test_beside.py::test_it", "tests/test_other.py::test_it"]


def test_a_run_without_specs_imports_nothing_for_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it():
            assert "verify.pytest_plugin" in sys.modules
            ours = [name for name in sys.modules if name.split(".")[0] in ("libvig", "verify")]
            assert set(ours) == {"verify", "verify.pytest_plugin"}
            assert not {"z3", "numba", "numpy", "icontract"} & sys.modules.keys()
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_to_collect_imports_no_solver(pytester: pytest.Pytester) -> None:
    project(pytester.path)
    pytester.makeconftest(
        """
        import sys

        def pytest_collection_finish(session):
            assert len(session.items) == 6
            assert not {"z3", "numba", "numpy"} & sys.modules.keys()
        """
    )
    assert run(pytester, "--collect-only", "specs").ret == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("with open('x'): pass", "found `with`; write"),
        ("if", "not Python: "),
    ],
)
def test_what_cannot_be_followed_is_told_in_one_line(
    pytester: pytest.Pytester, text: str, why: str
) -> None:
    project(pytester.path, more=f"\n\n{text}\n")
    result = run(pytester, "specs")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([f"specs/my_nf.py:59: {why}*", f"ERROR specs/my_nf.py - {why}*"])
    assert len([line for line in result.outlines if why in line]) == 2


def test_further_specs_of_a_shipped_network_function(pytester: pytest.Pytester) -> None:
    specs = pytester.mkdir("specs") / "nop.py"
    specs.write_text(
        """
from libvig.packet.packet import Packet
from libvig.spec import spec
from libvig.types import Time
from nfs.nop import Nop

@spec
def two_devices_are_enough(nop: Nop, packet: Packet, now: Time) -> None:
    assert nop.process(packet, now) < 2
"""
    )
    result = run(pytester, "specs", "-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["specs/nop.py::two_devices_are_enough PASSED*"])


def test_specs_of_nothing_are_told_in_one_line(pytester: pytest.Pytester) -> None:
    project(pytester.path).unlink()
    result = run(pytester, "specs")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["specs/my_nf.py:1: no network function for these specs; put *"])


def test_specs_of_two_are_told_in_one_line(pytester: pytest.Pytester) -> None:
    nf = project(pytester.path)
    for folder in ("a", "b"):
        (pytester.path / folder).mkdir()
        (pytester.path / folder / nf.name).write_text(nf.read_text())
    assert len(collected(pytester, "specs")) == len(ITEMS)  # the nearest one is meant
    nf.unlink()
    run(pytester, "specs").stdout.fnmatch_lines(
        ["specs/my_nf.py:1: specs of which one, */a/my_nf.py and */b/*"]
    )


# ---------------------------------------------------------------- examples


@pytest.mark.slow
def test_specs_run_as_tests(pytester: pytest.Pytester) -> None:
    project(pytester.path)
    result = run(pytester, "specs", "--specs=examples", "-v", "-k", "side or other")
    result.assert_outcomes(passed=2, deselected=2)
    assert "process" not in result.stdout.str()


def test_specs_run_as_tests_may_use_all_of_python(pytester: pytest.Pytester) -> None:
    project(pytester.path, more=f"{OTHER_PYTHON}\n")
    result = run(pytester, "specs", "--specs=examples", "-k", "other_python")
    result.assert_outcomes(passed=1, deselected=len(SPECS))


@pytest.mark.slow
def test_specs_run_as_tests_fail_with_a_traceback(pytester: pytest.Pytester) -> None:
    project(pytester.path, COUNTS_ANYTHING)
    result = run(pytester, "specs", "--specs=examples", "-k", "other_frames")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(
        [
            ">       assert nf.process(packet, now) == 1 - sent.device",
            "E       AssertionError",
            "E       *hold(",
            "specs/my_nf.py:*: AssertionError",
        ]
    )
    assert len([line for line in result.outlines if line.startswith(">")]) == 1


# ---------------------------------------------------------------- the prover behind


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


def test_what_is_cut_short_answers_nothing_else(pytester: pytest.Pytester) -> None:
    project(pytester.path, FORGETS_THE_LIMIT)  # so that process is refuted
    pytester.makeconftest(
        """
        import signal
        import pytest

        def late(number, frame):
            raise TimeoutError

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_call(item):
            if item.name == "process":
                signal.signal(signal.SIGALRM, late)
                signal.setitimer(signal.ITIMER_REAL, 0.2)
            return (yield)
        """
    )
    result = run(pytester, "specs", "-v", "-k", "process or new_my_nf")
    result.stdout.fnmatch_lines(
        ["*::process FAILED*", "*::new_my_nf PASSED*", "FAILED *::process - TimeoutError*"]
    )


def test_it_is_installed_as_a_plugin() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"pyvigor": "verify.pytest_plugin"}
