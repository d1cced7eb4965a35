"""What `pyvigor run` reads, and which device each packet comes in by."""

import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import NamedTuple

import numpy as np

from libvig.io.capture import Capture
from libvig.io.records import Records
from libvig.io.trace import Split, devices_by_source, merge
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


def devices_needed(captures: Sequence[Capture]) -> int:
    """How many devices the captures ask for: one a file, or one an interface of the only file."""
    return captures[0].interfaces if len(captures) == 1 else len(captures)


def packets_by_time(
    files: Sequence[NamedFile],
    captures: Sequence[Capture],
    devices: Sequence[str],
    split: Split | None,
) -> tuple[Records, I64]:
    """All packets in the order in which the NF gets them, and the device of each."""
    records, origin = merge(captures)
    if split is not None:
        _check_splittable(files, captures)
        return records, devices_by_source(records, split)
    if files[0].device is not None:
        numbers = [device_number("-r", file, devices) for file in files]
        return records, np.array(numbers, np.int64)[origin]
    return records, records.interface if len(files) == 1 else origin


def _check_splittable(files: Sequence[NamedFile], captures: Sequence[Capture]) -> None:
    if len(files) > 1 or files[0].device is not None:
        raise UsageError("--split is for one -r FILE without a device; leave out --split")
    if captures[0].interfaces > 1:
        raise UsageError(
            f"{files[0].file}: has {captures[0].interfaces} interfaces, and each is a device; "
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
    return Split(int(network.network_address), int(network.netmask), outside)
