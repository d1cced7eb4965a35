"""MaglevTable against the paper's loop, which takes turns anew whenever a backend comes or goes."""

from __future__ import annotations

from tests.crosshair.driver import Comparison, chosen
from verify.crosshair.plain import Plain


class TableAndModel:
    def __init__(self, plain: Plain, backends: int, slots: int) -> None:
        module = plain.load("libvig.maglev")
        module.multiply_fold = lambda a, b: (a + 3 * b) % 2**63  # it is right whatever that is
        self.table = module.new_maglev_table(backends, slots)
        lists = [module.PreferenceList(backend, slots) for backend in range(backends)]
        self.wanted = [[each.slot(step) for step in range(2 * slots)] for each in lists]
        self.live: list[int] = []

    def do(self, operation: int, which: int, now: int) -> None:
        chosen([self.add, self.remove, self.look_up], operation)(which)
        held = self.slots()
        assert self.table.entries == {backend: held.count(backend) for backend in self.live}
        for backend in range(-1, len(self.wanted) + 2):
            assert self.table.is_live(backend) == (backend in self.live)

    def add(self, which: int) -> None:
        backend = chosen(range(len(self.wanted)), which)
        self.table.set_live(backend, True)
        self.live = sorted({*self.live, backend})

    def remove(self, which: int) -> None:
        backend = chosen(range(len(self.wanted)), which)
        self.table.set_live(backend, False)
        self.live = [other for other in self.live if other != backend]

    def look_up(self, hash: int) -> None:
        if hash >= 0:
            assert self.table.lookup(hash) == self.slots()[hash % self.table.slots]

    def slots(self) -> list[int]:
        """Return who holds each slot."""
        held = [-1] * self.table.slots
        while self.live and -1 in held:
            for backend in self.live:
                empty = [slot for slot in self.wanted[backend] if held[slot] == -1]
                if empty:
                    held[empty[0]] = backend
        return held


def begin(plain: Plain, size: int) -> Comparison:
    return TableAndModel(plain, *chosen([(3, 5), (2, 3), (2, 4), (1, 2)], size))
