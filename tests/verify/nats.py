"""NATs made from nfs/nat.py by a few edits, each described by a small TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import z3

from verify.prover import Prover
from verify.result import Result
from verify.verify_command import prepare

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NAT = ROOT / "nfs" / "nat.py"


@dataclass(frozen=True)
class Edit:
    """Text that is found exactly once in nfs/nat.py, and what comes in its place."""

    old: str
    new: str


@dataclass(frozen=True)
class WrongNat:
    """A bug, the property that must be refuted for it, and the line where it must fail."""

    bug: str
    property: str  # a spec's name, `process` (safety and invariant) or `new_nat`
    file: str
    line: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class CorrectNat:
    """A NAT that does the same in other words."""

    variant: str
    edits: tuple[Edit, ...]


def described_in(folder: str) -> list[Path]:
    """Return the descriptions in a folder beside this file, sorted by name."""
    return sorted((HERE / folder).glob("*.toml"))


def wrong_nat(file: Path) -> WrongNat:
    """Read the description of a bug."""
    table = tomllib.loads(file.read_text())
    edits = tuple(Edit(**edit) for edit in table.pop("edit"))
    return WrongNat(**table, edits=edits)


def correct_nat(file: Path) -> CorrectNat:
    """Read the description of a variant."""
    table = tomllib.loads(file.read_text())
    return CorrectNat(table["variant"], tuple(Edit(**edit) for edit in table["edit"]))


def edited(edits: tuple[Edit, ...]) -> str:
    """Return the text of nfs/nat.py after the edits."""
    text = NAT.read_text()
    for edit in edits:
        found = text.count(edit.old)
        if found != 1:
            raise ValueError(f"{found} times in nfs/nat.py, not once: {edit.old!r}")
        text = text.replace(edit.old, edit.new)
    return text


def write_nat(folder: Path, edits: tuple[Edit, ...]) -> Path:
    """Write the edited NAT to a file of its own."""
    file = folder / "nat.py"
    file.write_text(edited(edits))
    return file


def prover_of(nat: Path) -> Prover:
    """Return a prover of the file against the specs of the shipped NAT."""
    z3.z3.Z3_DEBUG = False  # as the command line does: the bindings' own type checks cost a third
    return prepare(f"nat={nat}", "", None)


def result_of(prover: Prover, name: str) -> Result:
    """Verify one property."""
    if name == "new_nat":
        return prover.constructor()
    safety = prover.process()  # in any case: the specs are checked against its paths
    if name == "process":
        return safety
    (spec,) = (spec for spec in prover.specs if spec.name == name)
    return prover.spec(spec)


def line_at(place: str) -> tuple[Path, str]:
    """Return the file and the stripped text of the line that a result points at."""
    file, _, number = place.rpartition(":")
    return Path(file).resolve(), Path(file).read_text().splitlines()[int(number) - 1].strip()
