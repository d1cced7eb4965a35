"""What is compiled beside is on disk when it is needed, and else nothing comes of it."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any, NoReturn

import pytest

from libvig.compile import native
from libvig.io.loop import process_all
from libvig.settings import device_names, make_config, read_settings
from verify.compile_beside import begin_to_compile, nothing
from verify.process import NO_PACKETS
from verify.registry import find, new_nf

FOUND = find("nop")


def never(*_: object) -> NoReturn:
    raise AssertionError("a process was begun")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYVIGOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    return tmp_path / "cache"


def compilations(assignments: list[str]) -> int:
    """How often it has to be compiled to run."""
    settings = read_settings(None, assignments)
    config: Any = make_config(FOUND.config_class, settings, device_names(settings, 2))
    run = native(process_all, sources=[FOUND.module])
    run(new_nf(FOUND, config), NO_PACKETS, 0, 0)
    return run.compilations


def test_it_is_there_when_it_is_needed() -> None:
    begin_to_compile(FOUND, read_settings(None, []), None)()
    assert compilations(["devices=a,b,c"]) == 0  # another number of devices, the same code


def test_what_is_there_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compilations([]) == 1
    monkeypatch.setattr(multiprocessing, "get_context", never)
    assert begin_to_compile(FOUND, read_settings(None, []), None) is nothing


def test_nothing_is_begun_that_could_not_be_kept(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_text("in the way of a folder")
    monkeypatch.setattr(multiprocessing, "get_context", never)
    assert begin_to_compile(FOUND, read_settings(None, []), None) is nothing


def test_settings_that_are_wrong_are_for_the_run_to_refuse(
    capfd: pytest.CaptureFixture[str],
) -> None:
    begin_to_compile(FOUND, read_settings(None, ["no-such=5"]), None)()
    assert capfd.readouterr() == ("", "")
    assert compilations([]) == 1
