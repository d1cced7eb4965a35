"""The load balancer does the same in CPython, with every contract, and as native code."""

from collections import Counter
from random import Random

import pytest
from scapy.layers.inet import TCP, UDP

from libvig.packet.packet import Packet
from nfs import maglev as maglev_module
from nfs.maglev import Drop
from tests.nfs.maglevs import CLIENTS, RACK, ROOM, heartbeat, new, query, request
from tests.nfs.test_maglev_drops import MALFORMED
from tests.nfs.worlds import assert_same_in_both_worlds
from tests.packets import packet_of


def random_packet(random: Random) -> Packet:
    """A client's packet or a heartbeat, of few of each."""
    if random.randint(0, 2) == 0:
        return heartbeat(random.randint(0, 3), random.choice([RACK, RACK, ROOM]))
    protocol = random.choice([TCP, UDP])
    return request(protocol(sport=random.randint(1, 4), dport=53) / random.randbytes(3))


@pytest.mark.parametrize("backends", [(), (0,), (0, 1, 2)])
def test_random_traffic(backends: tuple[int, ...]) -> None:
    verdicts: Counter[int] = Counter()
    for number in range(8):
        random = Random(number)
        times = sorted(random.randint(0, 400) for _ in range(30))
        packets = [(random_packet(random), now) for now in times]
        verdicts.update(assert_same_in_both_worlds(maglev_module, lambda: new(*backends), packets))
    often = {verdict for verdict, times in verdicts.items() if times >= 5}
    assert often >= {RACK, Drop.HEARTBEAT}
    assert bool(backends) != (Drop.NO_BACKEND in often)


def test_every_verdict() -> None:
    packets = [
        query(1),
        heartbeat(1, ROOM),
        query(1),
        heartbeat(1, RACK),
        *(query(port) for port in range(2, 12)),
        request(UDP(sport=1, dport=2), dst="192.0.2.2"),
        heartbeat(1, port=1),
        *(packet_of(frame, CLIENTS) for frame, _ in MALFORMED.values()),
    ]
    verdicts = assert_same_in_both_worlds(maglev_module, new, [(packet, 0) for packet in packets])
    assert set(verdicts) == {RACK, ROOM, *Drop}


def test_more_backends_and_flows() -> None:
    more = {"slots": 251, "max_flows": 1000, "max_backends": 100}
    packets = [(query(1 + i % 40), i) for i in range(40)]
    verdicts = assert_same_in_both_worlds(maglev_module, lambda: new(0, 2, **more), packets)
    assert set(verdicts) == {RACK}
