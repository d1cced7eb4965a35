"""pcapng: every kind of block, both byte orders, several sections; damage never hurts."""

import struct
from pathlib import Path
from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scapy.utils import RawPcapNgReader

from libvig.errors import InputError
from libvig.io.capture import read_capture
from libvig.io.records import new_interfaces, new_records
from libvig.io.scan import TOO_MANY_INTERFACES
from libvig.io.scan_pcapng import Block, BlockScan, Interfaces, Place, scan_pcapng
from libvig.io.writer import encode_pcapng
from libvig.types import MAX_TIME
from tests.libvig.io.captures import (
    Frame,
    block,
    frame_lists,
    frames_of,
    interface,
    old_packet,
    option,
    packet,
    read_both_ways,
    records_of,
    resolution,
    section,
    simple_packet,
)

SECOND = 10**9
ORDERS = ["<", ">"]
NAMES = ["lan", "wan", "dmz"]

examples = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(tmp_path: Path, *blocks: bytes) -> list[Frame]:
    """The frames of a sound capture that consists of these blocks."""
    file = tmp_path / "capture"
    file.write_bytes(b"".join(blocks))
    capture = read_both_ways(file)
    assert capture.damage == ""
    assert capture.layout is None
    return frames_of(capture.records)


def damage(tmp_path: Path, *blocks: bytes | bytearray) -> str:
    """What is said of a damaged capture that consists of these blocks."""
    file = tmp_path / "capture"
    file.write_bytes(b"".join(blocks))
    return read_both_ways(file).damage.removeprefix(f"{file}: ")


@examples
@given(frames=frame_lists(MAX_TIME, interfaces=3))
def test_what_was_written_is_read_again(tmp_path: Path, frames: list[Frame]) -> None:
    assert read(tmp_path, *encode_pcapng(records_of(frames), NAMES)) == frames


def test_scapy_reads_what_was_written(tmp_path: Path) -> None:
    frames = [Frame(1_700_000_000 * SECOND + 123_456_789, b"abcde", 9, 2), Frame(7, b"", 0, 0)]
    file = tmp_path / "capture"
    file.write_bytes(b"".join(encode_pcapng(records_of(frames), NAMES)))
    packets: Any = RawPcapNgReader(str(file))
    seen = [
        (about.tshigh << 32 | about.tslow, data, about.wirelen, about.ifname)
        for data, about in packets
    ]
    assert seen == [(f.time, f.data, f.wire_length, NAMES[f.interface].encode()) for f in frames]


@pytest.mark.parametrize("order", ORDERS)
def test_every_kind_of_packet_block_is_read(tmp_path: Path, order: str) -> None:
    one = Frame(1_000_000 * 1000, b"enhanced", 100, 0)
    two = Frame(2_000_000 * 1000, b"obsolete", 8, 1)
    three = Frame(2_000_000 * 1000, b"simple", 6, 0)  # has no time: that of the one before
    blocks = [
        section(order),
        interface(order),
        interface(order),
        block(order, 0x0BAD, b"a block that no one knows"),
        packet(order, 1_000_000, one),
        old_packet(order, 2_000_000, two),
        simple_packet(order, three.data, 6),
    ]
    assert read(tmp_path, *blocks) == [one, two, three]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("snap", "wire_length", "captured"), [(0, 6, 6), (4, 6, 4), (4, 3, 3), (100, 50, 8)]
)
def test_the_captured_length_of_a_simple_packet_follows(
    tmp_path: Path, order: str, snap: int, wire_length: int, captured: int
) -> None:
    # It is not written down: the smallest of wire length, snap length and room in the block.
    simple = simple_packet(order, b"abcdefgh", wire_length)
    frames = read(tmp_path, section(order), interface(order, snap=snap), simple)
    assert frames == [Frame(0, b"abcdefgh"[:captured], wire_length, 0)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("unit", "ticks_in_a_second"),
    [(0, 1), (3, 10**3), (6, 10**6), (9, 10**9), (12, 10**12), (128, 1), (148, 2**20)],
)
def test_stamps_are_read_in_the_unit_of_their_interface(
    tmp_path: Path, order: str, unit: int, ticks_in_a_second: int
) -> None:
    frame = Frame(1_000_000 * SECOND, b"x", 1, 1)
    described = interface(order, options=resolution(order, unit))
    stamped = packet(order, 1_000_000 * ticks_in_a_second, frame)
    assert read(tmp_path, section(order), interface(order), described, stamped) == [frame]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("offset", [-3, 0, 5, 1_700_000_000])
