"""A scan of a capture that remembers where it stands: one class a format, one shape."""

from typing import Protocol

from libvig.errors import InputError
from libvig.io import bytes as capture_bytes
from libvig.io import pcap, scan_pcap, scan_pcapng
from libvig.io.link_types import ETHERNET, link_type_name
from libvig.io.records import Records, new_interfaces
from libvig.io.runnable import runnable
from libvig.io.scan_pcapng import Place
from libvig.types import Bytes


class Scanner(Protocol):
    """Finds packets in the bytes that it is given."""

    @property
    def layout(self) -> pcap.Layout | None:
        """The variant of pcap; None if the capture is pcapng."""

    @property
    def at(self) -> int:
        """Where it stands in the bytes."""

    @property
    def interfaces(self) -> int:
        """How many interfaces a section described at most so far, 1 at least."""

    def moved(self, count: int) -> None:
        """So many of the first bytes are gone."""

    def scan(self, records: Records) -> tuple[int, int]:
        """Fill `records` from where it stands on; how many it found, and the outcome."""


class PcapScanner:
    """A scan of pcap."""

    interfaces: int = 1

    def __init__(self, name: str, data: Bytes, layout: pcap.Layout, interpreted: bool) -> None:
        """Read the file header; raises InputError if its packets are not Ethernet frames."""
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
        self.layout = layout
        self.at = scan_pcap.FILE_HEADER
        self._scan = runnable(scan_pcap.scan_pcap, interpreted)

    def moved(self, count: int) -> None:
        self.at -= count

    def scan(self, records: Records) -> tuple[int, int]:
        scanned = self._scan(records, self.at, self.layout.little, self.layout.unit == 1000)
        self.at = scanned.end
        return scanned.packets, scanned.outcome


class PcapngScanner:
    """A scan of pcapng."""

    layout: pcap.Layout | None = None

    def __init__(self, name: str, interpreted: bool) -> None:
        """Begin before the first section."""
        self._name = name
        self._place = Place(0, 0, 0, 0, True)
        self._described = new_interfaces()
        self._scan = runnable(scan_pcapng.scan_pcapng, interpreted)

    @property
    def at(self) -> int:
        return self._place.at

    @property
    def interfaces(self) -> int:
        return int(self._described.number.max()) + 1

    def moved(self, count: int) -> None:
        self._place = self._place._replace(at=self._place.at - count)

    def scan(self, records: Records) -> tuple[int, int]:
        before = self._place.described
        scanned = self._scan(records, self._described, self._place)
        # A tuple of native code's is not of the class that it takes as an argument.
        self._place = Place(*scanned.place)
        for i in range(before, self._place.described):
            interface = f"{self._name}: interface {self._described.number[i]}"
            _check_link_type(interface, int(self._described.link_type[i]))
        return scanned.packets, scanned.outcome


def _check_link_type(place: str, link_type: int) -> None:
    if link_type != ETHERNET:
        raise InputError(
            f"{place}: the packets are {link_type_name(link_type)}; only Ethernet is supported"
        )
