"""Tests that --save-test wrote: they fail while the bug is there, and no longer."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.nfs import result_of
from tests.verify.projects import edit
from verify.prepare import prepare
from verify.result import Verdict
from verify.save import save_tests

pytest_plugins = ["pytester"]

NF = '''"""A turnstile: a frame comes in only for one that has gone out before."""

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import invariant, require
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Count, Devices, Time
from libvig.vector import Vector, new_vector
from words import OTHER


class Drop(IntEnum):
    UNINVITED = -1


@invariant(lambda self: 0 <= self.limit <= 2**30, "limit: from 0 to 2**30")
@invariant(lambda self: self.devices == 2, "devices: two, lan and wan")
class TurnstileConfig(NamedTuple):
    devices: Devices = 2
    limit: Count = 8


@compiled_class
@invariant(lambda self: 0 <= self.credit.entries[0] <= self.config.limit)
@invariant(lambda self: self.credit.capacity == self.last.capacity == 1)
class Turnstile(NamedTuple):
    config: TurnstileConfig
    credit: Vector
    last: Vector  # when the last frame came

    @require(lambda self, packet: packet.device < self.config.devices)
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(lambda self, now: self.last.entries[0] <= now)
    def process(self, packet: Packet, now: Time) -> int:
        credit = self.credit.get(0)
        self.last.set(0, now)
        if packet.device == 0:
            self.credit.set(0, min(credit + 1, self.config.limit))
            return OTHER
        if credit == 0:
            return Drop.UNINVITED
        self.credit.set(0, credit - 1)
        return 0


def new_turnstile(config: TurnstileConfig) -> Turnstile:
    return Turnstile(config, new_vector(1), new_vector(1))
'''
SPECS = '''"""What it does."""

from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from turnstile import Turnstile


@spec
def an_answer_comes_in(
    turnstile: Turnstile, question: Packet, now: Time, answer: Packet, later: Time
) -> None:
    assume(question.device == 0 and answer.device == 1 and now <= later)
    turnstile.process(question, now)
    assert turnstile.process(answer, later) == 0
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "project"
    for name, text in (("turnstile", NF), ("specs/turnstile", SPECS), ("words", "OTHER = 1\n")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(text)
    (folder / "tests").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield folder
    for name in ("turnstile", "specs.turnstile", "words"):
        sys.modules.pop(name, None)


def saved(name: str) -> Path:
    """The test that is saved of a property that is refuted."""
    result = result_of(prepare("turnstile.py"), name)
    assert result.verdict is Verdict.REFUTED, result.reason
    file = Path("tests", "test_found.py")
    save_tests(str(file), [result])
    return file.absolute()


def outcome(file: Path) -> str:
    """What pytest would say of the test in a file."""
    (test,) = [f for name, f in runpy.run_path(str(file)).items() if name.startswith("test_")]
    try:
        test()
    except pytest.skip.Exception as reason:
        return f"skipped: {reason}"
    except Exception:
        return "failed"
    return "passed"


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("min(credit + 1, self.config.limit)", "credit + 1", "process"),
        ("return OTHER", "return packet.device + OTHER + OTHER", "process"),
        ("self.last.set(0, now)", "self.last.set(0, now + 1)", "process"),
        ("return 0\n", "return 1\n", "an_answer_comes_in"),
        ("new_vector(1))", "new_vector(2))", "new_turnstile"),
        ("        return 0\n", "        return 0 + 0 * (now + 2**62 + 2**62)\n", "process"),
    ],
    ids=["invariant", "verdict", "next call", "spec", "constructor", "64 bits"],
)
def test_it_fails_while_the_bug_is_there(project: Path, old: str, new: str, name: str) -> None:
    edit(project / "turnstile.py", old, new)
    if name == "an_answer_comes_in":  # of which a limit of 0 is no bug of the code
        edit(project / "turnstile.py", "0 <= self.limit", "1 <= self.limit")
    file = saved(name)
    assert outcome(file) == "failed"
    edit(project / "turnstile.py", new, old)
    assert outcome(file) == "passed"


def test_it_is_found_with_the_project_wherever_that_goes(
    pytester: pytest.Pytester, project: Path
) -> None:
    edit(project / "turnstile.py", "min(credit + 1, self.config.limit)", "credit + 1")
    text = saved("process").read_text()
    assert str(project) not in text
    other = Path(shutil.move(project, pytester.path / "elsewhere"))
    result = pytester.runpytest_subprocess(str(other / "tests" / "test_found.py"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *ViolationError: File */elsewhere/turnstile.py, line *"])


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (
            "turnstile.py",
            "0 <= self.limit",
            "1 <= self.limit",
            "TurnstileConfig of this case is ruled",
        ),
        (
            "specs/turnstile.py",
            "now <= later)",
            "now <= later and turnstile.config.limit > 0)",
            "an_answer_comes_in does not speak of this case now",
        ),
    ],
    ids=["settings", "assumption"],
)
def test_a_case_that_is_ruled_out_is_skipped(
    project: Path, file: str, old: str, new: str, why: str
) -> None:
    """A limit of 0 lets nobody in: it is for the user to say whether that is to be possible."""
    test = saved("an_answer_comes_in")
    assert outcome(test) == "failed"
    edit(project / file, old, new)
    assert outcome(test).startswith(f"skipped: {why}")


def test_what_is_shipped_is_taken_from_there(project: Path) -> None:
    text = (Path(__file__).parents[2] / "nfs" / "nop.py").read_text()
    Path("my_nop.py").write_text(text.replace("1 if packet.device == 0 else 0", "packet.device"))
    result = result_of(prepare("nop=my_nop.py"), "frames_leave_by_the_other_device")
    (files,) = re.findall(r"saved\.load\((.*)\)", result.test)
    assert files == "{'nfs.nop': HERE / 'my_nop.py', 'specs.nop': saved.HOME / 'specs/nop.py'}"
