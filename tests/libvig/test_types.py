"""The aliases are integers to the type checker, and say their range to whoever asks."""

from typing import NamedTuple, get_type_hints

import pytest

from libvig.types import (
    MAX_TIME,
    Address,
    Count,
    Device,
    Duration,
    Macs,
    Port,
    Quantity,
    Time,
)


class Everything(NamedTuple):
    time: Time
    duration: Duration
    address: Address
    port: Port
    device: Device
    flows: Count
    macs: Macs


@pytest.mark.parametrize(
    ("field", "lowest", "highest"),
    [
        ("time", 0, MAX_TIME),
        ("duration", 0, MAX_TIME),
        ("address", 0, 0xFFFFFFFF),
        ("port", 0, 65535),
        ("device", 0, 32767),
        ("flows", 1, 2**30),
        ("macs", 0, 0xFFFF_FFFF_FFFF),
    ],
)
def test_an_annotation_tells_its_range(field: str, lowest: int, highest: int) -> None:
    [quantity] = get_type_hints(Everything, include_extras=True)[field].__metadata__
    assert isinstance(quantity, Quantity)
    assert (quantity.lowest, quantity.highest) == (lowest, highest)


def test_sums_and_differences_of_times_fit_64_bits() -> None:
    assert MAX_TIME + MAX_TIME < 2**63
    assert 0 - MAX_TIME >= -(2**63)
