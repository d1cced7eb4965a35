"""The scan never passes the end of the file, whatever lengths the records claim.

It stands at the first byte of a record, or where the file ends; each record that was stored lay
within the file when it was; and each takes at least its header's bytes, so the file is used up.
"""

from __future__ import annotations

from libvig.io.scan import Records, is_packet_of
from libvig.io.scan_pcap import scan_pcap
from libvig.proof.notation import decreases, loop


@loop(scan_pcap)
def within_the_file(records: Records, first: int, at: int) -> bool:
    return first <= at <= len(records.data)


@loop(scan_pcap)
def there_is_room(records: Records, found: int) -> bool:
    return 0 <= found <= len(records.start)


@loop(scan_pcap)
def packets_lie_in_the_file(records: Records, found: int) -> bool:
    return all(is_packet_of(records, i) for i in range(found))


@decreases(scan_pcap)
def bytes_to_scan(records: Records, at: int) -> int:
    return len(records.data) - at
