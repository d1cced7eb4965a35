"""The settings of what is searched: small tables, short times."""

from __future__ import annotations

from typing import Any

import numpy as np

from libvig.station import Station
from verify.crosshair.traffic import DEVICES, PAUSE
from verify.small_settings import (
    CHOICES,
    STATIONS,
    closest_valid,
    own_addresses,
    quantities,
)

USUAL = CHOICES | {
    "count": [2, 1, 3, 5, 7],
    "duration": [10 * PAUSE, 10**9],
    "rate": [10**9, 10**6],
    "address": [0xC0000201],
}


def small_config(config_class: type[Any]) -> Any:
    """Valid settings: of the usual values, or else the default where they are not valid."""
    fixed: dict[str, Any] = {}
    choices: dict[str, list[int]] = {}
    tables = ports = 0
    for field, quantity in quantities(config_class).items():
        if quantity.name == "MAC address":
            fixed[field] = own_addresses(tables, DEVICES)
            tables += 1
        elif quantity.name == "station":
            words = [Station(address, at).pack() for at, address in enumerate(STATIONS[:1])]
            fixed[field] = np.array(words, np.int64)
        elif quantity.name == "number of devices":
            fixed[field] = DEVICES
        elif quantity.name == "port":  # few, from the first to the last
            choices[field] = CHOICES["port"][1 + 3 * ports :]
            ports += 1
        elif quantity.name == "device":
            choices[field] = [config_class._field_defaults.get(field, 0), *range(DEVICES)]
        else:
            choices[field] = USUAL.get(quantity.name, list(range(DEVICES)))
    return closest_valid(config_class, fixed, choices)
