"""What pyvigor.lock records of the network functions here is what their specs say."""

from __future__ import annotations

from pathlib import Path

import pytest

from verify.lock import FILE, Lock, differences
from verify.project import find_project
from verify.shipped import shipped
from verify.sources import read

ROOT = Path(__file__).parents[1]


def test_the_record_is_of_these_specs(monkeypatch: pytest.MonkeyPatch) -> None:
    """That they are proved is for `make gate`, and tests/verify/test_verify_library.py."""
    monkeypatch.chdir(ROOT)
    project = find_project(ROOT)
    assert project.nfs == shipped() and project.libvig
    targets = [read(name) for name in project.nfs]
    recorded = Lock.read(Path(FILE))
    assert recorded is not None
    assert list(differences(recorded, Lock.of(targets, libvig=True), targets)) == []
