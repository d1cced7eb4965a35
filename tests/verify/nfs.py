"""Network functions made from those in nfs/ by a few edits, each described by a small TOML file.

The wrong variants of nfs/nat.py lie in the folder wrong_nats beside this file, the correct ones in
correct_nats; those of other network functions likewise.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import z3

from tests.edits import ROOT, Edit, edited_text, path_of
from verify.prepare import prepare
from verify.prover import Prover
from verify.result import Result

HERE = Path(__file__).parent
NAMES = sorted(file.stem for file in (ROOT / "nfs").glob("[a-z]*.py"))


@dataclass(frozen=True)
class WrongNf:
    """A bug, the property that must be refuted for it, and the line where it must fail."""

    nf: str
    bug: str
    property: str  # a spec's name, `process` (safety and invariant) or the constructor's
    file: str
    line: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class CorrectNf:
    """A network function that does the same in other words."""

    nf: str
    variant: str
    edits: tuple[Edit, ...]


def described(kind: str) -> list[Path]:
    """Return the descriptions of all wrong, or all correct, variants."""
    return [file for nf in NAMES for file in sorted((HERE / f"{kind}_{nf}s").glob("*.toml"))]


def nf_of(description: Path) -> str:
    """Return the name of the network function of which it describes a variant."""
    return description.parent.name.partition("_")[2].removesuffix("s")


def wrong_nf(file: Path) -> WrongNf:
    """Read the description of a bug."""
    table = tomllib.loads(file.read_text())
    edits = tuple(Edit(**edit) for edit in table.pop("edit"))
    return WrongNf(nf_of(file), **table, edits=edits)


def correct_nf(file: Path) -> CorrectNf:
    """Read the description of a variant."""
    table = tomllib.loads(file.read_text())
    return CorrectNf(nf_of(file), table["variant"], tuple(Edit(**edit) for edit in table["edit"]))


def source_of(nf: str) -> Path:
    """Return where the shipped network function is."""
    return path_of(f"nfs.{nf}")


def edited(variant: WrongNf | CorrectNf) -> str:
    """Return the text of the network function after the edits."""
    return edited_text(f"nfs.{variant.nf}", *variant.edits)


def write_nf(folder: Path, variant: WrongNf | CorrectNf) -> Path:
    """Write the edited network function to a file of its own."""
    file = folder / f"{variant.nf}.py"
    file.write_text(edited(variant))
    return file


def prover_of(nf: str, file: Path) -> Prover:
    """Return a prover of the file against the specs of the shipped network function."""
    z3.z3.Z3_DEBUG = False  # as the command line does: the bindings' own type checks cost a third
    return prepare(f"{nf}={file}", "", None)


def result_of(prover: Prover, name: str) -> Result:
    """Verify one property."""
    if name == prover.verification.nf.constructor.name:
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
