"""Settings of network functions for examples: small tables, few devices, whatever is valid."""

from __future__ import annotations

from typing import Any, get_type_hints

import numpy as np
from hypothesis import strategies as st
from icontract import ViolationError

from libvig.station import Station
from libvig.types import DROP_STATION, I64, Quantity

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


@st.composite
def configs(draw: st.DrawFn, config_class: type[Any]) -> Any:
    """Valid settings; where what was drawn is not valid, another choice, or else the default."""
    devices = draw(st.sampled_from([2, 2, 3]))
    fixed: dict[str, Any] = {}
    choices: dict[str, list[int]] = {}
    tables = 0
    for field, quantity in quantities(config_class).items():
        if quantity.name == "MAC address":
            fixed[field] = own_addresses(tables, devices)
            tables += 1
        elif quantity.name == "station":
            fixed[field] = draw(stations(devices, may_drop=quantity.highest == DROP_STATION))
        elif quantity.name == "number of devices":
            fixed[field] = devices
        else:
            usual = CHOICES.get(quantity.name, range(devices))
            choices[field] = [draw(st.sampled_from(usual)), *usual]
    return closest_valid(config_class, fixed, choices)


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


@st.composite
def stations(draw: st.DrawFn, devices: int, *, may_drop: bool) -> I64:
    """Some stations, each behind a device, in the order of their addresses."""
    listed = draw(st.sets(st.sampled_from(STATIONS), max_size=2))
    places = [*range(devices), *([DROP_STATION] if may_drop else [])]
    words = [Station(a, draw(st.sampled_from(places))).pack() for a in sorted(listed)]
    return np.array(words, np.int64)
