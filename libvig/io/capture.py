"""Capture files, read: pcap and pcapng, told apart by their first bytes."""

import inspect
import mmap
import os
import stat
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from libvig.compile import native
from libvig.errors import InputError
from libvig.io import bytes as capture_bytes
from libvig.io import pcap, scan, scan_pcap, scan_pcapng
from libvig.io.link_types import ETHERNET, link_type_name
from libvig.io.records import Records, new_interfaces, new_records
from libvig.io.scan import SOUND, Scan
from libvig.types import Bytes

STANDARD_INPUT = "-"

_PCAP = {
    pcap.MICROSECONDS.to_bytes(4, "big"): pcap.Layout(little=False, unit=1000),
    pcap.NANOSECONDS.to_bytes(4, "big"): pcap.Layout(little=False, unit=1),
    pcap.MICROSECONDS.to_bytes(4, "little"): pcap.Layout(little=True, unit=1000),
    pcap.NANOSECONDS.to_bytes(4, "little"): pcap.Layout(little=True, unit=1),
}
_PCAPNG = scan_pcapng.SECTION.to_bytes(4, "big")
_OTHERS = {
    pcap.MODIFIED.to_bytes(4, "big"): "a modified pcap of 1998; convert it: editcap FILE NEW",
    pcap.MODIFIED.to_bytes(4, "little"): "a modified pcap of 1998; convert it: editcap FILE NEW",
    b"\x1f\x8b": "compressed by gzip; unpack it first: gunzip FILE",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it first: unzstd FILE",
    b"\x04\x22\x4d\x18": "compressed by lz4; unpack it first: unlz4 FILE",
    b"\xfd7zXZ": "compressed by xz; unpack it first: unxz FILE",
    b"BZh": "compressed by bzip2; unpack it first: bunzip2 FILE",
    b"snoop\0": "a snoop capture; convert it: editcap FILE NEW",
}
_OUTCOMES = {
    scan.CUT_SHORT: "ends in the middle of a record",
    scan.BAD_LENGTH: "is damaged: impossible lengths in a record",
    scan.BAD_SECTION: "is damaged: a section of unknown byte order or version",
    scan.UNKNOWN_INTERFACE: "is damaged: a packet of an interface that is not described",
    scan.TOO_MANY_INTERFACES: "describes more interfaces than there can be devices",
}


class Capture(NamedTuple):
    """What a capture file holds."""

    name: str
    records: Records
    interfaces: int
    """How many interfaces a section describes at most; 1 in pcap."""
    layout: pcap.Layout | None
    """The variant of pcap; None if the capture is pcapng."""
    damage: str
    """One line that says where and why reading ended too early; empty if it did not."""


def read_capture(name: str, *, interpreted: bool = False) -> Capture:
    """Read the capture with this file name; "-" is standard input.

    `interpreted` runs the scanners in CPython instead of natively. Raises InputError if there is
    no such file, or it is not a capture of Ethernet frames.
    """
    data = _contents(name)
    magic = data[:4].tobytes()
    if magic in _PCAP:
        return _read_pcap(name, data, _PCAP[magic], interpreted)
    if magic == _PCAPNG:
        return _read_pcapng(name, data, interpreted)
    start = data[:6].tobytes()
    for prefix, what in _OTHERS.items():
        if start.startswith(prefix):
            raise InputError(f"{name}: {what.replace('FILE', name)}")
    if not len(data):
        raise InputError(f"{name}: is empty; give a pcap or pcapng capture")
    raise InputError(
        f"{name}: is not a capture: it starts with {magic.hex(' ')}; give a pcap or pcapng file"
    )


def _contents(name: str) -> Bytes:
    """The bytes of the file, writable without changing the file."""
    try:
        if name == STANDARD_INPUT:
            return np.frombuffer(bytearray(sys.stdin.buffer.read()), np.uint8)
        with Path(name).open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
                return np.frombuffer(bytearray(file.read()), np.uint8)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            return np.frombuffer(mapped, np.uint8)
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None


def _read_pcap(name: str, data: Bytes, layout: pcap.Layout, interpreted: bool) -> Capture:
    if len(data) < scan_pcap.FILE_HEADER:
        raise InputError(f"{name}: ends at byte {len(data)}, in the middle of the file header")
    order = layout.little
    major, minor = (capture_bytes.u16(data, at, order) for at in (4, 6))
    if (major, minor) != (2, scan_pcap.VERSION):
        raise InputError(
            f"{name}: is pcap {major}.{minor}, not 2.4; convert it: editcap {name} NEW"
        )
    # The upper half of the word says how long a frame check sequence is, if it says anything.
    _check_link_type(name, capture_bytes.u32(data, scan_pcap.LINK_TYPE, order) & 0xFFFF)
    run = _runnable(scan_pcap.scan_pcap, interpreted)
    scanned = run(new_records(data, 0), order, layout.unit == 1000)
    records = new_records(data, scanned.packets)
    run(records, order, layout.unit == 1000)
    return Capture(name, records, 1, layout, _damage(name, data, scanned))


def _read_pcapng(name: str, data: Bytes, interpreted: bool) -> Capture:
    interfaces = new_interfaces()
    run = _runnable(scan_pcapng.scan_pcapng, interpreted)
    scanned = run(new_records(data, 0), interfaces)
    if scanned.end == 0:
        raise InputError(_damage(name, data, scanned))
    for i in range(scanned.interfaces):
        _check_link_type(f"{name}: interface {interfaces.number[i]}", int(interfaces.link_type[i]))
    records = new_records(data, scanned.packets)
    run(records, interfaces)
    damage = _damage(name, data, scanned)
    return Capture(name, records, int(interfaces.number.max()) + 1, None, damage)


def _check_link_type(place: str, link_type: int) -> None:
    if link_type != ETHERNET:
        raise InputError(
            f"{place}: the packets are {link_type_name(link_type)}; only Ethernet is supported"
        )


def _damage(name: str, data: Bytes, scanned: Scan) -> str:
    if scanned.outcome == SOUND:
        return ""
    before = "1 packet" if scanned.packets == 1 else f"{scanned.packets} packets"
    end = f"at byte {scanned.end} of {len(data)}"
    return f"{name}: {_OUTCOMES[scanned.outcome]}, {end}; {before} came before"


@cache
def _runnable(function: Any, interpreted: bool) -> Any:
    return function if interpreted else native(inspect.unwrap(function))
