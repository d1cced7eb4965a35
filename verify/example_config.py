"""Settings of network functions for examples: small tables, few devices, whatever is valid."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from libvig.station import Station
from libvig.types import DROP_STATION, I64
from verify.small_settings import CHOICES, STATIONS, closest_valid, own_addresses, quantities


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


@st.composite
def stations(draw: st.DrawFn, devices: int, *, may_drop: bool) -> I64:
    """Some stations, each behind a device, in the order of their addresses."""
    listed = draw(st.sets(st.sampled_from(STATIONS), max_size=2))
    places = [*range(devices), *([DROP_STATION] if may_drop else [])]
    words = [Station(a, draw(st.sampled_from(places))).pack() for a in sorted(listed)]
    return np.array(words, np.int64)
