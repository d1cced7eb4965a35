"""Projects with specs, and runs of pytest over them."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from verify.new import texts, write

IS_INSTALLED = any(point.name == "pyvigor" for point in entry_points(group="pytest11"))
PLUGIN = [] if IS_INSTALLED else ["-p", "verify.pytest_plugin"]

SPECS = [
    "a_storm_is_stopped",
    "other_frames_pass_as_they_came",
    "a_storm_passes_over",
    "a_storm_on_one_side_costs_the_other_nothing",
]
ITEMS = ["process", "new_my_nf", *SPECS]

FORGETS_THE_LIMIT = ("passed == self.config.limit", "passed > self.config.limit")
COUNTS_ANYTHING = (
    "is_group(ethernet.destination()) and not self._may_pass",
    "not self._may_pass",
)


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
