"""The pcapng capture format: what a file begins with, a section and its interfaces.

Source: draft-ietf-opsawg-pcapng.
"""

import struct
from collections.abc import Sequence

from libvig.io.scan import MAX_CAPTURED
from libvig.io.scan_pcapng import (
    BYTE_ORDER,
    INTERFACE,
    OPTION_RESOLUTION,
    SECTION,
    SMALLEST_BLOCK,
)

OPTION_NAME = 2  # of an interface
OPTION_APPLICATION = 4  # of a section

ETHERNET = 1
OPTIONS_END = bytes(4)


def pcapng_header(names: Sequence[str]) -> bytes:
    """What a file begins with; `names` are those of the interfaces.

    Packets follow as `write_pcapng` writes them.
    """
    version = struct.pack("<IHHq", BYTE_ORDER, 1, 0, -1)  # -1: the section's length is not given
    blocks = [_block(SECTION, version + _option(OPTION_APPLICATION, b"pyvigor") + OPTIONS_END)]
    for name in names:
        options = _option(OPTION_NAME, name.encode()) + _option(OPTION_RESOLUTION, b"\x09")
        header = struct.pack("<HHI", ETHERNET, 0, MAX_CAPTURED)
        blocks.append(_block(INTERFACE, header + options + OPTIONS_END))
    return b"".join(blocks)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes) -> bytes:
    size = SMALLEST_BLOCK + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)
