"""What is built and installed is all there: a user's own repository, without the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.edits import ROOT
from tests.verify.projects import edit

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def pyvigor(tmp_path: Path) -> Run:
    """Runs the built product in an empty folder; the libraries that it needs are from here."""
    wheels, home, folder = (tmp_path / name for name in ("wheels", "home", "repository"))
    folder.mkdir()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(home)
    own = {"PYTHONPATH": str(home), "XDG_CONFIG_HOME": str(tmp_path / "config")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=os.environ | own,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    where = run("-c", "import verify; print(verify.__file__)").stdout
    assert Path(where.strip()).is_relative_to(home)
    return lambda *arguments: run("-m", "verify.cli", *arguments)


def test_a_repository_of_ones_own(pyvigor: Run, tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    assert pyvigor("new", "my_nf").returncode == 0
    assert pyvigor("verify", "my_nf.py").returncode == 0
    (folder / "pyproject.toml").write_text('[tool.pyvigor]\nnfs = ["my_nf.py"]\n')
    assert pyvigor("gate").returncode == 1  # nothing is recorded
    assert pyvigor("gate", "--update").returncode == 0
    assert pyvigor("gate").returncode == 0
    edit(folder / "my_nf.py", "return 1 - packet.device", "return packet.device")
    done = pyvigor("gate", "--output-file", "found.sarif", "--output-format", "github")
    assert done.returncode == 1
    assert "replayed: AssertionError" in done.stdout
    assert "::error file=specs/my_nf.py,line=" in done.stdout
    (run,) = json.loads((folder / "found.sarif").read_text())["runs"]
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
    }
    assert uris == {"specs/my_nf.py"}
