"""PortAllocator against a dict of who holds what and a queue of the resting ports."""

from __future__ import annotations

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain

RANGES = [(10, 13, 2), (65533, 65535, 1), (1, 4, 3), (7, 8, 2)]  # first, last, holders


class AllocatorAndModel:
    def __init__(self, plain: Plain, first: int, last: int, holders: int) -> None:
        module = plain.load("libvig.port_allocator")
        self.ports = module.new_port_allocator(first, last, holders)
        self.model = {holder: first + holder for holder in range(holders)}
        self.resting = list(range(first + holders, last + 1))
        assert (self.ports.first, self.ports.last) == (first, last)
        assert self.ports.capacity == holders

    def do(self, operation: int, which: int, now: int) -> None:
        chosen([self.allocate, self.look], operation)(which)
        assert self.ports.entries == self.model
        for holder, port in self.model.items():
            assert self.ports.port_of(holder) == port
            assert self.ports.holder_of(port) == holder
        for port in self.resting:
            assert self.ports.holder_of(port) == -1

    def allocate(self, which: int) -> None:
        holder = chosen(list(self.model), which)
        self.resting.append(self.model[holder])
        self.model[holder] = self.resting.pop(0)
        assert self.ports.allocate(holder) == self.model[holder]

    def look(self, port: int) -> None:
        holders = [holder for holder, held in self.model.items() if held == port]
        assert self.ports.holder_of(port) == (holders[0] if holders else -1)


def begin(plain: Plain, size: int) -> Comparison:
    return AllocatorAndModel(plain, *chosen(RANGES, size))
