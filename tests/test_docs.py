"""What the documents show is what happens: every block is run, and every output compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import Block, Reader, agrees, blocks, changed

ROOT = Path(__file__).parents[1]
RUN = ["tutorial", "specs"]


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_the_blocks_of_a_document(name: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    found = blocks((ROOT / "docs" / f"{name}.md").read_text())
    assert found
    for block in found:
        reader.follow(block)


@pytest.mark.parametrize("name", RUN)
def test_only_installation_is_not_run(name: str) -> None:
    for block in blocks((ROOT / "docs" / f"{name}.md").read_text()):
        if block.language == "sh":
            assert all("pip install" in line for line in block.text.splitlines())
        else:
            assert block.language == "console" or block.file, f"line {block.line}: no file"
