"""docs/gate.md: its commands print what it shows, its tables are complete, and its files valid."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.documents import Reader, blocks
from tests.edits import ROOT
from verify import errors
from verify.formats.output import SUFFIXES
from verify.project import KEYS, find_project

TEXT = (ROOT / "docs" / "gate.md").read_text()
SCHEMAS = {
    ".github/workflows/gate.yml": ["check_jsonschema", "--builtin-schema=vendor.github-workflows"],
    ".gitlab-ci.yml": ["check_jsonschema", "--builtin-schema=vendor.gitlab-ci"],
    ".pre-commit-config.yaml": ["pre_commit", "validate-config"],
}


def yaml(text: str) -> Any:
    return YAML(typ="safe").load(text)


def example(file: str) -> str:
    (text,) = [block.text for block in blocks(TEXT) if block.file == file]
    return text


def rows(head: str) -> list[list[str]]:
    """The cells of the table of which the first line begins so."""
    _, _, behind = TEXT.partition(f"\n{head}")
    lines = behind.partition("\n\n")[0].splitlines()
    assert lines[1].startswith("| ---")
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@pytest.mark.slow
def test_the_commands_print_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PYVIGOR_CACHE_KEY", raising=False)
    reader = Reader(tmp_path)
    for block in blocks(TEXT):
        reader.follow(block)
    (table,) = [block.text for block in blocks(TEXT) if "allowed-assumptions]" in block.text]
    (reader.folder / "pyproject.toml").write_text(table)
    assert find_project(reader.folder).allowed_assumptions


@pytest.mark.parametrize("file", SCHEMAS)
def test_the_files_of_ci_systems_are_valid(file: str, tmp_path: Path) -> None:
    path = tmp_path / Path(file).name
    path.write_text(example(file))
    done = subprocess.run(
        [sys.executable, "-m", *SCHEMAS[file], str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_is_that_of_this_repository() -> None:
    shown = example(".github/workflows/gate.yml")
    own = (ROOT / ".github" / "workflows" / "gate.yml").read_text()
    assert re.sub(r"OWNER/pyvigor@\S+ #.*", "./", shown) == own


def test_the_workflow_sets_inputs_that_there_are() -> None:
    *_, last = yaml(example(".github/workflows/gate.yml"))["jobs"]["gate"]["steps"]
    inputs = yaml((ROOT / "action.yml").read_text())["inputs"]
    assert last["with"].keys() <= inputs.keys()


def test_all_inputs_are_listed_with_their_defaults() -> None:
    inputs = yaml((ROOT / "action.yml").read_text())["inputs"]
    listed = {row[0].strip("`"): row[1] for row in rows("| input | default |")}
    assert listed.keys() == inputs.keys()
    for name, default in listed.items():  # in words where it is nothing to write
        is_value = default.startswith("`")
        assert inputs[name]["default"] == (default.strip("`") if is_value else "")


def test_the_hook_is_one_that_there_is() -> None:
    (repository,) = yaml(example(".pre-commit-config.yaml"))["repos"]
    (shown,), (hook,) = repository["hooks"], yaml((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert shown["id"] == hook["id"]
    assert "pre-push" in hook["stages"]


def test_all_keys_are_listed() -> None:
    assert [row[0].strip("`") for row in rows("| key | default |")] == list(KEYS)


def test_all_exit_statuses_are_listed() -> None:
    names = ("PROVED", "REFUTED", "USAGE", "INCONCLUSIVE", "NOTHING")
    statuses = [str(getattr(errors, f"EXIT_{name}")) for name in names]
    found = re.findall(r"^\| (\d) \| ", TEXT, re.MULTILINE)
    assert found == statuses


def test_all_formats_are_listed() -> None:
    listed = {Path(row[0].strip("`")).suffix for row in rows("| file | format |")}
    assert listed == set(SUFFIXES)
