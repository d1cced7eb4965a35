"""pcap: what was written is read again, and so says scapy; damage never hurts."""

from pathlib import Path

import icontract
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scapy.utils import RawPcapReader, RawPcapWriter

from libvig.errors import InputError
from libvig.io.capture import read_capture
from libvig.io.pcap import NANOSECONDS, Layout
from libvig.io.records import new_records
from libvig.io.scan import FULL, SOUND, Records, Scan, is_packet_of
from libvig.io.scan_pcap import FILE_HEADER, scan_pcap
from libvig.io.writer import encode_pcap
from tests.libvig.io.captures import (
    Frame,
    frame_lists,
    frames_of,
    pcap_file,
    read_both_ways,
    records_of,
)

SECOND = 10**9
LATEST = (2**32 - 1) * SECOND + 999_999_999

LAYOUTS = [Layout(little, unit) for little in (True, False) for unit in (1, 1000)]
MAGICS = {1: 0xA1B23C4D, 1000: 0xA1B2C3D4}

FRAMES = [
    Frame(1_700_000_000 * SECOND + 123_456_789, b"first frame", 11),
    Frame(1_700_000_000 * SECOND + 5, b"earlier, and cut short", 1500),
    Frame(1_700_000_001 * SECOND, b"", 0),
]

examples = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def rounded(frames: list[Frame], unit: int) -> list[Frame]:
    return [frame._replace(time=frame.time // unit * unit) for frame in frames]


@pytest.mark.parametrize("layout", LAYOUTS)
@examples
@given(frames=frame_lists(LATEST))
def test_what_was_written_is_read_again(
    tmp_path: Path, layout: Layout, frames: list[Frame]
) -> None:
    file = tmp_path / "capture"
    file.write_bytes(b"".join(encode_pcap(records_of(frames), layout)))
    capture = read_both_ways(file)
    assert frames_of(capture.records) == rounded(frames, layout.unit)
    assert (capture.layout, capture.interfaces, capture.damage) == (layout, 1, "")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_variant_is_read(tmp_path: Path, layout: Layout) -> None:
    file = tmp_path / "capture"
    order = "<" if layout.little else ">"
    file.write_bytes(pcap_file(FRAMES, order=order, magic=MAGICS[layout.unit], unit=layout.unit))
    assert frames_of(read_both_ways(file).records) == rounded(FRAMES, layout.unit)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_scapy_reads_what_was_written(tmp_path: Path, layout: Layout) -> None:
    file = tmp_path / "capture"
    file.write_bytes(b"".join(encode_pcap(records_of(FRAMES), layout)))
    seen = [
        Frame(about.sec * SECOND + about.usec * layout.unit, data, about.wirelen)
        for data, about in RawPcapReader(str(file))
    ]
    assert seen == rounded(FRAMES, layout.unit)


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_scapy_wrote_is_read(tmp_path: Path, order: str) -> None:
    file = tmp_path / "capture"
    with RawPcapWriter(str(file), linktype=1, endianness=order, nano=True) as writer:
        writer.write_header(None)
        for frame in FRAMES:
            seconds, nanoseconds = divmod(frame.time, SECOND)
            writer.write_packet(frame.data, seconds, nanoseconds, wirelen=frame.wire_length)
    assert frames_of(read_both_ways(file).records) == FRAMES


def test_a_capture_cut_anywhere_gives_the_packets_before_the_cut(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    whole = pcap_file(FRAMES)
    ends = [24, 24 + 16 + 11, 24 + 2 * 16 + 11 + 22, len(whole)]
    for cut in range(24, len(whole) + 1):
        file.write_bytes(whole[:cut])
        capture = read_both_ways(file)
        before = sum(end <= cut for end in ends) - 1
        assert frames_of(capture.records) == rounded(FRAMES[:before], 1000)
        if cut in ends:
            assert capture.damage == ""
        else:
            assert f"in the middle of a record, at byte {ends[before]} of {cut}" in capture.damage


def test_a_cut_file_header_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    for cut in range(4, 24):
        file.write_bytes(pcap_file(FRAMES)[:cut])
        with pytest.raises(InputError, match=f"ends at byte {cut}, in the middle of the file"):
            read_capture(str(file))


@examples
@given(at=st.integers(24, 23 + len(pcap_file(FRAMES))), flipped=st.integers(1, 255))
def test_a_wrong_byte_never_hurts(tmp_path: Path, at: int, flipped: int) -> None:
    file = tmp_path / "capture"
    data = bytearray(pcap_file(FRAMES) + bytes(24))
    data[at] ^= flipped
    file.write_bytes(data)
    for frame in frames_of(read_both_ways(file).records):
        assert len(frame.data) <= len(data)


@examples
@given(rest=st.binary(max_size=300))
def test_no_bytes_hurt(tmp_path: Path, rest: bytes) -> None:
    file = tmp_path / "capture"
    file.write_bytes(pcap_file([]) + rest)
    assert len(read_both_ways(file).records.start) <= len(rest) // 16


def test_a_length_that_no_packet_has_is_damage(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    too_long = Frame(0, bytes(262_145), 262_145)
    file.write_bytes(pcap_file([*FRAMES, too_long, *FRAMES]))
    capture = read_both_ways(file)
    assert len(capture.records.start) == 3
    assert "impossible lengths in a record, at byte 105" in capture.damage
    assert "3 packets came before" in capture.damage


def test_the_longest_packet_is_read(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    file.write_bytes(pcap_file([Frame(0, bytes(262_144), 262_144)]))
    assert read_both_ways(file).records.length.tolist() == [262_144]


def test_seconds_are_unsigned_and_fractions_may_exceed_one_second(tmp_path: Path) -> None:
    # time_2106.pcap of tcpdump's tests is such a capture.
    file = tmp_path / "capture"
    data = bytearray(pcap_file([Frame(0, b"x", 1)]))
    data[24:32] = b"\xff" * 8
    file.write_bytes(data)
    capture = read_both_ways(file)
    assert capture.records.time.tolist() == [(2**32 - 1) * SECOND + (2**32 - 1) * 1000]
    again = b"".join(encode_pcap(capture.records, Layout(unit=1000)))
    assert again[24:] == bytes(data[24:])


def test_a_time_beyond_the_format_is_refused() -> None:
    late = [Frame(2**32 * SECOND + 2**32, b"", 0)]
    with pytest.raises(InputError, match=r"after the year 2106 .* write to a .pcapng file"):
        list(encode_pcap(records_of(late), Layout()))


def test_a_length_on_the_wire_below_the_captured_one_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    odd = [Frame(0, b"four", 2)]
    file.write_bytes(pcap_file(odd))
    records = read_both_ways(file).records
    assert frames_of(records) == odd
    assert b"".join(encode_pcap(records, Layout(unit=1000)))[24:] == pcap_file(odd)[24:]


def test_what_is_stored_lies_within_the_file() -> None:
    data = np.frombuffer(pcap_file(FRAMES), np.uint8)
    records = new_records(data, 3)
    assert scan_pcap(records, FILE_HEADER, True, True) == Scan(3, len(data), SOUND)
    assert is_packet_of(records, 0) and is_packet_of(records, 1)
    records.length[1] = len(data) - records.start[1] + 1
    assert not is_packet_of(records, 1)


def test_a_scan_goes_on_where_it_stopped() -> None:
    data = np.frombuffer(pcap_file(FRAMES, magic=NANOSECONDS, unit=1), np.uint8)
    records = new_records(data, 2)
    first = scan_pcap(records, FILE_HEADER, True, False)
    assert (first.packets, first.outcome) == (2, FULL)
    assert frames_of(records) == FRAMES[:2]
    second = scan_pcap(records, first.end, True, False)
    assert second == Scan(1, len(data), SOUND)
    assert frames_of(records)[0] == FRAMES[2]


def test_nothing_is_scanned_from_behind_the_data() -> None:
    with pytest.raises(icontract.ViolationError):
        scan_pcap(new_records(np.zeros(23, np.uint8), 0), FILE_HEADER, True, True)


def test_columns_of_different_lengths_are_refused() -> None:
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    with pytest.raises(icontract.ViolationError):
        Records(np.zeros(9, np.uint8), two, two, two, one, two)
