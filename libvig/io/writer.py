"""Captures, written part by part: the header of a file, and then packets."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from libvig.errors import InputError
from libvig.io.pcap import Layout, pcap_header
from libvig.io.pcapng import pcapng_header
from libvig.io.records import Records
from libvig.io.runnable import runnable
from libvig.io.scan import MAX_CAPTURED
from libvig.io.write import NO_ROOM, TOO_LATE, Written
from libvig.io.write_pcap import write_pcap
from libvig.io.write_pcapng import write_pcapng
from libvig.types import Bytes

SIZE = 2**20
"""Of the buffer, in bytes; the longest packet fits, with all that is written of it."""


class Writer:
    """The bytes of a capture."""

    def __init__(self, header: bytes, write: Callable[[Bytes, Records, int], Written]) -> None:
        """Begin a file with a header, and go on as a function writes records."""
        self.header = header
        self._write = write
        self._buffer = np.empty(SIZE, np.uint8)

    def pieces(self, records: Records) -> Iterator[memoryview]:
        """The next packets of the file; each piece is valid until the next."""
        first = 0
        while first < len(records.start):
            written = self._write(self._buffer, records, first)
            if written.outcome == TOO_LATE:
                raise InputError(
                    "a packet after the year 2106 does not fit pcap; write to a .pcapng file"
                )
            if written.outcome == NO_ROOM and written.size == 0:
                raise InputError(
                    f"a packet of {records.length[first]} bytes is longer than the {MAX_CAPTURED} "
                    "that captures hold; cut it short"
                )
            first = written.next
            yield self._buffer[: written.size].data


def pcap_writer(layout: Layout, *, interpreted: bool = False) -> Writer:
    """A writer of pcap. The interface of a record is lost, and so are nanoseconds if the
    layout's unit is 1000. `interpreted` runs it in CPython instead of natively."""
    write = runnable(write_pcap, interpreted)
    return Writer(
        pcap_header(layout),
        lambda into, records, first: write(
            into, records, first, layout.little, layout.unit == 1000
        ),
    )


def pcapng_writer(names: Sequence[str], *, interpreted: bool = False) -> Writer:
    """A writer of pcapng, in nanoseconds; `names` are those of the interfaces."""
    return Writer(pcapng_header(names), runnable(write_pcapng, interpreted))


def encode_pcap(records: Records, layout: Layout) -> Iterator[bytes]:
    """The pcap file that holds these records, piece by piece."""
    return _file(pcap_writer(layout), records)


def encode_pcapng(
    records: Records, names: Sequence[str], *, interpreted: bool = False
) -> Iterator[bytes]:
    """The pcapng file that holds these records, piece by piece."""
    return _file(pcapng_writer(names, interpreted=interpreted), records)


def _file(writer: Writer, records: Records) -> Iterator[bytes]:
    yield writer.header
    for piece in writer.pieces(records):
        yield bytes(piece)
