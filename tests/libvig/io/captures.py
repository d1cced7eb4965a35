"""Captures made by hand, independently of the writers under test."""

import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from libvig.io.capture import Capture, read_capture
from libvig.io.frames import Frame, records_of
from libvig.io.records import Records

__all__ = ["Frame", "frames_of", "records_of"]


def frames_of(records: Records) -> list[Frame]:
    """The records as plain Python values."""
    return [
        Frame(
            int(records.time[i]),
            records.data[records.start[i] : records.start[i] + records.length[i]].tobytes(),
            int(records.wire_length[i]),
            int(records.interface[i]),
        )
        for i in range(len(records.start))
    ]


def read_both_ways(file: Path) -> Capture:
    """Read the capture natively and in CPython, which must agree."""
    native = read_capture(str(file))
    interpreted = read_capture(str(file), interpreted=True)
    assert native[2:] == interpreted[2:]
    for column in Records._fields:
        one, other = getattr(native.records, column), getattr(interpreted.records, column)
        assert np.array_equal(one, other)
    return native


@st.composite
def frame_lists(draw: st.DrawFn, latest: int, interfaces: int = 1) -> list[Frame]:
    """Up to six frames, some cut short, at any times from 0 to `latest`."""
    frames = []
    for _ in range(draw(st.integers(0, 6))):
        data = draw(st.binary(max_size=70))
        lost = draw(st.sampled_from([0, 0, 1, 1500, 2**32 - 1 - len(data)]))
        interface = draw(st.integers(0, interfaces - 1))
        frames.append(Frame(draw(st.integers(0, latest)), data, len(data) + lost, interface))
    return frames


def pcap_file(
    frames: Iterable[Frame],
    *,
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    unit: int = 1000,
    version: tuple[int, int] = (2, 4),
    link_type: int = 1,
) -> bytes:
    """A pcap capture; `unit` is the nanoseconds in a unit of its fractions of a second."""
    parts = [struct.pack(order + "IHHiIII", magic, *version, 0, 0, 65535, link_type)]
    for frame in frames:
        seconds, nanoseconds = divmod(frame.time, 10**9)
        fraction, length = nanoseconds // unit, len(frame.data)
        parts.append(struct.pack(order + "IIII", seconds, fraction, length, frame.wire_length))
        parts.append(frame.data)
    return b"".join(parts)


def block(order: str, kind: int, body: bytes) -> bytes:
    """A pcapng block, its body padded to whole words."""
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def section(order: str, options: bytes = b"") -> bytes:
    """A pcapng section header."""
    body = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    return block(order, 0x0A0D0D0A, body + options)


def option(order: str, code: int, value: bytes) -> bytes:
    """A pcapng option."""
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(order: str, link_type: int = 1, snap: int = 0, options: bytes = b"") -> bytes:
    """A pcapng interface description."""
    return block(order, 1, struct.pack(order + "HHI", link_type, 0, snap) + options)


def resolution(order: str, value: int) -> bytes:
    """The option if_tsresol, and the end of options."""
    return option(order, 9, bytes([value])) + option(order, 0, b"")


def packet(order: str, stamp: int, frame: Frame) -> bytes:
    """An enhanced packet block."""
    lengths = len(frame.data), frame.wire_length
    body = struct.pack(order + "IIIII", frame.interface, stamp >> 32, stamp & 0xFFFFFFFF, *lengths)
    return block(order, 6, body + frame.data)


def old_packet(order: str, stamp: int, frame: Frame) -> bytes:
    """An obsolete packet block."""
    lengths = len(frame.data), frame.wire_length
    body = struct.pack(
        order + "HHIIII", frame.interface, 7, stamp >> 32, stamp & 0xFFFFFFFF, *lengths
    )
    return block(order, 2, body + frame.data)


def simple_packet(order: str, data: bytes, wire_length: int) -> bytes:
    """A simple packet block."""
    return block(order, 3, struct.pack(order + "I", wire_length) + data)
