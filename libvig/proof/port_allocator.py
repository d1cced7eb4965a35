"""Every port is held or rests: the two tables of holders and ports are inverse to each other.

The ring holds as many ports as nobody holds, and each of them once, because a resting port has
one place in it. So the port that a holder gets is nobody else's.
"""

from __future__ import annotations

from libvig.port_allocator import NOBODY, PortAllocator, new_port_allocator
from libvig.proof.notation import about, after, always, initially

NOWHERE = -1


@about
class Placed(PortAllocator):
    """An allocator whose resting ports know where they rest."""

    place: list[int]  # in the ring, of each port from `first` on; NOWHERE while it is held

    def holders(self) -> range:
        return range(len(self.port))

    def ports(self) -> range:
        return range(len(self.holder))

    def ring(self) -> range:
        return range(len(self.resting))

    @initially(new_port_allocator)
    def in_order(self, first: int, last: int, holders: int) -> None:
        self.place = [
            port - holders if port >= holders else NOWHERE for port in range(last - first + 1)
        ]

    @after(PortAllocator.allocate)
    def swapped(self, result: int) -> None:
        if len(self.resting) > 0:
            at = self.place[result - self.first]
            self.place[result - self.first] = NOWHERE
            self.place[self.resting[at] - self.first] = at

    @always
    def sizes(self) -> bool:
        return (
            len(self.port) >= 1
            and len(self.holder) == len(self.port) + len(self.resting)
            and len(self.place) == len(self.holder)
            and len(self.oldest) == 1
        )

    @always
    def ports_are_ports(self) -> bool:
        return self.first >= 1 and self.first + len(self.holder) - 1 <= 65535

    @always
    def oldest_is_in_the_ring(self) -> bool:
        return self.oldest[0] >= 0 and (
            self.oldest[0] < len(self.resting) or len(self.resting) == 0
        )

    @always
    def held_ports_in_range(self) -> bool:
        return all(
            self.first <= self.port[holder] < self.first + len(self.holder)
            for holder in self.holders()
        )

    @always
    def holders_in_range(self) -> bool:
        return all(NOBODY <= self.holder[port] < len(self.port) for port in self.ports())

    @always
    def port_then_holder(self) -> bool:
        return all(
            self.holder[self.port[holder] - self.first] == holder for holder in self.holders()
        )

    @always
    def holder_then_port(self) -> bool:
        return all(
            self.port[self.holder[port]] == self.first + port
            for port in self.ports()
            if self.holder[port] != NOBODY
        )

    @always
    def resting_ports_in_range(self) -> bool:
        return all(
            self.first <= self.resting[at] < self.first + len(self.holder) for at in self.ring()
        )

    @always
    def nobody_holds_resting_ports(self) -> bool:
        return all(self.holder[self.resting[at] - self.first] == NOBODY for at in self.ring())

    @always
    def each_rests_in_one_place(self) -> bool:
        return all(self.place[self.resting[at] - self.first] == at for at in self.ring())
