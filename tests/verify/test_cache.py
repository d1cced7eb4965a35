"""What is in the cache is trusted only as far as its seal goes."""

from __future__ import annotations

import argparse
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from libvig.proof.rehearsal import Failure
from verify.cache import KEPT, KEY_VARIABLE, Cache, NoCache, sealing_key
from verify.errors import UsageError
from verify.gate_command import cache_for
from verify.result import Result, Verdict

KEY, DIGEST, OTHER = b"k" * 32, "ab" * 32, "cd" * 32
PROVED = Result("a", Verdict.PROVED, paths=3, obligations=5, seconds=0.5, relied=["libvig.b"])


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    cache = Cache(tmp_path / "cache", KEY)
    cache.put(DIGEST, PROVED)
    return cache


def file_of(cache: Cache) -> Path:
    (file,) = cache.folder.glob("??/*.json")
    return file


def test_what_is_kept_is_found_again(cache: Cache) -> None:
    found = cache.get(DIGEST, "a")
    assert found is not None and found.reused
    assert (found.verdict, found.paths, found.relied) == (Verdict.PROVED, 3, ["libvig.b"])
    assert cache.get(OTHER, "a") is None
    assert cache.rejected == set()


def truncated(text: str) -> str:
    return text[: len(text) // 2]


def relying_on_nothing(text: str) -> str:
    entry = json.loads(text)
    entry["content"]["relied"] = []
    return json.dumps(entry)


def renamed(text: str) -> str:
    return text.replace('"a"', '"b"')


def without_seal(text: str) -> str:
    return json.dumps({"content": json.loads(text)["content"]})


def no_text_as_seal(text: str) -> str:
    return json.dumps(json.loads(text) | {"seal": 7})


@pytest.mark.parametrize(
    "spoil",
    [truncated, relying_on_nothing, renamed, without_seal, no_text_as_seal, lambda _: "",
     lambda _: "[]", lambda _: "null", lambda _: "[" * 5000],
    ids=["cut", "forged", "renamed", "unsealed", "odd seal", "empty", "list", "null", "deep"],
)  # fmt: skip
def test_a_damaged_entry_counts_as_none(cache: Cache, spoil: Callable[[str], str]) -> None:
    file = file_of(cache)
    file.write_text(spoil(file.read_text()))
    assert cache.get(DIGEST, "a") is None
    assert len(cache.rejected) == 1
    cache.put(DIGEST, PROVED)
    assert cache.get(DIGEST, "a") is not None


def test_bytes_that_are_no_text_count_as_none(cache: Cache) -> None:
    file_of(cache).write_bytes(b"\xff\xfe\x00")
    assert cache.get(DIGEST, "a") is None


def test_a_pipe_counts_as_none(cache: Cache) -> None:
    """Nobody writes into it, so to read it would never end."""
    file = file_of(cache)
    file.unlink()
    os.mkfifo(file)
    assert cache.get(DIGEST, "a") is None
    assert len(cache.rejected) == 1
    cache.put(DIGEST, PROVED)
    assert cache.get(DIGEST, "a") is not None


def test_a_folder_counts_as_none(cache: Cache) -> None:
    """It stays, as it may be somebody's; so the verdict is made anew each time."""
    file = file_of(cache)
    file.unlink()
    (file / "of somebody").mkdir(parents=True)
    for _ in range(2):
        assert cache.get(DIGEST, "a") is None
        assert cache.rejected == {file}
        cache.put(DIGEST, PROVED)
    assert list(file.parent.iterdir()) == [file]  # nothing half-written beside it
    assert list(file.iterdir()) == [file / "of somebody"]


def test_an_entry_in_the_place_of_another_counts_as_none(cache: Cache) -> None:
    """As who wants to hide a bug would put the verdict on the right code there."""
    other = cache.folder / OTHER[:2] / f"{OTHER[2:]}.json"
    other.parent.mkdir()
    file_of(cache).rename(other)
    assert cache.get(OTHER, "a") is None
    assert len(cache.rejected) == 1


def test_an_entry_that_is_sealed_with_another_key_counts_as_none(cache: Cache) -> None:
    other = Cache(cache.folder, b"o" * 32)
    assert other.get(DIGEST, "a") is None
    assert len(other.rejected) == 1


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.PROVED])
def test_only_what_is_proved_is_kept(tmp_path: Path, verdict: Verdict) -> None:
    cache = Cache(tmp_path, KEY)
    cache.put(DIGEST, Result("a", verdict))
    assert cache.get(DIGEST, "a") is None


def test_what_was_seen_to_go_wrong_elsewhere_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path, KEY)
    seen = Failure("wrong", "file", 1)
    cache.put(DIGEST, Result("a", Verdict.PROVED, seen=seen))
    assert cache.get(DIGEST, "a") is None


def test_what_nobody_uses_is_removed(cache: Cache) -> None:
    cache.put(OTHER, PROVED)
    long_ago = time.time() - KEPT - 60
    os.utime(cache._file(DIGEST), (long_ago, long_ago))
    cache.prune()
    assert cache.get(DIGEST, "a") is None
    assert cache.get(OTHER, "a") is not None


def test_what_was_not_written_to_its_end_is_removed(cache: Cache) -> None:
    """As a process that is killed leaves it."""
    file = file_of(cache)
    left = file.with_name(f".{file.name}.x1y2")
    left.touch()
    cache.prune()
    assert left.exists()  # somebody may be writing it
    os.utime(left, (0, 0))
    cache.prune()
    assert not left.exists()
    assert file.exists()


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    cache = Cache(tmp_path / "cache", KEY)
    cache.put(DIGEST, PROVED)
    assert cache.get(DIGEST, "a") is None


# ---------------------------------------------------------------- the key


def test_the_key_is_made_once_and_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    key = sealing_key()
    file = tmp_path / "pyvigor" / "cache-key"
    assert len(key) >= 32 and sealing_key() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("")
    with pytest.raises(UsageError, match="is no key any more; delete it"):
        sealing_key()


def test_there_is_no_cache_for_who_has_no_home(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(Path, "home", home)
    assert isinstance(cache_for(argparse.Namespace(no_cache=False)), NoCache)
    assert f"set {KEY_VARIABLE}" in capsys.readouterr().err


def test_the_key_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "0123456789abcdef")
    assert sealing_key() == b"0123456789abcdef"
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(UsageError, match="shorter than 16 bytes"):
        sealing_key()
