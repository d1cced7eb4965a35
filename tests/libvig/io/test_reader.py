"""Captures are read part by part, packed or not, and it makes no difference how large a part is."""

import gzip
import io
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libvig.errors import InputError
from libvig.io.capture import joined, read_capture
from libvig.io.reader import Reader, Room
from libvig.io.source import zstd_module
from tests.libvig.io.captures import (
    Frame,
    block,
    frame_lists,
    frames_of,
    interface,
    packet,
    pcap_file,
    section,
    simple_packet,
)

SECOND = 10**9
FRAMES = [Frame(i * SECOND, bytes([i]) * (10 * i), 10 * i + 1) for i in range(20)]
zstd = zstd_module("these tests")

examples = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
rooms = st.builds(Room, st.integers(1, 7), st.integers(1, 100))


def written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def read_parts(file: Path | str, room: Room, *, interpreted: bool = False) -> tuple[object, ...]:
    """All that a reader says of a capture."""
    reader = Reader(str(file), interpreted=interpreted, room=room)
    parts = list(map(frames_of, iter(reader.read, None)))
    assert all(0 < len(part) <= room.packets for part in parts)
    frames = [frame for part in parts for frame in part]
    assert reader.packets == len(frames)
    return frames, reader.interfaces, reader.layout, reader.damage


def read_whole(file: Path) -> tuple[object, ...]:
    capture = read_capture(str(file))
    return frames_of(capture.records), capture.interfaces, capture.layout, capture.damage


