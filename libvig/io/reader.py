"""Capture files, read part by part: pcap and pcapng, told apart by their first bytes."""

from __future__ import annotations

from typing import NamedTuple

from libvig.errors import InputError
from libvig.io import pcap, scan, scan_pcapng
from libvig.io.records import Records, new_columns
from libvig.io.scan import CUT_SHORT, FULL, SOUND
from libvig.io.scanners import PcapngScanner, PcapScanner, Scanner
from libvig.io.source import Source
from libvig.io.window import SIZE, Window

COUNT = 32_768

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
    b"\x04\x22\x4d\x18": "compressed by lz4; unpack it first: unlz4 FILE",
    b"\xfd7zXZ": "compressed by xz; unpack it first: unxz FILE",
    b"BZh": "compressed by bzip2; unpack it first: bunzip2 FILE",
    b"snoop\0": "a snoop capture; convert it: editcap FILE NEW",
}
_LONGEST_HEADER = 24
_OUTCOMES = {
    scan.CUT_SHORT: "ends in the middle of a record",
    scan.BAD_LENGTH: "is damaged: impossible lengths in a record",
    scan.BAD_SECTION: "is damaged: a section of unknown byte order or version",
    scan.UNKNOWN_INTERFACE: "is damaged: a packet of an interface that is not described",
    scan.TOO_MANY_INTERFACES: "describes more interfaces than there can be devices",
}


class Room(NamedTuple):
    """How much of a capture is in memory at a time: so much that to begin a part costs little."""

    packets: int = COUNT
    size: int = SIZE
    """Bytes; more if a single record needs them."""


class Reader:
    """The packets of a capture, part by part, in the order of the file."""

    def __init__(self, name: str, *, interpreted: bool = False, room: Room | None = None) -> None:
        """Open the capture with this file name; "-" is standard input.

        `interpreted` runs the scanners in CPython instead of natively. Raises InputError if there
        is no such file, or it is not a capture of Ethernet frames.
        """
        self.name = name
        self._room = room or Room()
        self._interpreted = interpreted
        self._columns = new_columns(self._room.packets)
        self.source = Source(name)
        self._begin()
        self.layout = self._scanner.layout
        """The variant of pcap; None if the capture is pcapng."""
        self.interfaces = self._find_interfaces()
        """How many interfaces a section describes at most; 1 in pcap. Of a pipe, that is known
        of those that are described before its first packet."""

    def read(self) -> Records | None:
        """The next packets, at least one; None at the end. They are valid until the next call."""
        return self._read(self._room.packets)

    def _begin(self) -> None:
        """Stand before the first packet."""
        self.packets = 0
        """How many packets were read so far."""
        self.damage = ""
        """One line that says where and why reading ended too early; empty if it did not."""
        self._window = Window(self.source, self._room.size)
        while len(self._window.data) < _LONGEST_HEADER and self._window.advance(0):
            pass
        self._scanner = self._new_scanner()

    def _new_scanner(self) -> Scanner:
        data = self._window.data
        start = data[:6].tobytes()
        magic = start[:4]
        if magic in _PCAP:
            return PcapScanner(self.name, data, _PCAP[magic], self._interpreted)
        if magic == _PCAPNG:
            return PcapngScanner(self.name, self._interpreted)
        if self.source.damage:
            raise InputError(f"{self.name}: {self.source.damage}")
        for prefix, what in _OTHERS.items():
            if start.startswith(prefix):
                raise InputError(f"{self.name}: {what.replace('FILE', self.name)}")
        if not start:
            raise InputError(f"{self.name}: is empty; give a pcap or pcapng capture")
        raise InputError(
            f"{self.name}: is not a capture: it starts with {magic.hex(' ')}; "
            "give a pcap or pcapng file"
        )

    def _find_interfaces(self) -> int:
        if self.layout is not None:
            return 1
        if not self.source.can_rewind:
            self._read(0)
            return self._scanner.interfaces
        while self.read() is not None:
            pass
        interfaces = self._scanner.interfaces
        self.source.rewind()
        self._begin()
        return interfaces

    def _read(self, count: int) -> Records | None:
        """The next packets, at most `count`; none are asked for to go to where the next begins."""
        while not self.damage:
            room = Records(self._window.data, *(column[:count] for column in self._columns))
            found, outcome = self._scanner.scan(room)
            if found or outcome == FULL:
                self.packets += found
                return Records(room.data, *(column[:found] for column in self._columns))
            at = self._scanner.at
            if outcome in (SOUND, CUT_SHORT):
                self._scanner.moved(at)
                if self._window.advance(at):
                    continue
                if outcome == SOUND and not self.source.damage:
                    return None
            self.damage = self._damage(outcome)
        return None

    def _damage(self, outcome: int) -> str:
        end = self._window.passed + self._scanner.at
        what = self.source.damage or f"{_OUTCOMES[outcome]}, at byte {end}{self._extent()}"
        if end == 0:
            raise InputError(f"{self.name}: {what}")
        before = "1 packet" if self.packets == 1 else f"{self.packets} packets"
        return f"{self.name}: {what}; {before} came before"

    def _extent(self) -> str:
        """Of what the bytes are counted."""
        if self.source.packing:
            return " when unpacked"
        size = self.source.size
        return "" if size is None else f" of {size}"
