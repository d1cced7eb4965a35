"""A file that the verifier reads is the one that an import gives."""

from __future__ import annotations

import marshal
import py_compile
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from py_compile import PycInvalidationMode
from types import ModuleType

import icontract
import pytest

from tests.verify.known import results_of
from tests.verify.projects import edit, write_project
from verify.errors import UsageError
from verify.prepare import prepare
from verify.registry import find
from verify.result import Verdict
from verify.sources import read

ROUND = "packet.device == 0 else 0"


@pytest.fixture
def nf(tmp_path: Path) -> Iterator[Path]:
    """A network function whose result is a word from another file."""
    nf = write_project(tmp_path) / "my_nf.py"
    edit(nf, ROUND, "packet.device == 0 else FIRST")
    yield nf
    for name in ("words", "office", "office.words"):
        sys.modules.pop(name, None)


def test_files_of_one_name_are_not_mixed_up(nf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples run with the neighbours that were read, whatever was imported before."""
    import_word(nf).write_text("FIRST = 5\n", "utf-8")
    monkeypatch.setitem(sys.modules, "words", other := ModuleType("words"))
    vars(other)["FIRST"] = 0
    refuted = [r for r in results_of(prepare(str(nf))) if r.verdict is Verdict.REFUTED]
    assert refuted, "a verdict of 5 is no device"
    assert sys.modules["words"] is other


def test_a_package_comes_before_a_module(nf: Path) -> None:
    """Python takes the folder where both are there."""
    edit(nf, "from libvig.types", "from words import FIRST\nfrom libvig.types")
    (nf.parent / "words.py").write_text("FIRST = 0\n", "utf-8")
    (nf.parent / "words").mkdir()
    (nf.parent / "words" / "__init__.py").write_text("FIRST = 9\n", "utf-8")
    module = prepare(str(nf)).verification.nf.module
    assert module.lookup("FIRST") == 9


def test_a_name_of_pythons_is_not_looked_for(nf: Path) -> None:
    """The module of the standard library is imported, not a file of the same name."""
    edit(nf, "from libvig.types", "from errno import FIRST\nfrom libvig.types")
    (nf.parent / "errno.py").write_text("FIRST = 0\n", "utf-8")
    with pytest.raises(UsageError, match="an import of `FIRST` from errno"):
        prepare(str(nf))


def import_word(nf: Path, source: str = "words") -> Path:
    """Let the network function take a word from another file, which is given."""
    edit(nf, "from libvig.types", f"from {source} import FIRST\nfrom libvig.types")
    file = nf.parent.joinpath(*source.split(".")).with_suffix(".py")
    file.parent.mkdir(exist_ok=True)
    file.write_text("FIRST = 0\n", "utf-8")
    return file


def test_a_neighbour_comes_first(nf: Path) -> None:
    """As where it is run, though what is in a folder nfs is imported from above, too."""
    folder = nf.parent / "nfs"
    folder.mkdir()
    nf = nf.rename(folder / nf.name)
    import_word(nf).write_text("FIRST = 9\n", "utf-8")
    (folder.parent / "words.py").write_text("FIRST = 0\n", "utf-8")
    assert prepare(str(nf)).verification.nf.module.lookup("FIRST") == 9
    assert vars(find(str(nf)).module)["FIRST"] == 9


def test_a_module_of_its_own_package_is_found_where_it_is_run(nf: Path) -> None:
    folder = nf.parent / "office"
    folder.mkdir()
    (folder / "__init__.py").touch()
    nf = nf.rename(folder / nf.name)
    edit(nf, "from libvig.types", "from office.words import FIRST\nfrom libvig.types")
    (folder / "words.py").write_text("FIRST = 9\n", "utf-8")
    assert prepare(str(nf)).verification.nf.module.lookup("FIRST") == 9
    assert vars(find(str(nf)).module)["FIRST"] == 9


@pytest.mark.parametrize("suffix", EXTENSION_SUFFIXES)
@pytest.mark.parametrize("name", ["words", "my_nf"])
def test_a_compiled_module_beside_a_source_is_refused(nf: Path, name: str, suffix: str) -> None:
    import_word(nf)
    other = nf.with_name(f"{name}{suffix}")
    other.touch()
    with pytest.raises(UsageError) as error:
        prepare(str(nf))
    source = nf.with_name(f"{name}.py")
    assert str(error.value) == (
        f"{other}: is imported in place of {source}, which is verified; remove it"
    )
    other.rename(nf.with_name(f"others{suffix}"))
    assert prepare(str(nf))


@pytest.mark.parametrize("mode", PycInvalidationMode)
@pytest.mark.parametrize("other", [marshal.dumps(compile("FIRST = 9\n", "it", "exec")), b"", b"7"])
@pytest.mark.parametrize("name", ["words", "my_nf"])
def test_what_is_cached_of_a_source_says_the_same(
    nf: Path, name: str, other: bytes, mode: PycInvalidationMode
) -> None:
    """Or an import runs it, and it is not what was read."""
    import_word(nf)
    source = nf.with_name(f"{name}.py")
    cached = py_compile.compile(str(source), invalidation_mode=mode)
    assert cached is not None
    assert prepare(str(nf))
    good = Path(cached).read_bytes()
    Path(cached).write_bytes(good[:16] + other)
    with pytest.raises(UsageError) as error:
        prepare(str(nf))
    assert str(error.value) == (
        f"{cached}: is run in place of {source}, which is verified; delete it"
    )
    if mode is not PycInvalidationMode.UNCHECKED_HASH:  # that of an older text is not run
        edit(source, "\n", "  # a comment\n") if name == "words" else edit(source, '"""No', '"""A')
        assert prepare(str(nf))


def test_nothing_is_cached_by_reading(nf: Path) -> None:
    import_word(nf)
    prepare(str(nf))
    assert not list(nf.parent.rglob("*.pyc"))


def test_a_source_is_the_same_to_python(nf: Path) -> None:
    """In UTF-7, a comment may hold a line of code."""
    words = import_word(nf)
    words.write_text("# coding: utf-7\nFIRST = 0  # +AAo-FIRST = 9\n", "utf-8")
    with pytest.raises(UsageError, match=r"words\.py:1: is utf-7 to Python; write UTF-8"):
        prepare(str(nf))
    words.write_text("# coding: utf-8\nFIRST = 0  # ü\n", "utf-8")
    assert prepare(str(nf))


def test_the_name_of_a_library_is_refused(nf: Path) -> None:
    """A library that is imported already is what an import of its name gives."""
    words = import_word(nf, "icontract")
    with pytest.raises(UsageError) as error:
        prepare(str(nf))
    library = Path(str(icontract.__file__))
    assert str(error.value) == f"{words}: has the name of a library, {library}; give it another one"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"""Ours."""\n\n__version__ = "1"\nMOST = 5\nfrom office.words import FIRST\n', None),
        ('"""Ours."""\nfrom .words import FIRST\n', None),
        ("import office.words\noffice.words.FIRST = 9\n", 1),
        ("from office import words\nwords.FIRST = 9\n", 2),
        ('"""Ours."""\n__path__ = ["elsewhere"]\n', 2),
        ("from office.words import FIRST\nFIRST = max(FIRST, 9)\n", 2),
        ("from office.words import *\n", 1),
        ("from os import environ\n", 1),
    ],
)
def test_a_package_does_nothing_to_its_modules(nf: Path, text: str, line: int | None) -> None:
    """It runs before them; so what is read of them would not be what they are."""
    package = import_word(nf, "office.words").with_name("__init__.py")
    package.write_text(text, "utf-8")
    if line is None:
        assert prepare(str(nf))
        return
    with pytest.raises(UsageError, match=rf"office/__init__\.py:{line}: runs whenever a module"):
        prepare(str(nf))


def test_what_a_package_imports_is_in_the_subset(nf: Path) -> None:
    package = import_word(nf, "office.words").with_name("__init__.py")
    package.write_text("from office.more import ANY\n", "utf-8")
    package.with_name("more.py").write_text("ANY = 1\nprint(ANY)\n", "utf-8")
    with pytest.raises(UsageError, match=r"office/more\.py:2: found"):
        prepare(str(nf))


def test_a_package_counts_in_the_digest(nf: Path) -> None:
    package = import_word(nf, "office.words").with_name("__init__.py")
    package.write_text("", "utf-8")
    before = read(str(nf))
    assert package in before.files
    package.write_text("MOST = 5\n", "utf-8")
    assert read(str(nf)).digest != before.digest
