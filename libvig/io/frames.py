"""Captures out of frames that a program has in hand, such as a test or a counterexample."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from libvig.io.output import Outputs
from libvig.io.records import Records
from libvig.io.writer import encode_pcapng


class Frame(NamedTuple):
    """One packet of a capture."""

    time: int
    """Nanoseconds."""
    data: bytes
    """What was captured, from the Ethernet header on."""
    wire_length: int = -1
    """How long it was on the wire; -1: as long as the data."""
    interface: int = 0
    """The number of the interface, or device, that it came in by."""


def write_capture(name: str, interfaces: Sequence[str], frames: Sequence[Frame]) -> None:
    """Write frames to a pcapng file, as a whole or not at all; `interfaces` are their names.

    Raises InputError if the file cannot be written.
    """
    with Outputs() as outputs:
        file = outputs.open(name)
        # So few are not worth a compilation.
        pieces = encode_pcapng(records_of(frames), interfaces, interpreted=True)
        outputs.write(name, file, pieces)


def records_of(frames: Sequence[Frame]) -> Records:
    """Records that hold these frames, for a writer."""
    lengths = [len(frame.data) for frame in frames]
    ends = np.cumsum(np.array(lengths, np.int64))
    on_wire = [len(f.data) if f.wire_length < 0 else f.wire_length for f in frames]
    return Records(
        np.frombuffer(bytearray(b"".join(frame.data for frame in frames)), np.uint8),
        np.array(ends - lengths, np.int64),
        np.array(lengths, np.int64),
        np.array(on_wire, np.int64),
        np.array([frame.time for frame in frames], np.int64),
        np.array([frame.interface for frame in frames], np.int64),
    )
