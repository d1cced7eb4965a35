"""Output files appear whole or not at all."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from libvig.errors import InputError
from libvig.io.output import Outputs


def write(files: Outputs, file: Path, content: Iterator[bytes] | list[bytes]) -> None:
    files.write(str(file), files.open(str(file)), content)


def test_a_file_is_put_in_place_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "new"
    with Outputs() as files:
        write(files, file, [b"all ", b"of it"])
        assert not file.exists()
    assert file.read_bytes() == b"all of it"
    assert os.listdir(tmp_path) == ["new"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, InputError])
def test_after_a_failure_nothing_has_changed(tmp_path: Path, error: type[BaseException]) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise error

    old = tmp_path / "old"
    old.write_bytes(b"what was there")
    with pytest.raises(error), Outputs() as files:
        write(files, tmp_path / "first", [b"complete"])
        write(files, old, pieces())
    assert old.read_bytes() == b"what was there"
    assert os.listdir(tmp_path) == ["old"]


def test_an_existing_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    old, link = tmp_path / "old", tmp_path / "link"
    old.write_bytes(b"before")
    old.chmod(0o640)
    link.symlink_to("old")
    with Outputs() as files:
        write(files, link, [b"after"])
    assert link.is_symlink()
    assert old.read_bytes() == b"after"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_a_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with Outputs() as files:
        write(files, pipe, [b"through"])
    reader.join()
    assert read == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/file", "No such file or directory"),
        ("folder", "Is a directory"),
        ("/dev/full", "No space left on device"),
    ],
)
def test_what_cannot_be_written_is_named(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as refusal, Outputs() as files:
        write(files, tmp_path / name, [b"x" * 100_000])
    assert str(refusal.value) == f"{tmp_path / name}: cannot be written: {reason}"
    assert os.listdir(tmp_path) == ["folder"]
