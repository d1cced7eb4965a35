"""Code on disk is used again when nothing has changed, and never when anything has.

Each run is a process of its own. Python does not keep its own compiled files here: it would take
an edit of the same size in the same second for none.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from libvig import compile_cache

ROOT = Path(__file__).parents[2]

DEPENDENCY = "ADDED = 1\nTABLE = (10, 20)\n"
HELPER = """
from libvig.compile import compiled
from {package}.numbers import ADDED, TABLE

@compiled
def helped(x: int) -> int:
    return x + ADDED + TABLE[1]
"""
NF = """
from typing import NamedTuple
from libvig.compile import compiled_class
from . import helper
from .helper import helped

@compiled_class
class Adder(NamedTuple):
    start: int
    def process(self, x: int) -> int:
        return self.start + helped(x)
"""
MAIN = """
import sys
from libvig.compile import native
from {package} import loop, nf
{before}
run = native(loop.run, sources=[nf])
{between}
print(run(nf.Adder(1000), 5), 1 - run.compilations)
"""


class Program:
    """A package with an NF, a loop that is compiled, and a module two imports away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.package = folder / "adder"
        self.package.mkdir()
        self.write("__init__.py", "")
        self.write("numbers.py", DEPENDENCY)
        self.write("helper.py", HELPER.format(package="adder"))
        self.write("nf.py", NF)
        self.write("loop.py", "def run(nf, x):\n    return nf.process(x)\n")

    def write(self, name: str, text: str) -> None:
        """Write a file; over an old one of the same size, so that not even its time differs."""
        file = self.package / name
        old = file.stat() if file.exists() else None
        file.write_text(text)
        if old is not None:
            os.utime(file, ns=(old.st_atime_ns, old.st_mtime_ns))

    def run(self, before: str = "", between: str = "", **environment: str) -> tuple[int, int]:
        """Run it; return the result and how often code was found on disk."""
        main = MAIN.format(package="adder", before=before, between=between)
        done = subprocess.run(
            [sys.executable, "-B", "-c", main],
            env=os.environ
            | {"PYTHONPATH": f"{self.folder}:{ROOT}", "PYVIGOR_CACHE": str(self.cache)}
            | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        result, hits = map(int, done.stdout.split())
        return result, hits


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_an_unchanged_program_is_loaded_and_an_edited_one_is_not(program: Program) -> None:
    assert program.run() == (1026, 0)
    assert program.run() == (1026, 1)
    program.write("numbers.py", DEPENDENCY.replace("= 1", "= 2"))
    assert program.run() == (1027, 0)
    program.write("helper.py", HELPER.format(package="adder").replace("x + A", "x - A"))
    assert program.run() == (1023, 0)
    assert program.run() == (1023, 1)
    program.write("numbers.py", DEPENDENCY)
    assert program.run() == (1024, 0)
    program.write("helper.py", HELPER.format(package="adder"))
    assert program.run() == (1026, 1)  # as in the beginning


def test_an_edit_after_the_import_poisons_nothing(program: Program) -> None:
    file = program.package / "numbers.py"
    edited = DEPENDENCY.replace("= 1", "= 2")
    edit = f"open({str(file)!r}, 'w').write({edited!r})"
    assert program.run(before=edit) == (1026, 0)
    assert program.run() == (1027, 0)
    program.write("numbers.py", DEPENDENCY)
    assert program.run(between=edit) == (1026, 0)
    assert program.run() == (1027, 1)
    program.write("numbers.py", DEPENDENCY)
    assert program.run() == (1026, 0)


def test_a_constant_that_is_no_text_counts_too(program: Program) -> None:
    program.write("numbers.py", "import os\nADDED = int(os.environ['ADDED'])\nTABLE = (10, 20)\n")
    assert program.run(ADDED="1") == (1026, 0)
    assert program.run(ADDED="2") == (1027, 0)
    assert program.run(ADDED="1") == (1026, 1)


@pytest.mark.parametrize("at", ["symbol", "returns", "ELF"])
def test_what_was_damaged_is_not_loaded(program: Program, at: str) -> None:
    assert program.run() == (1026, 0)
    (file,) = program.cache.glob("native/*/run-*")
    content = bytearray(file.read_bytes())
    place = content.index(at.encode()) + len(at) + 6
    content[place] ^= 1
    file.write_bytes(content)
    assert program.run() == (1026, 0)
    file.write_bytes(content[: len(content) // 2])
    assert program.run() == (1026, 0)
    assert program.run() == (1026, 1)


def test_without_a_folder_to_write_to_all_is_compiled(program: Program) -> None:
    program.cache.write_text("a file where the folder should be")
    assert program.run() == (1026, 0)
    assert program.run() == (1026, 0)


def test_the_user_cache_folder_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYVIGOR_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compile_cache.folder("key") == tmp_path / "pyvigor" / "native" / "key"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert compile_cache.folder("key") == tmp_path / ".cache" / "pyvigor" / "native" / "key"


def test_folders_not_used_for_long_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYVIGOR_CACHE", str(tmp_path))
    long_ago = time.time() - 2 * compile_cache.DAY
    for number in range(compile_cache.KEPT + 5):
        old = compile_cache.folder(f"old{number}")
        os.utime(old, (long_ago + number, long_ago + number))
    compile_cache.folder("old1")
    kept = {path.name for path in (tmp_path / "native").iterdir()}
    assert len(kept) == compile_cache.KEPT
    assert {"old1", f"old{compile_cache.KEPT + 4}"} <= kept
    assert not {"old0", "old2"} & kept


def test_what_was_kept_comes_back_as_it_was_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    assert compile_cache.kept(file) is None
    compile_cache.keep(file, b"content")
    assert compile_cache.kept(file) == b"content"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    for damaged in (b"", b"[]", file.read_bytes()[:-1], file.read_bytes() + b"x"):
        file.write_bytes(damaged)
        assert compile_cache.kept(file) is None
    compile_cache.keep(tmp_path / "missing" / "folder", b"content")
