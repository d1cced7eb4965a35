"""`pytest specs/`: specs are items, which pass if and only if they are proved."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from tests.verify.spec_projects import (
    COUNTS_ANYTHING,
    FORGETS_THE_LIMIT,
    ITEMS,
    SPECS,
    project,
    run,
)

pytest_plugins = ["pytester"]

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


def printed(
    pytester: pytest.Pytester, edit: tuple[str, str], *options: str, **outcomes: int
) -> pytest.LineMatcher:
    """What pytest prints of an NF with a change, if these are the outcomes."""
    project(pytester.path, edit)
    result = run(pytester, "specs", *options)
    result.assert_outcomes(**outcomes)
    return result.stdout


def test_what_is_proved_passes(pytester: pytest.Pytester) -> None:
    project(pytester.path)
    result = run(pytester, "specs", "-v")
    result.assert_outcomes(passed=len(ITEMS))
    result.stdout.fnmatch_lines([f"specs/my_nf.py::{name} PASSED*" for name in ITEMS])


def test_a_refuted_spec_fails_with_its_counterexample(pytester: pytest.Pytester) -> None:
    printed(pytester, COUNTS_ANYTHING, "-v", passed=5, failed=1).fnmatch_lines(
        [
            "* other_frames_pass_as_they_came *",
            "    def other_frames_pass_as_they_came(nf: MyNf, packet: Packet, now: Time) -> None:",
            ">       assert nf.process(packet, now) == 1 - sent.device",
            "E   refuted: assert nf.process(packet, now) == 1 - sent.device",
            "E   nf.began: capacity 2; what is in it, as far as it matters:",
            "E   nf.passed: capacity 2; what is in it, as far as it matters:",
            "E   packet: by device ?, * bytes",
            "E   replayed: AssertionError",
            "specs/my_nf.py:*: refuted: assert nf.process(packet, now) == 1 - sent.device",
            "FAILED specs/my_nf.py::other_frames_pass_as_they_came - refuted: assert n*",
        ]
    )


def test_a_network_function_that_goes_wrong_fails_with_all_that_rests_on_it(
    pytester: pytest.Pytester,
) -> None:
    printed(pytester, FORGETS_THE_LIMIT, "--tb=short", passed=1, failed=5).fnmatch_lines(
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
    printed(pytester, COUNTS_ANYTHING, "-n", "2", passed=5, failed=1).fnmatch_lines(
        [
            ">       assert nf.process(packet, now) == 1 - sent.device",
            "E   replayed: AssertionError",
            "FAILED specs/my_nf.py::other_frames_pass_as_they_came - refuted: assert n*",
        ]
    )


def test_one_spec_by_its_name(pytester: pytest.Pytester) -> None:
    project(pytester.path)
    run(pytester, "specs/my_nf.py::a_storm_passes_over").assert_outcomes(passed=1)


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
    result.assert_outcomes(passed=1, failed=1, deselected=len(SPECS))
    result.stdout.fnmatch_lines(
        ["*::process FAILED*", "*::new_my_nf PASSED*", "FAILED *::process - TimeoutError*"]
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
