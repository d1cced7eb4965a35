"""A record is written only if what is left of the buffer holds it, so none passes its end."""

from __future__ import annotations

from libvig.io.scan import Records
from libvig.io.write_pcap import write_pcap
from libvig.proof.notation import decreases, loop
from libvig.types import Bytes


@loop(write_pcap)
def within_the_buffer(into: Bytes, at: int) -> bool:
    return 0 <= at <= len(into)


@loop(write_pcap)
def record_by_record(records: Records, first: int, index: int) -> bool:
    return first <= index <= len(records.start)


@decreases(write_pcap)
def records_to_write(records: Records, index: int) -> int:
    return len(records.start) - index
