""".pre-commit-hooks.yaml: the hook, run by pre-commit in a small repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.edits import ROOT
from tests.verify.projects import edit, pyvigor, write_project

GIT = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Test"), ("EMAIL", "test@example.org"))
}


def hook() -> dict[str, Any]:
    (found,) = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    assert isinstance(found, dict)
    return found


class Repository:
    """A user's repository, in which the hook is configured and pyvigor is installed."""

    def __init__(self, folder: Path) -> None:
        self.project, programs = folder / "project", folder / "bin"
        self.project.mkdir()
        programs.mkdir()
        program = programs / "pyvigor"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m verify.cli "$@"\n')
        program.chmod(0o755)
        path = os.pathsep.join([str(programs), os.environ["PATH"]])
        home = {"XDG_CONFIG_HOME": str(folder / "config"), "PRE_COMMIT_HOME": str(folder / "home")}
        self.environment = os.environ | GIT | home | {"PATH": path, "PYTHONPATH": str(ROOT)}
        write_project(self.project)
        # It is not installed from an index, so it is the machine's own.
        local = {"repo": "local", "hooks": [hook() | {"language": "system"}]}
        with (self.project / ".pre-commit-config.yaml").open("w") as file:
            YAML().dump({"repos": [local]}, file)
        self.run("git", "init", "--quiet")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def hooked(self) -> subprocess.CompletedProcess[str]:
        """What the hook says of what is to be committed."""
        assert self.run("git", "add", "--all").returncode == 0
        return self.run(sys.executable, "-m", "pre_commit", "run")


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    found = Repository(tmp_path_factory.mktemp("pre-commit"))
    done = pyvigor(found.project, "gate", "--update")
    assert done.returncode == 0, done.stderr
    found.run("git", "add", "--all")
    assert found.run("git", "commit", "--quiet", "-m", "A start.").returncode == 0
    return found


@pytest.fixture
def repository(committed: Repository) -> Iterator[Repository]:
    """The repository, to be changed; the changes are undone."""
    yield committed
    assert committed.run("git", "reset", "--quiet", "--hard").returncode == 0


def test_what_is_proved_is_committed(repository: Repository) -> None:
    nf = repository.project / "my_nf.py"
    nf.write_text(nf.read_text() + "\n# The end.\n")
    done = repository.hooked()
    assert done.returncode == 0, done.stdout
    assert "pyvigor gate" in done.stdout and "Passed" in done.stdout


def test_a_bug_is_not(repository: Repository) -> None:
    edit(repository.project / "my_nf.py", "packet.device == 0 else 0", "packet.device == 0 else 1")
    done = repository.hooked()
    assert done.returncode == 1
    assert "Failed" in done.stdout and "exit code: 1" in done.stdout
    assert "refuted  frames_leave_by_another_device" in done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("pyvigor.lock", "frames_go_on", "gone"), ("pyproject.toml", "my_nf.py", "another_nf.py")],
)
def test_neither_is_another_list_of_what_there_is_to_prove(
    repository: Repository, file: str, old: str, new: str
) -> None:
    edit(repository.project / file, old, new)
    done = repository.hooked()
    assert done.returncode == 1
    assert "Failed" in done.stdout


def test_what_cannot_change_a_verdict_is_not_looked_at(repository: Repository) -> None:
    (repository.project / "README.md").write_text("# About\n")
    done = repository.hooked()
    assert done.returncode == 0
    assert "Skipped" in done.stdout
