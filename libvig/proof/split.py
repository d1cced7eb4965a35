"""A header is looked at only where the packet is long enough to hold it."""

from __future__ import annotations

from libvig.io.split import Split, find_devices
from libvig.proof.notation import loop
from libvig.types import I64


@loop(find_devices)
def one_by_one(device: I64, index: int) -> bool:
    return index <= len(device)


@loop(find_devices)
def devices_so_far(split: Split, device: I64, index: int) -> bool:
    return all(0 <= device[i] <= split.outside for i in range(index))
