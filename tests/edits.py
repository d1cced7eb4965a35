"""Sources with small edits, each of a text that is there exactly once."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Edit(NamedTuple):
    """Text that is found exactly once in the source, and what comes in its place."""

    old: str
    new: str


def path_of(module: str) -> Path:
    """Return where a module's source is."""
    return ROOT / Path(*module.split(".")).with_suffix(".py")


def edited_text(module: str, *edits: tuple[str, str]) -> str:
    """Return the text of a module after the edits."""
    text = path_of(module).read_text("utf-8")
    for old, new in edits:
        found = text.count(old)
        if found != 1:
            raise ValueError(f"{found} times in {module}, not once: {old!r}")
        text = text.replace(old, new)
    return text


def overlay(folder: Path, module: str, *edits: tuple[str, str]) -> dict[str, Path]:
    """Write a module with some edits, to stand in for it."""
    file = folder / path_of(module).name
    file.write_text(edited_text(module, *edits), "utf-8")
    return {module: file}
