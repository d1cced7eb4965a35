"""A switch that learns ports, and knows the structure by its view alone."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, require
from tests.verify.structure_rules.seen import Ports


@compiled_class
class Switch(NamedTuple):
    ports: Ports
    uplink: int


@compiled
@require(lambda switch, address: address in switch.ports.entries)
@require(lambda switch, address: 0 <= address < switch.ports.capacity)
# unknown at lookup: @ensure(lambda switch, result: result == switch.uplink)
@ensure(lambda port, result: result == port)
# at lookup
def learned(switch: Switch, address: int, port: int) -> int:
    # unknown at lookup: switch.ports.put(address, port + 1 if port < 9 else port)
    switch.ports.put(address, port)
    # unknown: return int(switch.ports.number[address])
    # at read
    return switch.ports.get(address)