def test_the_offset_of_stamps_is_added(tmp_path: Path, order: str, offset: int) -> None:
    value = struct.pack(order + "q", offset)
    options = option(order, 2, b"eth0") + option(order, 14, value) + option(order, 0, b"")
    frame = Frame((10 + offset) * SECOND, b"x", 1)
    blocks = section(order), interface(order, options=options), packet(order, 10_000_000, frame)
    assert read(tmp_path, *blocks) == [frame]


def test_each_section_has_its_own_byte_order_and_interfaces(tmp_path: Path) -> None:
    one = Frame(10**6, b"one", 3, 1)
    two = Frame(5 * SECOND, b"two", 3, 0)
    blocks = [
        section("<", option("<", 1, b"a comment")),
        interface("<", options=resolution("<", 9)),
        interface("<"),
        packet("<", 1000, one),
        section(">"),
        interface(">", options=resolution(">", 0)),
        packet(">", 5, two),
    ]
    assert read(tmp_path, *blocks) == [one, two]


def test_as_many_devices_are_needed_as_the_largest_section_has(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    small, large = section("<") + interface("<"), section(">") + 3 * interface(">")
    file.write_bytes(small + large + small)
    assert read_both_ways(file).interfaces == 3


GOOD = [
    section("<"),
    interface("<", options=resolution("<", 9)),
    packet("<", 77, Frame(77, b"hello", 5)),
    old_packet("<", 78, Frame(78, b"good", 4)),
    simple_packet("<", b"bye", 3),
    section(">"),
    interface(">"),
    packet(">", 1, Frame(1000, b"again", 5)),
]
ENDS = [sum(map(len, GOOD[: i + 1])) for i in range(len(GOOD))]


def test_a_capture_cut_anywhere_gives_the_packets_before_the_cut(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    whole = b"".join(GOOD)
    file.write_bytes(whole)
    all_frames = frames_of(read_both_ways(file).records)
    assert [frame.data for frame in all_frames] == [b"hello", b"good", b"bye", b"again"]
    for cut in range(ENDS[0], len(whole)):
        file.write_bytes(whole[:cut])
        capture = read_both_ways(file)
        packets = sum(ENDS[i] <= cut for i in (2, 3, 4, 7))
        assert frames_of(capture.records) == all_frames[:packets]
        last = max(end for end in ENDS if end <= cut)
        expected = "" if cut == last else f"ends in the middle of a record, at byte {last} of {cut}"
        assert expected in capture.damage
        assert bool(capture.damage) == (cut != last)


def test_a_cut_first_block_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    for cut in range(4, ENDS[0]):
        file.write_bytes(b"".join(GOOD)[:cut])
        with pytest.raises(InputError, match="ends in the middle of a record, at byte 0"):
            read_capture(str(file))


@examples
@given(at=st.integers(4, ENDS[-1] - 1), flipped=st.integers(1, 255))
def test_a_wrong_byte_never_hurts(tmp_path: Path, at: int, flipped: int) -> None:
    file = tmp_path / "capture"
    data = bytearray(b"".join(GOOD))
    data[at] ^= flipped
    file.write_bytes(data)
    try:
        capture = read_both_ways(file)
    except InputError:
        return  # the link type, or the first block
    assert len(capture.records.start) <= 4
    assert all(0 <= frame.time <= MAX_TIME for frame in frames_of(capture.records))


@examples
@given(
    order=st.sampled_from(ORDERS),
    bodies=st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 6, 9]), st.binary(max_size=64)), max_size=5
    ),
)
def test_no_blocks_hurt(tmp_path: Path, order: str, bodies: list[tuple[int, bytes]]) -> None:
    file = tmp_path / "capture"
    blocks = [block(order, kind, body) for kind, body in bodies]
    file.write_bytes(b"".join([section(order), interface(order), *blocks]))
    try:
        assert len(read_both_ways(file).records.start) <= len(blocks)
    except InputError as error:
        assert "link type" in str(error)


