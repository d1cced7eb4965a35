"""action.yml: its scripts, run as they are written, the way GitHub's runner runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from tests.edits import ROOT
from tests.verify.projects import TABLE, edit, pyvigor, write_project

KEY = "0123456789abcdef0123456789abcdef"
BUG = "packet.device == 0 else 0", "packet.device == 0 else 1"
PROGRAMS = Path(sys.executable).parent
RUNNER = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]  # what `shell: bash` means


def action() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")
    return found


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = action()["runs"]["steps"]
    return found


def script(name: str) -> str:
    (text,) = [step["run"] for step in steps() if step["name"] == name]
    return str(text)


SCRIPTS = [step["name"] for step in steps() if "run" in step]


class Done(NamedTuple):
    """What a step left behind."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """A machine of GitHub's, with a project that is checked out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temp, self.project = folder / "temp", folder / "project"
        self.temp.mkdir(exist_ok=True)
        self.project.mkdir(exist_ok=True)

    def install(self) -> None:
        """Put the pyvigor under test where the second step installs one."""
        program = self.temp / "pyvigor" / "bin" / "pyvigor"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m verify.cli "$@"\n')
        program.chmod(0o755)

    def run(self, name: str, **environment: str) -> Done:
        output, summary = self.temp / "output", self.temp / "summary"
        for file in (output, summary):
            file.write_text("")
        given = {
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "PYTHONPATH": str(ROOT),
        }
        file = self.temp / "script.sh"
        file.write_text(script(name))
        done = subprocess.run(
            [*RUNNER, str(file)],
            cwd=self.project,
            env=os.environ | given | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return Done(done.returncode, done.stdout, outputs, summary.read_text())


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A project that was proved and recorded, with its verdicts sealed."""
    runner = Runner(tmp_path_factory.mktemp("action"))
    runner.install()
    (runner.project / ".git").mkdir()
    write_project(runner.project)
    done = pyvigor(runner.project, "gate", "--update", PYVIGOR_CACHE_KEY=KEY)
    assert done.returncode == 0, done.stdout + done.stderr
    return runner


@pytest.fixture
def runner(proved: Runner, tmp_path: Path) -> Runner:
    """The same, to be changed."""
    return Runner(Path(shutil.copytree(proved.folder, tmp_path, dirs_exist_ok=True)))


# ---------------------------------------------------------------- the gate


def test_an_open_gate_passes_and_uses_the_verdicts_of_before(runner: Runner) -> None:
    done = runner.run("Prove", PYVIGOR_CACHE_KEY=KEY)
    assert (done.status, done.outputs["status"]) == (0, "0")
    assert "the gate is open" in done.log and ", 0 new" in done.log
    assert "::error" not in done.log
    assert Path(done.outputs["sarif"]).is_file()
    assert done.summary.startswith("## pyvigor: ") and " 0 refuted" in done.summary


def test_without_its_key_nothing_of_before_is_trusted(runner: Runner) -> None:
    config = str(runner.temp / "config")  # a machine that is used for the first time
    done = runner.run("Prove", PYVIGOR_CACHE_KEY="", XDG_CONFIG_HOME=config)
    assert done.status == 0
    assert "the gate is open: 0 verdicts of before" in done.log


def test_a_shut_gate_fails_with_the_lines_and_a_summary(runner: Runner) -> None:
    edit(runner.project / "my_nf.py", *BUG)
    done = runner.run("Prove", PYVIGOR_CACHE_KEY=KEY)
    assert (done.status, done.outputs["status"]) == (1, "1")
    assert re.search(r"^::error file=specs/my_nf\.py,line=23,", done.log, re.MULTILINE)
    assert re.search(r"^::notice file=my_nf\.py,line=\d+,", done.log, re.MULTILINE)
    assert "frames_leave_by_another_device" in Path(done.outputs["sarif"]).read_text()
    assert "### refuted: ` my_nf.py::frames_leave_by_another_device `" in done.summary
    assert "packet: by device" in done.summary


def test_what_cannot_be_done_fails_and_leaves_nothing_of_an_earlier_run(runner: Runner) -> None:
    (runner.temp / "pyvigor.sarif").write_text("of an earlier run")
    edit(runner.project / "pyproject.toml", TABLE.strip(), "[tool.other]")
    done = runner.run("Prove", PYVIGOR_CACHE_KEY=KEY)
    assert (done.status, done.outputs) == (2, {"status": "2"})
    assert "has a table [tool.pyvigor]" in done.log
    assert done.summary == "pyvigor gate ended with exit status 2; its log says why.\n"


# ---------------------------------------------------------------- the verdicts that are kept


def test_verdicts_are_named_by_their_content(runner: Runner) -> None:
    names = [runner.run("Name verdicts").outputs["key"] for _ in range(2)]
    assert names[0] == names[1]
    assert re.fullmatch(r"pyvigor-Linux-X64-[0-9a-f]{32}", names[0])
    one = next((runner.project / ".pyvigor_cache").glob("??/*.json"))
    one.write_text(one.read_text() + " ")
    assert runner.run("Name verdicts").outputs["key"] != names[0]


def test_without_verdicts_there_is_nothing_to_keep(tmp_path: Path) -> None:
    done = Runner(tmp_path).run("Name verdicts")
    assert (done.status, done.outputs) == (0, {})


def test_the_key_begins_as_the_one_that_is_looked_for(runner: Runner) -> None:
    (restore,) = [step for step in steps() if step["name"] == "Restore verdicts"]
    begins = restore["with"]["restore-keys"]
    for name, value in {"runner.os": "Linux", "runner.arch": "X64"}.items():
        begins = begins.replace(f"${{{{ {name} }}}}", value)
    assert runner.run("Name verdicts").outputs["key"].startswith(begins)


# ---------------------------------------------------------------- what is installed


def tiny_wheel(folder: Path) -> Path:
    """A package whose command pyvigor says so."""
    file = folder / "pyvigor-0.0-py3-none-any.whl"
    info = "pyvigor-0.0.dist-info"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("tiny.py", "def main():\n    print('installed')\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: pyvigor\nVersion: 0.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\npyvigor = tiny:main\n")
        wheel.writestr(f"{info}/RECORD", "")
    return file


@pytest.mark.slow
@pytest.mark.parametrize("way", ["REQUIREMENT", "GITHUB_ACTION_PATH"])
def test_what_is_asked_for_is_installed_or_else_the_actions_own(way: str, tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    given = {"REQUIREMENT": "", way: str(tiny_wheel(tmp_path))}
    done = runner.run("Install pyvigor", PYTHON=sys.executable, **given)
    assert done.status == 0, done.log
    program = runner.temp / "pyvigor" / "bin" / "pyvigor"
    said = subprocess.run([str(program)], capture_output=True, text=True, check=True)
    assert said.stdout == "installed\n"


@pytest.mark.slow
def test_a_hostile_requirement_is_no_script_and_no_option(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    hostile = "--help $(touch hacked) `touch hacked` && touch hacked"
    done = runner.run("Install pyvigor", PYTHON=sys.executable, REQUIREMENT=hostile)
    assert done.status != 0
    assert "ERROR: Invalid requirement: '--help" in done.log
    assert list(runner.project.iterdir()) == []


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_expression_is_written_into_a_script(name: str) -> None:
    assert "${{" not in script(name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_shell_has_nothing_to_say_against_a_script(name: str) -> None:
    text = f"#!/bin/bash\n{script(name)}"
    done = subprocess.run(
        [str(PROGRAMS / "shellcheck"), "-"], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_input_is_used_and_every_output_is_made() -> None:
    text = (ROOT / "action.yml").read_text()
    used = set(re.findall(r"inputs\.([a-z-]+)", text))
    assert used == set(action()["inputs"])
    made = set(re.findall(r'^ +echo "(\w+)=.*>> "\$GITHUB_OUTPUT"$', text, re.MULTILINE))
    assert {"status", "sarif"} == set(action()["outputs"]) == made - {"key"}
