"""What each network function is given: its settings, and the packets of its flows.

Flows have numbers, and a flow is what takes an entry of the main table: a five-tuple, a station
of the bridge, a destination of the policer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from libvig.io.trace import Trace
from libvig.types import I64
from verify.bench.collisions import colliding
from verify.bench.frames import L4_AT, TCP, UDP, FiveTuples, Rows, build
from verify.errors import UsageError

LAN, WAN = 0, 1
HOSTS = 4096  # that the flows from inside are of
OWN_ADDRESS = 0xC0000201  # 192.0.2.1, of the NAT and of the load balancer
BACKENDS = 16

Which = NDArray[np.bool_]

OWN_MAC, PEER_MAC = 0x020000000000, 0x020000000100
"""On device 0, as libvig.settings has them by default; the next is of device 1."""


class Wanted(NamedTuple):
    """Which packets are to be made, one element a packet."""

    flow: I64
    partner: I64
    """Another live flow, for frames that go to a station."""
    is_reply: Which


class Packets(NamedTuple):
    """What a network function gets, but for the time."""

    frames: Rows
    device: I64


def from_inside(flow: I64) -> FiveTuples:
    """TCP and UDP in turn, from many hosts to a few servers."""
    is_udp = flow % 2
    return FiveTuples(
        np.where(is_udp, UDP, TCP),
        0x0A000002 + flow % HOSTS,
        1024 + flow // HOSTS,
        0xC6336400 + flow % 250,  # 198.51.100.0/24
        np.where(is_udp, 53, 443),
    )


def arriving(size: int, flows: FiveTuples, device: I64) -> Packets:
    """Packets from the neighbours on their devices."""
    return Packets(build(size, flows, OWN_MAC + device, PEER_MAC + device), device)


class Scenario:
    """Of a network function without state: packets in both directions."""

    unit = "flow"
    most: int | None = None
    """Flows that there can be at most; None if memory alone sets a limit."""
    why_most = ""
    has_replies = True
    table = ""
    """The setting that is the size of the main table; none if there is no table."""
    timeout = "timeout"
    """The setting that says how long idle flows are remembered."""
    fixed: tuple[str, ...] = ()
    """Other settings."""

    def assignments(self, capacity: int, timeout: int) -> list[str]:
        """The settings, as `--set` has them; the timeout is in nanoseconds."""
        if not self.table:
            return []
        return [f"{self.table}={capacity}", f"{self.timeout}={timeout} ns", *self.fixed]

    def packets(self, size: int, wanted: Wanted) -> Packets:
        """Make packets."""
        flows = from_inside(wanted.flow)
        flows = flows.reversed().where(wanted.is_reply, flows)
        return arriving(size, flows, np.where(wanted.is_reply, WAN, LAN))

    def learn(self, wanted: Wanted, trace: Trace) -> None:
        """Look at what became of packets, where that decides which others can be made."""

    def colliding(self, count: int) -> I64:
        """The numbers of so many flows whose keys collide under a hash without a secret."""
        raise UsageError(f"--colliding: is for the firewall, not for the {type(self).__name__}")


class Firewall(Scenario):
    """Half of the packets are replies."""

    table = "max-flows"

    def colliding(self, count: int) -> I64:
        return colliding(from_inside, count)


class Nat(Scenario):
    """Half of the packets are replies, to the ports that the NAT has chosen."""

    table = "max-flows"

    most = 65535
    why_most = "each flow has an external port of its own"
    fixed = ("first-port=1", "last-port=65535")

    def __init__(self) -> None:
        self._port = np.zeros(0, np.int64)  # of each flow, 0 where it is not known

    def packets(self, size: int, wanted: Wanted) -> Packets:
        self._make_room(wanted.flow)
        port = self._port[wanted.flow]
        is_reply = wanted.is_reply & (port > 0)
        sent = from_inside(wanted.flow)
        own = np.full(len(port), OWN_ADDRESS, np.int64)
        replies = sent._replace(source=own, source_port=port).reversed()
        return arriving(size, replies.where(is_reply, sent), np.where(is_reply, WAN, LAN))

    def learn(self, wanted: Wanted, trace: Trace) -> None:
        self._make_room(wanted.flow)
        sent = np.flatnonzero((trace.device == LAN) & (trace.verdict == WAN))
        at = trace.start[sent] + L4_AT
        port = trace.data[at].astype(np.int64) << 8 | trace.data[at + 1]
        self._port[wanted.flow[sent]] = port

    def _make_room(self, flow: I64) -> None:
        missing = int(flow.max(initial=-1)) + 1 - len(self._port)
        if missing > 0:
            self._port = np.concatenate([self._port, np.zeros(missing + len(self._port), np.int64)])


class Maglev(Scenario):
    """Packets of clients to the virtual address; the backends are listed."""

    has_replies = False
    table, timeout = "max-flows", "flow-timeout"
    fixed = tuple(f"backend.02:00:00:00:01:{number:02x}=lan" for number in range(BACKENDS))

    def packets(self, size: int, wanted: Wanted) -> Packets:
        flows = from_inside(wanted.flow)
        to = np.full(len(wanted.flow), OWN_ADDRESS, np.int64)
        return arriving(size, flows._replace(destination=to), np.full_like(to, WAN))


class Bridge(Scenario):
    """Frames from a station to another, on the other device."""

    unit = "station"
    has_replies = False
    table, timeout = "max-stations", "ageing-time"

    def packets(self, size: int, wanted: Wanted) -> Packets:
        device = wanted.flow % 2
        other = wanted.partner - wanted.partner % 2 + (1 - device)
        source, destination = (0x020001000000 + station for station in (wanted.flow, other))
        return Packets(build(size, from_inside(wanted.flow), destination, source), device)


class Policer(Scenario):
    """Packets from outside to the destinations, which conform."""

    unit = "destination"
    has_replies = False
    table = "max-destinations"
    fixed = ("rate=100 GB/s", "burst=10 MB")

    def packets(self, size: int, wanted: Wanted) -> Packets:
        flows = from_inside(wanted.flow)
        flows = flows.reversed()._replace(destination=0x0A000000 + wanted.flow)
        return arriving(size, flows, np.full_like(wanted.flow, WAN))


SCENARIOS: dict[str, Callable[[], Scenario]] = {
    "nop": Scenario,
    "nat": Nat,
    "firewall": Firewall,
    "maglev": Maglev,
    "bridge": Bridge,
    "policer": Policer,
}
"""For each network function, in the order of the report."""
