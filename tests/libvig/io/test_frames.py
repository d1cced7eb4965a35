"""Captures out of frames: what is written is read again, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from libvig.errors import InputError
from libvig.io.frames import Frame, write_capture
from tests.libvig.io.captures import frames_of, read_both_ways

FRAMES = [
    Frame(5, b"seen by the first"),
    Frame(7, b"by the second, cut", 1500, 1),
    Frame(6, b"", 0, 1),
]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.pcapng"
    write_capture(str(file), ["lan", "wan"], FRAMES)
    assert frames_of(read_both_ways(file).records) == [Frame(5, FRAMES[0].data, 17), *FRAMES[1:]]


def test_no_frames_are_a_capture_too(tmp_path: Path) -> None:
    file = tmp_path / "a.pcapng"
    write_capture(str(file), ["lan"], [])
    assert frames_of(read_both_ways(file).records) == []


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no/a\.pcapng: cannot be written: No such file"):
        write_capture(str(tmp_path / "no" / "a.pcapng"), ["lan"], FRAMES)
