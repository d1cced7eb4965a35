"""What `pyvigor run` reads, and which device each packet comes in by."""

import re
from collections.abc import Callable, Iterator, Sequence
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import NamedTuple, TypeVar

import numpy as np

from libvig.errors import InputError
from libvig.io.capture import joined, trimmed
from libvig.io.merge import merged
from libvig.io.reader import Reader
from libvig.io.records import Records
from libvig.io.split import Split
from libvig.io.trace import Trace, devices_by_source, new_trace, undecided
from libvig.types import I64
from verify.errors import UsageError

_NAMED_FILE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)=(.+)", re.DOTALL)


class NamedFile(NamedTuple):
    """An argument [DEVICE=]FILE."""

    device: str | None
    file: str


def named_files(option: str, arguments: Sequence[str]) -> list[NamedFile]:
    """The files given with an option, either all with a device or none."""
    matches = [_NAMED_FILE.fullmatch(argument) for argument in arguments]
    files = [
        NamedFile(match[1], match[2]) if match else NamedFile(None, argument)
        for match, argument in zip(matches, arguments, strict=True)
    ]
    plain = [file for file in files if file.device is None]
    if plain and len(plain) < len(files):
        raise UsageError(
            f"{option} {plain[0].file}: names no device, but another {option} does; "
            f"write {option} DEVICE={plain[0].file}"
        )
    return files


def device_number(option: str, named: NamedFile, devices: Sequence[str]) -> int:
    """The number of the device that an argument names."""
    if named.device not in devices:
        raise UsageError(
            f"{option} {named.device}={named.file}: no device is called {named.device}; "
            f"there are {', '.join(devices)} (for a file name with = in it, write ./FILE)"
        )
    return devices.index(named.device)


def devices_needed(readers: Sequence[Reader]) -> int:
    """How many devices the captures ask for: one a file, or one an interface of the only file."""
    return readers[0].interfaces if len(readers) == 1 else len(readers)


class Part(NamedTuple):
    """Packets in the order in which the NF gets them, in memory until the next part is."""

    records: Records
    trace: Trace
    done: int
    """How much of all there is this is, in the unit in which that is told."""


class Parts(NamedTuple):
    """All packets, part by part."""

    parts: Iterator[Part]
    total: int | None
    """How much there is; None if nobody knows."""


def read_parts(
    files: Sequence[NamedFile],
    readers: Sequence[Reader],
    devices: Sequence[str],
    split: Split | None,
    *,
    interpreted: bool,
    tick: int,
) -> Parts:
    """What the captures hold, told in bytes of theirs, on a clock with ticks of nanoseconds."""
    if split is not None:
        _check_splittable(files, readers)
    numbers = None
    if files[0].device is not None:
        numbers = np.array([device_number("-r", file, devices) for file in files], np.int64)
    sizes = [reader.source.size for reader in readers]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None

    def device_of(records: Records, origin: I64) -> I64:
        if split is not None:
            _check_described(readers[0], records, 1)
            return devices_by_source(records, split, interpreted=interpreted)
        if numbers is not None:
            return numbers[origin]
        if len(readers) > 1:
            return origin
        _check_described(readers[0], records, len(devices))
        return records.interface

    return Parts(_parts(readers, device_of, tick), total)


def whole(parts: Parts, count: int) -> tuple[Trace, Parts]:
    """All packets at once; and the same ones, so many at a time, told in packets."""
    kept: list[Records] = []
    device, time = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in parts.parts:
        kept.append(trimmed(part.records))
        device.append(part.trace.device.copy())
        time.append(part.trace.time.copy())
    records = joined(kept)
    trace = undecided(*records[:4], np.concatenate(time), np.concatenate(device))
    total = len(trace.start)
    slices = (slice(first, first + count) for first in range(0, total, count))
    few = (Part(cut(records, s), cut(trace, s), len(trace.start[s])) for s in slices)
    return trace, Parts(few, total)


Table = TypeVar("Table", Records, Trace)


def cut(table: Table, rows: slice) -> Table:
    """Some of the packets of a table; what is changed in them is changed in the table."""
    columns = (column[rows] for column in table[1:])
    return type(table)(table.data, *columns)


def _parts(
    readers: Sequence[Reader], device_of: Callable[[Records, I64], I64], tick: int
) -> Iterator[Part]:
    clock = before = 0
    for records, origin in merged(readers):
        trace = new_trace(records, device_of(records, origin), clock, tick)
        clock = int(trace.time[-1])
        taken = sum(reader.source.taken for reader in readers)
        yield Part(records, trace, taken - before)
        before = taken


def _check_described(reader: Reader, records: Records, devices: int) -> None:
    """Refuse packets of interfaces that no one could know of when the NF was made."""
    last = int(records.interface.max())
    if last >= devices:
        raise InputError(
            f"{reader.name}: a packet of interface {last}, which was described after the first "
            f"packet, when there were {devices} devices; name them all: --set devices=a,b,c"
        )


def _check_splittable(files: Sequence[NamedFile], readers: Sequence[Reader]) -> None:
    if len(files) > 1 or files[0].device is not None:
        raise UsageError("--split is for one -r FILE without a device; leave out --split")
    if readers[0].interfaces > 1:
        raise UsageError(
            f"{files[0].file}: has {readers[0].interfaces} interfaces, and each is a device; "
            "leave out --split"
        )


def parse_split(prefix: str, outside: int, devices: Sequence[str]) -> Split:
    """The split at an internal prefix such as 192.168.0.0/16."""
    try:
        network = IPv4Network(prefix)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise UsageError(
            f"--split {prefix}: {error}; write a prefix such as 192.168.0.0/16"
        ) from None
    if not 0 < outside < len(devices):
        raise UsageError(
            f"--split: outside addresses are the external device's, which cannot be {devices[0]}"
        )
    return Split(int(network.network_address), int(network.broadcast_address), outside)
