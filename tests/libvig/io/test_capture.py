"""What is no capture of Ethernet frames is refused in one line that says what it is."""

import io
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from libvig.errors import InputError
from libvig.io.capture import read_capture
from tests.libvig.io.captures import (
    Frame,
    frames_of,
    interface,
    packet,
    pcap_file,
    read_both_ways,
    section,
)

FRAME = Frame(1000, b"frame", 5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; give a pcap or pcapng capture"),
        (b"\xa1", "is not a capture: it starts with a1; give"),
        (b"GET / HTTP/1.1", "is not a capture: it starts with 47 45 54 20; give"),
        (b"\x04\x22\x4d\x18rest", "compressed by lz4; unpack it first: unlz4 "),
        (b"snoop\0\0\0rest", "a snoop capture; convert it: editcap "),
        (pcap_file([], magic=0xA1B2CD34), "a modified pcap of 1998; convert it: editcap "),
        (pcap_file([], order=">", magic=0xA1B2CD34), "a modified pcap of 1998; convert it"),
        (pcap_file([], version=(2, 2)), "is pcap 2.2, not 2.4; convert it: editcap "),
        (pcap_file([], link_type=105), "the packets are 802.11 wireless, link type 105; only"),
        (pcap_file([], link_type=250), "the packets are link type 250; only Ethernet is supported"),
        (
            section("<") + interface("<") + interface("<", link_type=101),
            "interface 1: the packets are raw IP, link type 101; only Ethernet is supported",
        ),
        (
            section("<") + interface("<") + section(">") + interface(">", link_type=113),
            "interface 0: the packets are Linux cooked (the any interface), link type 113; only",
        ),
    ],
)
def test_it_is_refused_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "capture"
    file.write_bytes(content)
    with pytest.raises(InputError) as refusal:
        read_capture(str(file))
    assert str(refusal.value).startswith(f"{file}: ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none: cannot be read: No such file or directory"):
        read_capture(str(tmp_path / "none"))
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_capture(str(tmp_path))


def test_a_frame_check_sequence_length_is_no_part_of_the_link_type(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    file.write_bytes(pcap_file([FRAME], link_type=0x24000001))
    assert frames_of(read_both_ways(file).records) == [FRAME]


def test_writing_to_packets_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    file.write_bytes(pcap_file([FRAME]))
    records = read_capture(str(file)).records
    records.data[:] = 0
    assert file.read_bytes() == pcap_file([FRAME])


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(pcap_file([FRAME]),))
    writer.start()
    assert frames_of(read_capture(str(pipe)).records) == [FRAME]
    writer.join()


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = section("<") + interface("<") + packet("<", 1, FRAME)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    assert frames_of(read_capture("-").records) == [FRAME]