@st.composite
def pcapng_files(draw: st.DrawFn) -> bytes:
    """Sections of both byte orders, with interfaces described at any time, and other blocks."""
    content = b""
    for _ in range(draw(st.integers(1, 3))):
        order = draw(st.sampled_from("<>"))
        content += section(order) + interface(order)
        known = 1
        for frame in draw(frame_lists(2**62 // 1000, 3)):
            if draw(st.booleans()):
                content += interface(order)
                known += 1
            if draw(st.booleans()):
                content += block(order, 0x0BAD, bytes(draw(st.integers(0, 200))))
            content += packet(order, frame.time, frame._replace(interface=frame.interface % known))
            content += simple_packet(order, frame.data, frame.wire_length)
    return content


@examples
@given(frame_lists(2**32 * SECOND - 1), rooms, st.sampled_from("<>"), st.integers(0, 40))
def test_the_size_of_the_parts_of_pcap_makes_no_difference(
    tmp_path: Path, frames: list[Frame], room: Room, order: str, cut: int
) -> None:
    content = pcap_file(frames, order=order)
    file = written(tmp_path / "capture", content[: max(24, len(content) - cut)])
    assert read_parts(file, room) == read_whole(file)
    assert read_parts(file, room, interpreted=True) == read_whole(file)


@examples
@given(pcapng_files(), rooms, st.integers(0, 40), st.integers(0, 10**6))
def test_the_size_of_the_parts_of_pcapng_makes_no_difference(
    tmp_path: Path, content: bytes, room: Room, cut: int, at: int
) -> None:
    """Nor if the capture is damaged, at its end or anywhere behind its first section."""
    damaged = bytearray(content[: max(28, len(content) - cut)])
    if cut % 3 == 0 and len(damaged) > 28:
        damaged[28 + at % (len(damaged) - 28)] ^= 1 << at % 8
    file = written(tmp_path / "capture", bytes(damaged))
    try:
        whole = read_whole(file)
    except InputError as refusal:  # of an interface that is no Ethernet
        with pytest.raises(InputError) as also:
            read_parts(file, room)
        assert str(also.value) == str(refusal)
        return
    assert read_parts(file, room) == whole


def test_the_longest_packets_are_read_in_small_parts(tmp_path: Path) -> None:
    frames = [Frame(0, bytes([i]) * 262_144, 262_144) for i in range(3)]
    file = written(tmp_path / "capture", pcap_file(frames))
    assert read_parts(file, Room(packets=2, size=100))[0] == frames


def test_packets_that_are_written_to_are_read_as_they_were(tmp_path: Path) -> None:
    file = written(tmp_path / "capture", pcap_file(FRAMES))
    reader = Reader(str(file), room=Room(packets=3, size=64))
    found = []
    for records in iter(reader.read, None):
        found += frames_of(records)
        for start, length in zip(records.start, records.length, strict=True):
            records.data[start : start + length] = 0xEE
    assert found == FRAMES


# ---------------------------------------------------------------- packed


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize("size", [1, 100, 2**21])
def test_packed_captures_are_unpacked(tmp_path: Path, pack: object, size: int) -> None:
    assert callable(pack)
    plain = pcap_file(FRAMES)
    several = pack(plain[:100]) + pack(plain[100:])
    for content in (pack(plain), several):
        file = written(tmp_path / "capture", content)
        assert read_parts(file, Room(size=size))[0] == FRAMES
    blocks = section("<") + interface("<") + packet("<", 1, FRAMES[1]) + interface("<")
    file = written(tmp_path / "capture", pack(blocks))
    assert read_parts(file, Room(size=size))[1] == 2  # also of what comes after the packets


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_what_was_packed_is_read_up_to_where_it_is_cut(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    random = [Frame(i, os.urandom(1000), 1000) for i in range(200)]  # which cannot be packed
    whole = pack(pcap_file(random, magic=0xA1B23C4D, unit=1))
    file = written(tmp_path / "capture", whole[: len(whole) // 2])
    found, _, _, damage = read_parts(file, Room())
    assert isinstance(found, list) and isinstance(damage, str)
    assert found == random[: len(found)]
    packing = "gzip" if pack is gzip.compress else "zstd"
    assert damage == (
        f"{file}: ends in the middle of what {packing} packed; {len(found)} packets came before"
    )
    with pytest.raises(InputError, match=f"ends in the middle of what {packing} packed"):
        Reader(str(written(file, whole[:12])))


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_damage_of_what_was_packed_is_told(tmp_path: Path, packing: str) -> None:
    content = os.urandom(200_000)
    plain = pcap_file([Frame(0, content[i : i + 1000], 1000) for i in range(0, 200_000, 1000)])
    if packing == "gzip":
        damaged = bytearray(gzip.compress(plain))
        damaged[-6] ^= 1  # of the checksum
    else:
        damaged = bytearray(
            zstd.compress(plain, options={zstd.CompressionParameter.checksum_flag: 1})
        )
        damaged[-2] ^= 1
    file = written(tmp_path / "capture", bytes(damaged))
    assert f"is damaged: {packing} cannot unpack it: " in str(read_parts(file, Room())[3])


def test_what_follows_the_packed_capture_is_damage(tmp_path: Path) -> None:
    file = written(tmp_path / "capture", gzip.compress(pcap_file(FRAMES)) + b"something else")
    found, _, _, damage = read_parts(file, Room())
    assert found == FRAMES
    assert "is damaged: gzip cannot unpack it: Not a gzipped file" in str(damage)


def test_damage_of_the_capture_within_is_told_by_its_place_there(tmp_path: Path) -> None:
    file = written(tmp_path / "capture", gzip.compress(pcap_file(FRAMES[:2])[:-1]))
    assert read_parts(file, Room())[3] == (
        f"{file}: ends in the middle of a record, at byte 40 when unpacked; 1 packet came before"
    )


def test_without_the_library_zstd_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "capture", zstd.compress(pcap_file(FRAMES)))
    name = "compression" if sys.version_info >= (3, 14) else "backports"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"packed by zstd.* pip install 'pyvigor\[zstd\]'"):
        Reader(str(file))


# ---------------------------------------------------------------- pipes


class Pipe:
    """A pipe that is written to while it is read, in pieces."""

    def __init__(self, path: Path, content: bytes, piece: int) -> None:
        os.mkfifo(path)
        self.path = path
        pieces = [content[at : at + piece] for at in range(0, len(content), piece)]
        self.writer = threading.Thread(target=self._write, args=(pieces,))
        self.writer.start()

    def _write(self, pieces: list[bytes]) -> None:
        with self.path.open("wb", buffering=0) as pipe:
            for piece in pieces:
                pipe.write(piece)


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_pipes_are_read_as_files_are(tmp_path: Path, pack: object, piece: int) -> None:
    assert callable(pack)
    pipe = Pipe(tmp_path / "pipe", pack(pcap_file(FRAMES)), piece)
    assert read_parts(pipe.path, Room(packets=7, size=50))[0] == FRAMES
    pipe.writer.join()


def test_what_has_come_by_a_pipe_is_read_at_once(tmp_path: Path) -> None:
    """And not only when a part is full, or the pipe is closed."""
    read_end, write_end = os.pipe()
    content = pcap_file(FRAMES[:2])
    for pack in (bytes, gzip.compress):
        start = pack(content)
        os.write(write_end, start)
        reader = Reader(f"/dev/fd/{read_end}")
        records = reader.read()
        assert records is not None
        assert frames_of(records) == FRAMES[:2]
    os.close(write_end)
    os.close(read_end)


def test_interfaces_of_a_pipe_are_those_before_its_first_packet(tmp_path: Path) -> None:
    late = Frame(0, b"late", 4, 2)
    content = section("<") + interface("<") * 2 + packet("<", 1, FRAMES[1])
    content += interface("<") + packet("<", 1, late)
    assert read_parts(written(tmp_path / "file", content), Room())[1] == 3
    for room in (Room(), Room(packets=1, size=1)):
        pipe = Pipe(tmp_path / f"pipe{room.size}", content, 5)
        found, interfaces, _, _ = read_parts(pipe.path, room)
        assert isinstance(found, list)
        assert (len(found), found[1].interface, interfaces) == (2, 2, 2)
        pipe.writer.join()


def test_damage_of_a_pipe_is_told_without_its_size(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe", pcap_file(FRAMES[:2])[:-1], 50)
    assert read_parts(pipe.path, Room())[3] == (
        f"{pipe.path}: ends in the middle of a record, at byte 40; 1 packet came before"
    )
    pipe.writer.join()


def test_standard_input_may_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of which all interfaces are known; and which need not be read from its beginning."""
    content = section("<") + interface("<") + packet("<", 1, FRAMES[1]) + interface("<")
    with written(tmp_path / "capture", b"before" + content).open("rb", buffering=0) as file:
        file.read(6)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=file))
        reader = Reader("-")
        assert (reader.interfaces, reader.source.size) == (2, len(content))
        assert frames_of(joined(iter(reader.read, None)))[0].data == FRAMES[1].data
        assert reader.source.taken == len(content)


def test_an_error_while_reading_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        def readinto(self, room: object) -> int:
            raise OSError(5, "Input/output error")

    broken = Broken(pcap_file(FRAMES))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=broken))
    with pytest.raises(InputError, match="-: cannot be read: Input/output error"):
        list(iter(Reader("-").read, None))


def test_an_old_section_counts_no_interfaces_of_a_new_one(tmp_path: Path) -> None:
    """A packet of an interface that only another section describes is damage, in every part."""
    content = section("<") + interface("<") * 2 + packet("<", 1, FRAMES[1])
    content += section(">") + interface(">") + packet(">", 1, FRAMES[2]._replace(interface=1))
    file = written(tmp_path / "capture", content)
    for room in (Room(), Room(packets=1, size=1)):
        assert "a packet of an interface that is not described" in str(read_parts(file, room)[3])
