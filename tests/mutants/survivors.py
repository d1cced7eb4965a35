"""The mutants that nothing needs to notice, because they do no harm: each with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from tests.mutants.mutant import Mutant

LISTED = Path(__file__).parent / "survivors.toml"


class Survivor(NamedTuple):
    """A mutant by what stays the same when lines move: its module, function, line and change."""

    module: str
    function: str
    line: str
    mutation: str
    nth: int = 0  # of those that are alike but for the place in the line


def survivor(mutant: Mutant) -> Survivor:
    return Survivor(mutant.module, mutant.function, mutant.line, mutant.mutation, mutant.nth)


def listed(file: Path = LISTED) -> dict[Survivor, str]:
    """Return the reviewed survivors, each with its reason."""
    found: dict[Survivor, str] = {}
    for table in tomllib.loads(file.read_text("utf-8")).get("survivor", []):
        reason = table.pop("reason")
        if not reason.strip():
            raise ValueError(f"{file}: no reason for {table}")
        entry = Survivor(**table)
        if entry in found:
            raise ValueError(f"{file}: listed twice: {table}")
        found[entry] = reason
    return found


def outdated(
    reviewed: Iterable[Survivor], tried: Iterable[Mutant], survived: Collection[Mutant]
) -> list[Survivor]:
    """Return what is listed, was tried, and did not survive."""
    of_tried = {survivor(mutant) for mutant in tried}
    of_survived = {survivor(mutant) for mutant in survived}
    return [entry for entry in reviewed if entry in of_tried - of_survived]


def unknown(reviewed: Iterable[Survivor], generated: Iterable[Mutant]) -> list[Survivor]:
    """Return what is listed of these mutants' modules though there is no such mutant."""
    there = {survivor(mutant) for mutant in generated}
    modules = {entry.module for entry in there}
    return [entry for entry in reviewed if entry.module in modules and entry not in there]
