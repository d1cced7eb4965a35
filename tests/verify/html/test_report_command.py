"""`pyvigor report` as its users meet it: what it writes, what it prints, how it ends."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.verify.html.pages import Parsed, text_of
from tests.verify.projects import TABLE, write_project
from tests.verify.test_verify_command import OTHER, assert_one_line, changed_nop
from verify import report_command
from verify.cli import main
from verify.html.page import Page
from verify.parallel import Lost
from verify.report_command import anchor_of


def report(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "verify.cli", "report", "--jobs", "1", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_what_is_proved(tmp_path: Path) -> None:
    """With libVig's proofs, of which this needs few."""
    file = tmp_path / "report.html"
    done = report("nop", "-o", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{file}: ") and " proved, 0 refuted, 0 unknown" in done.stdout
    parsed = Parsed(file.read_text(encoding="utf-8"))
    assert "are proved" in text_of(parsed.at("summary"))
    obligations = text_of(parsed.at("libvig.packet.ethernet.Ethernet.set_addresses"))
    assert "1 path · " in obligations and " 0 obligations" not in obligations
    assert [f.name for f in tmp_path.iterdir()] == ["report.html"]


def test_what_is_refuted_is_written_too(tmp_path: Path) -> None:
    wrong = changed_nop(tmp_path, OTHER, "packet.device", "nop")
    done = report(f"nop={wrong}::frames_leave_by_the_other_device", "-o", "-")
    assert done.returncode == 1
    parsed = Parsed(done.stdout)
    assert len(parsed.all("article", class_="packet")) == 1
    assert done.stderr == ""


def test_what_is_unknown(tmp_path: Path) -> None:
    path = changed_nop(tmp_path, "return Drop.TRUNCATED", "return 1 << packet.device")
    done = report(path, "-o", tmp_path / "report.html")
    assert done.returncode == 3 and " 0 refuted, " in done.stdout


def test_a_file_of_libvig(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert report("libvig/packet/udp.py", "-o", file).returncode == 0
    parsed = Parsed(file.read_text(encoding="utf-8"))
    assert "RFC 768" in text_of(parsed.at("libvig"))
    assert [nf for nf in parsed.ids if nf.startswith("nf")] == []


def test_what_is_verified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is named; or else what a project names; or else all that is shipped."""
    asked: list[Mapping[str, str | None]] = []

    def page_of(targets: Mapping[str, str | None], jobs: int) -> Page:
        asked.append(targets)
        return Page([], [], 0.0)

    monkeypatch.setattr(report_command, "page_of", page_of)
    monkeypatch.chdir(tmp_path)
    main(["report", "-o", "report.html"])
    main(["report", "nop", "nop", "-o", "report.html"])
    write_project(tmp_path, f'{TABLE}specs = {{ "my_nf.py" = "specs/my_nf.py" }}\n')
    monkeypatch.chdir(tmp_path / "specs")
    main(["report", "-o", "here.html"])
    assert next(iter(asked[0])) == "libvig" and {"nat", "nop", "maglev"} < asked[0].keys()
    assert list(asked[1]) == ["nop"]
    assert asked[2] == {"my_nf.py": "specs/my_nf.py"}
    assert (tmp_path / "specs" / "here.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nope", "-o", "x.html"], ["no network function is called nope"]),
        (["nop::nope", "-o", "x.html"], ["no spec is called nope"]),
        (["nop"], ["-o/--output"]),
        (["nop", "-o", "tests"], ["-o tests: is a folder; name a file in it"]),
        (["nop", "-o", "no/such/x.html"], ["no/such/x.html: cannot be written"]),
    ],
)
def test_bad_arguments(arguments: list[str], parts: list[str]) -> None:
    assert_one_line(report(*arguments), *parts)
    assert not Path("x.html").exists()


def test_an_nf_without_reasons_to_drop_is_refused(tmp_path: Path) -> None:
    nf = changed_nop(tmp_path, "class Drop(IntEnum)", "class No(IntEnum)")
    nf.write_text(nf.read_text().replace("Drop.", "No."))
    file = tmp_path / "report.html"
    assert_one_line(report(nf, "-o", file), "my_nf.py: no enumeration Drop(IntEnum) of reasons")
    assert not file.exists()


def test_an_old_page_stays_where_there_is_no_new_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.html"
    file.write_text("old")

    def page_of(targets: Mapping[str, str | None], jobs: int) -> Page:
        raise Lost("a process ended")

    monkeypatch.setattr(report_command, "page_of", page_of)
    assert main(["report", "nop", "-o", str(file)]) == 3
    assert file.read_text() == "old"
    assert "did not get to an end" in capsys.readouterr().err


def test_without_jinja_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec

    def find_spec(name: str, *more: Any) -> Any:
        return None if name == "jinja2" else find(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    assert main(["report", "nop", "-o", str(tmp_path / "report.html")]) == 2
    assert "pip install 'pyvigor[report]'" in capsys.readouterr().err


def test_network_functions_of_the_same_name_have_places_of_their_own() -> None:
    assert anchor_of("nat", ["bridge"]) == "nf/nat"
    assert anchor_of("nat", ["nat", "bridge", "nat"]) == "nf3/nat"
    assert anchor_of("my nf", []) == "nf/my_nf"
