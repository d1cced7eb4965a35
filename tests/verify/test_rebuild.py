"""Structures in a given state: what the view says is what was asked for, or nothing is made."""

from __future__ import annotations

from typing import Any

import pytest

from libvig.backend_pool import LISTED, Backend
from libvig.flow_key import FlowKey
from libvig.flow_table import Flow
from libvig.hash_map import Key
from libvig.key_table import Entry
from libvig.station import Station
from verify import rebuild

FLOWS = {i: Flow(FlowKey(0, 6, 1, i, 2, 80), time) for i, time in ((1, 70), (3, 20), (4, 50))}
KEYS = {i: Entry(Key(i, 0), time) for i, time in ((1, 70), (3, 20), (4, 50))}
RATES = {"capacity": 3, "rate": 2**62, "burst": 9000, "fill_time": 1}


@pytest.mark.parametrize(
    ("name", "numbers", "entries"),
    [
        ("KeyTable", {"capacity": 5}, KEYS),
        ("FlowTable", {"capacity": 5}, FLOWS),
        ("FlowTable", {"capacity": 5}, {}),
        ("PortAllocator", {"first": 10, "last": 19, "capacity": 4}, {0: 19, 3: 12}),
        ("Vector", {"capacity": 4}, {1: -1, 2: 2**62}),
        (
            "StationList",
            {"capacity": 3, "devices": 8},
            {1: Station(0, 7), 2: Station(9, 2**16 - 1)},
        ),
        ("StationList", {"capacity": 0, "devices": 2}, {}),
        ("TokenBuckets", RATES, {1: 17, 2: 9000 * 10**9}),
        ("MaglevTable", {"backends": 3, "slots": 7}, {0: 4, 2: 3}),
        ("BackendPool", {"capacity": 3, "slots": 7}, {0: Backend(9, 5), 2: Backend(-3, LISTED)}),
    ],
)
def test_what_is_made_has_these_entries(
    name: str, numbers: dict[str, int], entries: dict[int, Any]
) -> None:
    made = rebuild.structure(name, numbers, entries)
    assert type(made).__name__ == name
    assert {index: made.entries[index] for index in entries} == entries
    assert all(
        getattr(made, number) == numbers[number] for number in numbers.keys() - {"fill_time"}
    )
    if name in {"KeyTable", "FlowTable", "MaglevTable", "BackendPool"}:
        assert made.entries.keys() == entries.keys()


@pytest.mark.parametrize(
    ("name", "numbers", "entries", "why"),
    [
        ("Ring", {}, {}, r"a Ring: verify/rebuild.py has no function for it"),
        ("Vector", {"capacity": 0}, {}, "a capacity of 0; say in an @invariant what it has"),
        ("KeyTable", {"capacity": -3}, {}, "a capacity of -3; say in an @invariant what it has"),
        ("Vector", {"capacity": 2**40}, {}, "capacity 1099511627776 with index 0 takes too long"),
        ("Vector", {"capacity": 2}, {2: 0}, "capacity 2 with index 2"),
        ("StationList", {"capacity": 2**40}, {}, "a station list of 1099511627776"),
        ("PortAllocator", {"first": 10, "last": 9, "capacity": 1}, {}, "ports 10 to 9"),
        ("MaglevTable", {"backends": 3, "slots": 7}, {0: 5, 2: 2}, "entries {0: 5, 2: 2}"),
    ],
)
def test_what_cannot_be_made_is_said(
    name: str, numbers: dict[str, int], entries: dict[int, Any], why: str
) -> None:
    with pytest.raises(rebuild.CannotRebuild, match=why):
        rebuild.structure(name, numbers, entries)
