"""What a project has verified: the table [tool.pyvigor] of its pyproject.toml."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from verify.errors import UsageError
from verify.shipped import shipped
from verify.solver_options import SolverOptions

FILE = "pyproject.toml"
TABLE = "[tool.pyvigor]"
HINT = (
    'write nfs = ["my_nf.py"] into it: files, patterns such as nfs/*.py, or names from pyvigor list'
)
BUDGETS = range(1000, 2**32)
"""Z3 takes a larger one for what is left of it by 2**32."""


@dataclass(frozen=True)
class Project:
    """Paths are relative to the file's folder."""

    file: Path
    nfs: list[str]
    specs: dict[str, str] = field(default_factory=dict)
    """Of the network functions whose specs are not where they are looked for."""
    libvig: bool = False
    """All of libVig, not just what the network functions rely on."""
    solver_budget: int = SolverOptions().budget
    allowed_assumptions: dict[str, str] = field(default_factory=dict)
    """Conditions that `process` may require of its caller, each with the reason why they hold."""

    @property
    def folder(self) -> Path:
        return self.file.parent


KEYS = {
    "nfs": list,
    "specs": dict,
    "libvig": bool,
    "solver-budget": int,
    "allowed-assumptions": dict,
}
EXAMPLES = {
    "nfs": '["my_nf.py"]',
    "specs": '{ "my_nf.py" = "properties/my_nf.py" }',
    "libvig": "true or false",
    "solver-budget": f"{BUDGETS[0]} to {BUDGETS[-1]}, such as {SolverOptions().budget}",
    "allowed-assumptions": '{ "packet.length() >= 60" = "the driver pads" }',
}


def find_project(start: Path) -> Project:
    """The project of this folder; raises UsageError if there is none."""
    found = nearest_project(start)
    if found is None:
        raise UsageError(f"{start}: no {FILE} here or above has a table {TABLE}; {HINT}")
    return found


def nearest_project(start: Path) -> Project | None:
    """That of the nearest pyproject.toml here or above that has the table."""
    for folder in (start, *start.parents):
        file = folder / FILE
        if file.is_file():
            table = _table(file)
            if table is not None:
                return _project(file, table)
    return None


def _table(file: Path) -> Mapping[str, Any] | None:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    table = document.get("tool", {}).get("pyvigor")
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{file}: tool.pyvigor is no table; write {TABLE}")
    return table


def _project(file: Path, table: Mapping[str, Any]) -> Project:
    for key, value in table.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            guess = f"did you mean {near[0]}" if near else f"there are {', '.join(KEYS)}"
            raise UsageError(f"{file}: {TABLE} has no key {key}; {guess}?")
        if type(value) is not KEYS[key] or not _has_texts_only(value):
            raise UsageError(f"{file}: {TABLE} {key} is {value!r}; write {EXAMPLES[key]}")
    budget = table.get("solver-budget", SolverOptions().budget)
    if budget not in BUDGETS:
        raise UsageError(
            f"{file}: {TABLE} solver-budget is {budget}; write {EXAMPLES['solver-budget']}"
        )
    nfs = _targets(file, table.get("nfs", []))
    for condition, reason in table.get("allowed-assumptions", {}).items():
        if not reason.strip():
            raise UsageError(
                f"{file}: {TABLE} allowed-assumptions: no reason is given why `{condition}` holds; "
                "write it there"
            )
    for name, spec in table.get("specs", {}).items():
        if name not in nfs:
            raise UsageError(f"{file}: {TABLE} specs: {name} is not among nfs; add it")
        if not (file.parent / spec).is_file():
            raise UsageError(
                f"{file}: {TABLE} specs: {spec} is no file; mend the path, or leave it"
            )
    return Project(
        file,
        nfs,
        table.get("specs", {}),
        table.get("libvig", False),
        budget,
        table.get("allowed-assumptions", {}),
    )


def _has_texts_only(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(isinstance(part, str) for part in parts)


def _targets(file: Path, patterns: list[str]) -> list[str]:
    """Names, files that the patterns match, and NAME=FILE, each once."""
    found: list[str] = []
    for pattern in patterns:
        parts = [_named(file, part) for part in pattern.split("=", 1)]
        found += map("=".join, product(*parts))
    return list(dict.fromkeys(found))


def _named(file: Path, pattern: str) -> list[str]:
    if pattern in shipped():
        return [pattern]
    if Path(pattern).is_absolute():
        raise UsageError(f"{file}: {TABLE} nfs: {pattern} is absolute; write it from this file on")
    try:
        matches = sorted(file.parent.glob(pattern))
    except (ValueError, IndexError, NotImplementedError):  # such as "" and "."
        matches = []
    files = [path for path in matches if path.is_file() and not path.name.startswith("_")]
    if not files:
        raise UsageError(
            f"{file}: {TABLE} nfs: no file or network function is {pattern}; mend it, or "
            "leave it out"
        )
    return [path.relative_to(file.parent).as_posix() for path in files]
