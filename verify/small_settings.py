"""Small settings of network functions: the values to try, and whether they are valid."""

from __future__ import annotations

from typing import Any, get_type_hints

import numpy as np
from icontract import ViolationError

from libvig.types import I64, Quantity

ADDRESSES = [0x0A000002, 0x0A000003, 0xC6336407, 0xC6336408]  # two clients, two servers
PORTS = [1, 5000]
GROUP, RESERVED = 0x01005E000001, 0x0180C2000003
STATIONS = [0x0200000000AA, 0x0200000000BB, 0x0200000000CC]

CHOICES = {
    "count": [1, 2, 3, 5, 7],
    "duration": [1, 100, 10**9],
    "rate": [1, 10**6, 10**9],
    "size": [28, 60, 1500],
    "address": ADDRESSES,
    "port": [1, 5000, 5001, 5002, 5003],
}
"""Values to choose from, by quantity."""


def quantities(config_class: type[Any]) -> dict[str, Quantity]:
    """What each setting is a quantity of; a plain number is a count."""
    hints = get_type_hints(config_class, include_extras=True)
    count = Quantity("count", -(2**63), 2**63 - 1)
    return {
        field: next(
            (n for n in getattr(hint, "__metadata__", ()) if isinstance(n, Quantity)), count
        )
        for field, hint in hints.items()
    }


def closest_valid(
    config_class: type[Any], fixed: dict[str, Any], choices: dict[str, list[int]]
) -> Any:
    """Settings with the first choices, if they are valid; else with the first that are."""
    settings = fixed | {field: values[0] for field, values in choices.items()}
    config = made(config_class, settings)
    if config is not None:
        return config
    defaults = config_class._field_defaults
    settings = {field: defaults.get(field, value) for field, value in settings.items()}
    for field in [*choices, *choices]:  # what one setting may be can depend on a later one
        for value in choices[field]:
            if made(config_class, settings | {field: value}) is not None:
                settings[field] = value
                break
    return config_class(**settings)


def made(config_class: type[Any], settings: dict[str, Any]) -> Any:
    """These settings, or None if they are not valid."""
    try:
        return config_class(**settings)
    except ViolationError:
        return None


def own_addresses(table: int, devices: int) -> I64:
    """One Ethernet address a device: 02:00:00:00:TABLE:DEVICE, as `pyvigor run` has them."""
    return np.array([2 << 40 | table << 8 | device for device in range(devices)], np.int64)
