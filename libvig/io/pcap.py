"""The pcap capture format: its variants, and what a file begins with.

Source: draft-ietf-opsawg-pcap.
"""

import struct
from typing import NamedTuple

from libvig.io.scan import MAX_CAPTURED
from libvig.io.scan_pcap import VERSION

MICROSECONDS = 0xA1B2C3D4
NANOSECONDS = 0xA1B23C4D
MODIFIED = 0xA1B2CD34
"""Kuznetzov's patch of libpcap, 1998: records with a longer header."""

ETHERNET = 1


class Layout(NamedTuple):
    """The variants of the format."""

    little: bool = True
    """Least significant byte first."""
    unit: int = 1
    """Nanoseconds in a unit of the fraction of a second: 1 or 1000."""


def pcap_header(layout: Layout) -> bytes:
    """What a file begins with; packets follow as `write_pcap` writes them."""
    order = "<" if layout.little else ">"
    magic = NANOSECONDS if layout.unit == 1 else MICROSECONDS
    return struct.pack(order + "IHHIIII", magic, 2, VERSION, 0, 0, MAX_CAPTURED, ETHERNET)
