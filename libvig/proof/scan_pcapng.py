"""The scan never passes the end of the file, whatever lengths blocks and options claim.

It stands at the first byte of a block, or where the file ends; a block is looked into only when
it is known to be whole; and each is 12 bytes long at least, so the file is used up. The same holds
of the options within a block, which are 4 bytes long at least.
"""

from __future__ import annotations

from libvig.io.scan import Records, is_packet_of
from libvig.io.scan_pcapng import INTERFACE_OPTIONS, Block, Interfaces, Place, scan_pcapng
from libvig.proof.notation import decreases, loop
from libvig.types import MAX_TIME


@loop(scan_pcapng)
def within_the_file(records: Records, place: Place, at: int) -> bool:
    return place.at <= at <= len(records.data)


@loop(scan_pcapng)
def there_is_room(records: Records, found: int) -> bool:
    return 0 <= found <= len(records.start)


@loop(scan_pcapng)
def interfaces_are_described(interfaces: Interfaces, section: int, described: int) -> bool:
    return 0 <= section <= described <= len(interfaces.number)


@loop(scan_pcapng)
def time_is_in_range(time: int) -> bool:
    return 0 <= time <= MAX_TIME


@loop(scan_pcapng)
def packets_lie_in_the_file(records: Records, found: int) -> bool:
    return all(is_packet_of(records, i) for i in range(found))


@decreases(scan_pcapng)
def bytes_to_scan(records: Records, at: int) -> int:
    return len(records.data) - at


@loop(Interfaces.read_options)
def within_the_block(block: Block, at: int) -> bool:
    return INTERFACE_OPTIONS <= at <= block.size


@decreases(Interfaces.read_options)
def bytes_to_read(block: Block, at: int) -> int:
    return block.size - at
