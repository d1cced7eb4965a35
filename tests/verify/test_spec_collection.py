"""Which files pytest takes for specs, and what it says of those that cannot be proved."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.verify.spec_projects import ITEMS, collected, project, run

pytest_plugins = ["pytester"]


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
    last = len((pytester.path / "specs" / "my_nf.py").read_text().splitlines())
    result.stdout.fnmatch_lines(
        [f"specs/my_nf.py:{last}: {why}*", f"ERROR specs/my_nf.py - {why}*"]
    )
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


@pytest.mark.parametrize(
    "processes", [[], pytest.param(["-n", "2"], marks=pytest.mark.slow)], ids=["one", "two"]
)
def test_a_wrong_table_ends_the_run_in_one_line(
    pytester: pytest.Pytester, processes: list[str]
) -> None:
    project(pytester.path)
    table = pytester.path / "pyproject.toml"
    table.write_text('[tool.pyvigor]\nnf = ["my_nf.py"]\n')
    result = run(pytester, "specs", *processes)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = [line for line in result.errlines if line]
    assert said == [f"ERROR: {table}: [tool.pyvigor] has no key nf; did you mean nfs?"]
    result.assert_outcomes()


def test_a_wrong_table_is_no_matter_where_nothing_is_proved(pytester: pytest.Pytester) -> None:
    project(pytester.path)
    (pytester.path / "pyproject.toml").write_text("[tool.pyvigor]\nnf = 1\n")
    pytester.makepyfile("def test_it(): pass")
    assert run(pytester, ".", "--ignore=specs").ret == pytest.ExitCode.OK
    assert run(pytester, "specs", "--specs=examples", "--collect-only").ret == pytest.ExitCode.OK


def test_it_is_installed_as_a_plugin() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"pyvigor": "verify.pytest_plugin"}
