"""Every port is held or rests: the two tables of holders and ports are inverse to each other.

The ring holds as many ports as nobody holds, and each of them once, because a resting port has
one place in it. So the port that a holder gets is nobody else's.

Each port that is laid to rest takes the place of the one that is lent, and becomes the last to be
lent: going round the ring from there, each port has rested less long than the one before. So
whatever rests was laid to rest after the port that was lent last.
"""

from __future__ import annotations

from libvig.port_allocator import NOBODY, PortAllocator, new_port_allocator
from libvig.proof.notation import about, after, always, initially

NOWHERE = -1


@about
class Placed(PortAllocator):
    """An allocator whose resting ports know where they rest, and since when."""

    place: list[int]  # in the ring, of each port from `first` on; NOWHERE while it is held
    since: list[int]  # when each port, from `first` on, was laid to rest
    latest: int  # when a port was last laid to rest: ports are numbered as they are
    lent: int  # since when the port rested that was lent last

    def holders(self) -> range:
        return range(len(self.port))

    def ports(self) -> range:
        return range(len(self.holder))

    def ring(self) -> range:
        return range(len(self.resting))

    def rests_since(self, at: int) -> int:
        return int(self.since[self.resting[at] - self.first])

    def before(self, at: int) -> int:
        """How many ports of the ring are lent before one."""
        return int(at - self.oldest[0] + (len(self.resting) if at < self.oldest[0] else 0))

    @initially(new_port_allocator)
    def in_order(self, first: int, last: int, holders: int) -> None:
        self.place = [
            port - holders if port >= holders else NOWHERE for port in range(last - first + 1)
        ]
        self.since = [port for port in range(last - first + 1)]  # noqa: C416 (written out)
        self.latest = last - first
        self.lent = holders - 1

    @after(PortAllocator.allocate)
    def swapped(self, result: int) -> None:
        if len(self.resting) > 0:
            at = self.place[result - self.first]
            self.place[result - self.first] = NOWHERE
            self.place[self.resting[at] - self.first] = at
            self.lent = self.since[result - self.first]
            self.latest += 1
            self.since[self.resting[at] - self.first] = self.latest

    @always
    def sizes(self) -> bool:
        return (
            len(self.port) >= 1
            and len(self.holder) == len(self.port) + len(self.resting)
            and len(self.place) == len(self.holder)
            and len(self.since) == len(self.holder)
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

    @always
    def nothing_rests_since_later(self) -> bool:
        return all(self.rests_since(at) <= self.latest for at in self.ring())

    @always
    def the_next_have_rested_less_long(self) -> bool:
        return all(
            self.rests_since(one) < self.rests_since(other)
            for one in self.ring()
            for other in self.ring()
            if self.before(one) < self.before(other)
        )

    @always
    def the_port_lent_had_rested_longest(self) -> bool:
        return all(self.lent < self.rests_since(at) for at in self.ring())
