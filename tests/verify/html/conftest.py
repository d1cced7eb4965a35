"""One page for all tests of a process: two right network functions, and a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.html.pages import page, wrong_nat


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page("nop", "bridge::groups_are_flooded", wrong_nat(tmp_path_factory.mktemp("nat")))


@pytest.fixture(scope="session")
def file(text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a file."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(text, encoding="utf-8")
    return path