@pytest.mark.parametrize("order", ORDERS)
def test_damage_is_named_with_its_place(tmp_path: Path, order: str) -> None:
    start = section(order) + interface(order)
    good = packet(order, 1, Frame(0, b"good", 4))
    at = len(start + good)
    place = f"at byte {at} of"
    lengths = f"is damaged: impossible lengths in a record, {place}"

    stranger = packet(order, 1, Frame(0, b"x", 1, interface=1))
    assert damage(tmp_path, start, good, stranger).startswith(
        f"is damaged: a packet of an interface that is not described, {place}"
    )
    foreign = bytearray(section(order))
    foreign[8] ^= 1
    assert damage(tmp_path, start, good, foreign).startswith(
        f"is damaged: a section of unknown byte order or version, {place}"
    )
    newer = bytearray(section(order))
    newer[12:14] = struct.pack(order + "H", 2)
    assert "unknown byte order or version" in damage(tmp_path, start, good, newer)
    for size in (0, 8, 11, 13, 28):  # too small for a packet block, or not whole words
        short = struct.pack(order + "II", 6, size) + bytes(64)
        assert damage(tmp_path, start, good, short).startswith(lengths)
    odd = struct.pack(order + "II", 0x0BAD, 13) + b"x" + struct.pack(order + "I", 13)
    assert damage(tmp_path, start, good, odd).startswith(lengths)
    trailer = bytearray(good)
    trailer[-2] ^= 1
    assert damage(tmp_path, start, good, trailer).startswith(lengths)
    captured = bytearray(good)
    captured[20:24] = struct.pack(order + "I", 5)  # four bytes are there, and no padding
    assert damage(tmp_path, start, good, captured).startswith(lengths)


def test_more_interfaces_than_devices_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    file.write_bytes(section("<") + interface("<") * (2**15 + 1))
    too_many = f"{file}: describes more interfaces than there can be devices"
    assert read_capture(str(file)).damage.startswith(too_many)


def test_interfaces_are_stored_as_far_as_there_is_room() -> None:
    number, link_type, snap_length, resolution, offset = new_interfaces()
    room = Interfaces(number[:2], link_type[:2], snap_length[:2], resolution[:2], offset[:2])
    data = np.frombuffer(section("<") + interface("<", snap=77) * 3, np.uint8)
    scanned = scan_pcapng(new_records(data, 0), room, Place(0, 0, 0, 0, True))
    end = Place(len(data) - len(interface("<")), 2, 0, 0, True)
    assert scanned == BlockScan(0, end, TOO_MANY_INTERFACES)
    assert room.snap_length.tolist() == [77, 77]


def test_a_block_is_not_read_beyond_the_data() -> None:
    data = np.frombuffer(interface("<"), np.uint8)
    whole = Block(data, 0, 1, len(data), True)
    assert whole.u32(len(data) - 4) == len(data)
    for offset in (-1, len(data) - 3):
        with pytest.raises(icontract.ViolationError):
            whole.u32(offset)
    with pytest.raises(icontract.ViolationError):
        Block(data, 10, 1, 12, True)
    cut = Block(data[:16], 0, 1, len(data), True)
    with pytest.raises(icontract.ViolationError):
        new_interfaces().read(0, 0, cut)


def test_options_that_run_over_the_block_are_ignored(tmp_path: Path) -> None:
    options = option("<", 9, b"\x00") + struct.pack("<HH", 14, 400) + bytes(8)
    frame = Frame(3 * SECOND, b"x", 1)
    blocks = section("<"), interface("<", options=options), packet("<", 3, frame)
    assert read(tmp_path, *blocks) == [frame]


def test_the_value_of_an_option_lies_within_the_block(tmp_path: Path) -> None:
    # What follows the option's header is the block's length, 24, and not a unit of time.
    cut_option = struct.pack("<HH", 9, 1)
    frame = Frame(3 * SECOND, b"x", 1)
    blocks = section("<"), interface("<", options=cut_option), packet("<", 3_000_000, frame)
    assert read(tmp_path, *blocks) == [frame]
