"""The order of the house: names correspond, imports go one way, nothing points at one machine.

Each rule is a function from a source tree to the breaches it finds, and is tried here on a small
wrong tree before it is believed about this one.
"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from libvig.compile_cache import TOOLS

ROOT = Path(__file__).parents[1]

# What each package may import of this project; the verifier reads the others as source.
MAY_IMPORT = {
    "libvig": {"libvig"},
    "nfs": {"libvig"},
    "specs": {"libvig", "nfs"},
    "verify": {"libvig", "nfs", "specs", "verify"},
}
OURS = {*MAY_IMPORT, "tests", "demo"}

# The last one is a clock for measurements: no network function uses it.
MAY_IMPORT_NUMBA = {
    *(f"libvig/{name}.py" for name in TOOLS),  # on which the kept native code depends
    "verify/bench/clock.py",
}
NUMBA = {"numba", "llvmlite"}

MACHINE_PATH = re.compile(rb"(?<![\w.~-])/(?:home|root|tmp|work|Users)/")


def modules(root: Path, package: str) -> list[Path]:
    """Return a package's source files, sorted."""
    return sorted((root / package).rglob("*.py"))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Yield line and top-level package of every import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.split(".")[0]


def missing_companions(root: Path) -> list[str]:
    """Name the specification and the tests that a network function lacks."""
    names = [file.stem for file in modules(root, "nfs") if file.stem != "__init__"]
    wanted = [
        (name, companion)
        for name in names
        for companion in (f"specs/{name}.py", f"tests/nfs/test_{name}.py")
    ]
    return [f"nfs/{name}.py has no {file}" for name, file in wanted if not (root / file).exists()]


def wrong_way_imports(root: Path) -> list[str]:
    """Name every import that goes against `libvig <- nfs <- specs <- verify`."""
    return [
        f"{file.relative_to(root)}:{line} imports {imported}"
        for package, allowed in MAY_IMPORT.items()
        for file in modules(root, package)
        for line, imported in imports(file)
        if imported in OURS - allowed
    ]


def numba_imports(root: Path) -> list[str]:
    """Name every import of the compiler outside the files that may know it."""
    return [
        f"{file.relative_to(root)}:{line} imports {imported}"
        for package in MAY_IMPORT
        for file in modules(root, package)
        if str(file.relative_to(root)) not in MAY_IMPORT_NUMBA
        for line, imported in imports(file)
        if imported in NUMBA
    ]


def machine_paths(root: Path, files: list[str]) -> list[str]:
    """Name every line that holds a path which exists on somebody's machine only."""
    return [
        f"{file}:{line}"
        for file in files
        for line, text in enumerate((root / file).read_bytes().splitlines(), start=1)
        if MACHINE_PATH.search(text)
    ]


def tracked_files() -> list[str]:
    """Return what git tracks here (and so what others get)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git work tree, so it is not known which files are ours")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def tree(root: Path, files: dict[str, str]) -> Path:
    """Write a small source tree."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_every_network_function_has_a_specification_and_tests() -> None:
    assert (ROOT / "nfs" / "nat.py").exists()
    assert missing_companions(ROOT) == []


def test_a_network_function_without_companions_is_noticed(tmp_path: Path) -> None:
    tree(tmp_path, {"nfs/__init__.py": "", "nfs/bridge.py": "", "specs/bridge.py": ""})
    assert missing_companions(tmp_path) == ["nfs/bridge.py has no tests/nfs/test_bridge.py"]


def test_imports_go_one_way() -> None:
    assert wrong_way_imports(ROOT) == []


@pytest.mark.parametrize(
    ("file", "text", "breach"),
    [
        ("libvig/a.py", "import nfs.nat", "libvig/a.py:1 imports nfs"),
        ("libvig/io/a.py", "\nfrom verify import cli", "libvig/io/a.py:2 imports verify"),
        ("libvig/a.py", "def f():\n    import specs.nat", "libvig/a.py:2 imports specs"),
        ("nfs/a.py", "from specs.nat import x", "nfs/a.py:1 imports specs"),
        ("nfs/a.py", "import os, verify.source", "nfs/a.py:1 imports verify"),
        ("specs/a.py", "from verify.source import x", "specs/a.py:1 imports verify"),
        ("verify/a.py", "from tests import x", "verify/a.py:1 imports tests"),
    ],
)
def test_an_import_against_the_way_is_noticed(
    tmp_path: Path, file: str, text: str, breach: str
) -> None:
    assert wrong_way_imports(tree(tmp_path, {file: text})) == [breach]


def test_imports_along_the_way_are_not_noticed(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "libvig/a.py": "import numpy\nfrom libvig.b import c\nfrom . import b",
            "nfs/a.py": "from enum import IntEnum\nfrom libvig.a import b",
            "specs/a.py": "from libvig.a import b\nfrom nfs.a import c",
        },
    )
    assert wrong_way_imports(tmp_path) == []


def test_few_files_know_the_compiler() -> None:
    assert numba_imports(ROOT) == []
    assert all(any(name in NUMBA for _, name in imports(ROOT / file)) for file in MAY_IMPORT_NUMBA)


def test_another_file_that_imports_the_compiler_is_noticed(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "libvig/compile.py": "import numba",
            "libvig/native_primitives.py": "from llvmlite import ir",
            "nfs/a.py": "from numba.core import types",
            "libvig/packet/compile.py": "import numba",
        },
    )
    assert numba_imports(tmp_path) == [
        "libvig/packet/compile.py:1 imports numba",
        "nfs/a.py:1 imports numba",
    ]


def test_every_package_is_shipped_with_its_types() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(shipped) == set(MAY_IMPORT)
    assert all((ROOT / package / "py.typed").exists() for package in shipped)


def test_no_tracked_file_points_at_one_machine() -> None:
    files = tracked_files()
    assert "pyproject.toml" in files
    assert machine_paths(ROOT, files) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 1\nopen('/" + "home/alice/x')", ["a:2"]),
        ("/" + "tmp/x.pcap", ["a:1"]),
        ("a network at home/alice, ../net/x and https://example.org/home/", []),
        ("a network, or /proc/sys/net", []),
    ],
)
def test_a_machine_path_is_noticed(tmp_path: Path, text: str, found: list[str]) -> None:
    assert machine_paths(tree(tmp_path, {"a": text}), ["a"]) == found
