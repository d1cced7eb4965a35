"""A file that the verifier reads is the one that an import gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.projects import edit, write_project
from verify.errors import UsageError
from verify.prepare import prepare

ROUND = "packet.device == 0 else 0"


@pytest.fixture
def nf(tmp_path: Path) -> Path:
    """A network function whose result is a word from another file."""
    nf = write_project(tmp_path) / "my_nf.py"
    edit(nf, ROUND, "packet.device == 0 else FIRST")
    return nf


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
