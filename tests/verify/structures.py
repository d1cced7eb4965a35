"""Structures made from libVig's by a few edits, each described by a small TOML file."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import icontract
import numpy as np
import z3

from libvig.proof.rehearsal.arrays import strict
from libvig.proof.rehearsal.copies import Copies
from libvig.proof.rehearsal.stage import Stage
from tests.edits import Edit, edited_text, path_of
from tests.verify.nfs import HERE
from verify.library import names_in
from verify.prepare import library_prover
from verify.result import Result
from verify.subset import check_library


@dataclass(frozen=True)
class WrongStructure:
    """A bug, the method that must be refuted for it, and the line where it must fail."""

    bug: str
    module: str  # that is edited
    method: str  # or function; of a class, its definitions
    kind: str  # of verdict
    file: str
    line: str
    calls: str  # that show the bug in CPython
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class CorrectStructure:
    """A module that does the same in other words."""

    variant: str
    module: str
    methods: tuple[str, ...]  # and functions that are changed, or a helper of which is
    edits: tuple[Edit, ...]


def wrong_structure(file: Path) -> WrongStructure:
    """Read the description of a bug."""
    table = tomllib.loads(file.read_text())
    edits = tuple(Edit(**edit) for edit in table.pop("edit"))
    return WrongStructure(**table, edits=edits)


def correct_structure(file: Path) -> CorrectStructure:
    """Read the description of a variant."""
    table = tomllib.loads(file.read_text())
    edits = tuple(Edit(**edit) for edit in table.pop("edit"))
    methods = tuple(table.pop("methods"))
    return CorrectStructure(**table, methods=methods, edits=edits)


def structures_in(folder: str) -> list[Path]:
    """Return the descriptions in a folder beside this file, sorted by name."""
    return sorted((HERE / folder).glob("*.toml"))


def edited(structure: WrongStructure | CorrectStructure) -> str:
    """Return the text of the module after the edits."""
    return edited_text(structure.module, *structure.edits)


def write_structure(folder: Path, structure: WrongStructure | CorrectStructure) -> Path:
    """Write the edited module to a file of its own."""
    file = folder / path_of(structure.module).name
    file.write_text(edited(structure))
    return file


def prove(module: str, file: Path, names: Collection[str]) -> list[Result]:
    """Prove what a module, with a file in its place, has under these names.

    They are as in `DoubleChain.touch`; `DoubleChain` is that its definitions make sense.
    """
    z3.z3.Z3_DEBUG = False  # as the command line does: the bindings' own type checks cost a third
    prover = library_prover({module: file})
    source = prover.program.load(module)
    check_library(source)
    wanted = {f"{module}.{name}" for name in names}
    found = wanted & {*names_in(source)}
    if found != wanted:
        raise ValueError(f"{module}: nothing to prove is called {sorted(wanted - found)}")
    return [prover.subject(name) for name in sorted(found)]


def perform(calls: str, module: str, file: Path | None = None) -> None:
    """Make the calls, contracts on, of a module or of a file in its place.

    What they make is made of arrays that no negative index reaches; a loop that does not end is
    an error.
    """
    copy = fresh(module, file or path_of(module))
    names = {**vars(copy), "icontract": icontract, "inspect": inspect, "np": np}
    for name, member in vars(copy).items():
        if name.startswith("new_"):
            names[name] = _strict(member)
    exec(compile(calls, "<calls>", "exec"), names)


def fresh(module: str, file: Path) -> ModuleType:
    """Return a module made of a file; what imports it is made anew too, and uses it."""
    return Copies([module], {module: file}, Stage()).load(module)


def _strict(constructor: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: strict(constructor(*arguments))
