"""How many flows are measured: the argument of --flows."""

from __future__ import annotations

import argparse
import re

from verify.bench.result import Table
from verify.bench.scenarios import Scenario

UNITS = {"k": 1 << 10, "M": 1 << 20}
OCCUPANCY = 0.9
LARGEST = 1 << 24  # entries: what the flows' numbers and addresses allow
_ITEM = re.compile(r"(\d{1,9})([kM]?)")


def parse_tables(text: str) -> list[Table]:
    """Raises argparse.ArgumentTypeError."""
    return [_parse(item.strip()) for item in text.split(",")]


def _parse(item: str) -> Table:
    """59000: in the smallest table of 2**n entries; 64k: a table of 2**16, of which 90 % in use."""
    match = _ITEM.fullmatch(item)
    number = int(match[1]) if match else 0
    if match is None or not 1 <= number * UNITS.get(match[2], 1) <= LARGEST:
        raise argparse.ArgumentTypeError(
            f"{item!r} is neither a number of flows, such as 59000, nor a table to be filled to "
            "90 %, such as 64k, of 1 to 16M entries"
        )
    if not match[2]:
        return Table(number, 1 << (number - 1).bit_length())
    capacity = number * UNITS[match[2]]
    return Table(max(1, int(capacity * OCCUPANCY)), capacity)


def fitted(table: Table, scenario: Scenario) -> Table | None:
    """The same within the limits of a network function; None if it cannot hold so many flows."""
    if scenario.most is None:
        return table
    if table.flows > scenario.most:
        return None
    return Table(table.flows, min(table.capacity, scenario.most))
