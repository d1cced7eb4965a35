"""docs/structures.md: the structure that it adds, to a copy of the sources, is proved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.documents import Reader, blocks
from tests.edits import ROOT

SOURCES = ("libvig", "nfs", "specs", "verify")
WORDS = ("about", "always", "initially", "after", "loop", "decreases")


@pytest.mark.slow
def test_the_structure_is_added_and_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(tmp_path)
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, reader.folder / name, ignore=ignored)
    monkeypatch.setenv("PYTHONPATH", str(reader.folder))
    found = blocks((ROOT / "docs" / "structures.md").read_text())
    assert {block.language for block in found} == {"python", "diff", "console"}
    for block in found:
        reader.follow(block)
    printed = reader.run("python -c 'import verify; print(verify.__file__)'")
    assert printed.startswith(str(reader.folder)), "the copy was not what ran"


def test_all_words_of_the_notation_are_explained() -> None:
    text = (ROOT / "docs" / "structures.md").read_text()
    assert all(f"| `@{word}" in text for word in WORDS)
    notation = (ROOT / "libvig" / "proof" / "notation.py").read_text()
    assert all(f"\ndef {word}(" in notation for word in WORDS)
