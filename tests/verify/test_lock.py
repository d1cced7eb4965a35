"""What is recorded of the settings and of the callers that something is proved for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.projects import edit, write_project
from verify.errors import UsageError
from verify.formats.document import Problem
from verify.gate_command import recorded_in
from verify.lock import FILE, Lock, differences
from verify.sources import read

SETTINGS = "2 <= len(self.mac) <= MAX_DEVICES"
RULES = """@invariant(lambda self: self.port >= 0)
class Rules(NamedTuple):
    port: int


@invariant(lambda self: are_mac_addresses(self.peer)"""


@pytest.fixture
def nf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "my_nf.py"


def recorded(*, libvig: bool = False) -> Lock:
    return Lock.of([read("my_nf.py")], libvig=libvig)


def news_since(lock: Lock) -> list[Problem]:
    return list(differences(lock, recorded(), [read("my_nf.py")]))


def test_what_is_written_is_read_again(nf: Path) -> None:
    lock = recorded()
    nf.with_name(FILE).write_text(lock.text(), "utf-8")
    assert Lock.read(Path(FILE)) == lock
    assert news_since(lock) == []


def test_what_cannot_be_read_may_be_written_anew(tmp_path: Path) -> None:
    """As it is said to the user, who may have an older one."""
    file = tmp_path / FILE
    file.write_text("version = 1\n", "utf-8")
    with pytest.raises(UsageError, match="write it anew with pyvigor gate --update"):
        recorded_in(file, is_written_anew=False)
    assert recorded_in(file, is_written_anew=True) is None


def test_a_constant_in_what_settings_are_allowed_counts(nf: Path) -> None:
    edit(nf, SETTINGS, "2 <= len(self.mac) <= MOST")
    edit(nf, "class Drop(", "MOST = 5\n\n\nclass Drop(")
    lock = recorded()
    edit(nf, "MOST = 5", "MOST = 2")
    (problem,) = news_since(lock)
    assert problem.reason.startswith("what the words mean in which my_nf.py states its conditions")


def test_a_function_in_what_settings_are_allowed_counts(nf: Path) -> None:
    edit(nf, SETTINGS, "is_right(len(self.mac))")
    function = "def is_right(size: int) -> bool:\n    return size >= 2\n\n\nclass Drop("
    edit(nf, "class Drop(", function)
    lock = recorded()
    edit(nf, "size >= 2", "size == 2")
    assert [problem.name for problem in news_since(lock)] == ["changed"]


def test_a_constant_in_what_is_required_of_the_caller_counts(nf: Path) -> None:
    condition = "    @require(lambda packet: packet.length() > LEAST)\n    @require(lambda now"
    edit(nf, "    @require(lambda now", condition)
    edit(nf, "class Drop(", "LEAST = 5\n\n\nclass Drop(")
    lock = recorded()
    edit(nf, "LEAST = 5", "LEAST = 2000")
    assert [problem.name for problem in news_since(lock)] == ["changed"]


def test_a_rule_that_changed_is_told_at_its_line(nf: Path) -> None:
    """What is gone has none; so it is told at what it was a rule of."""
    lock = recorded()
    edit(nf, SETTINGS, "2 <= len(self.mac) <= 5")
    lines = nf.read_text().splitlines()
    new, gone = news_since(lock)
    assert "2 <= len(self.mac) <= 5" in lines[int(new.place.partition(":")[2]) - 1]
    assert lines[int(gone.place.partition(":")[2]) - 1] == "class NopConfig(NamedTuple):"
    edit(nf, "0 <= now <= MAX_TIME", "0 <= now")
    *_, new, gone = (p for p in news_since(lock) if p.subject.startswith("what my_nf.py requires"))
    lines = nf.read_text().splitlines()
    assert "0 <= now" in lines[int(new.place.partition(":")[2]) - 1]
    assert "def process" in lines[int(gone.place.partition(":")[2]) - 1]


def test_settings_that_are_part_of_others_count(nf: Path) -> None:
    edit(nf, "@invariant(lambda self: are_mac_addresses(self.peer)", RULES)
    edit(nf, "    peer: Macs\n", "    peer: Macs\n    rules: Rules\n")
    lock = recorded()
    assert "Rules: self.port >= 0" in lock.nfs["my_nf.py"].settings
    edit(nf, "self.port >= 0", "self.port == 80")
    gone, new = sorted(problem.reason for problem in news_since(lock))[::-1]
    assert "`Rules: self.port >= 0` is gone" in gone
    assert "`Rules: self.port == 80` is new" in new


@pytest.mark.parametrize(
    ("before", "now", "name"), [(True, False, "gone"), (False, True, "not-recorded")]
)
@pytest.mark.usefixtures("nf")
def test_libvig_is_recorded(before: bool, now: bool, name: str) -> None:
    """If it is verified and that is not recorded, nobody notices when it is not any more."""
    found = differences(recorded(libvig=before), recorded(libvig=now), [])
    assert [problem.name for problem in found] == [name]
