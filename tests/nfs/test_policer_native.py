"""The policer does the same in CPython, with every contract, and as native code."""

from collections import Counter
from random import Random

from libvig.packet.packet import Packet
from nfs import policer as policer_module
from nfs.policer import Drop
from tests.nfs.nats import GUESTS, LAN, WAN
from tests.nfs.policers import OTHER, SECOND, SERVER, THIRD, inbound, new, outbound
from tests.nfs.test_policer import MALFORMED
from tests.nfs.worlds import assert_same_in_both_worlds
from tests.packets import packet_of


def random_packet(random: Random) -> Packet:
    size = random.choice([28, 50, 100, 150, 301])
    if random.randint(0, 5) == 0:
        return outbound(size, random.choice([LAN, GUESTS]))
    return inbound(size, random.choice([SERVER, SERVER, OTHER, THIRD]))


def test_random_traffic() -> None:
    verdicts: Counter[int] = Counter()
    for number in range(40):
        random = Random(number)
        times = sorted(random.choices(range(0, 12 * SECOND, SECOND // 7), k=25))
        packets = [(random_packet(random), now) for now in times]
        verdicts.update(assert_same_in_both_worlds(policer_module, new, packets))
    often = {verdict for verdict, times in verdicts.items() if times >= 5}
    assert often == {LAN, WAN, Drop.EXCESS, Drop.TABLE_FULL}


def test_every_verdict() -> None:
    packets = [
        inbound(300),
        inbound(28),
        inbound(28, OTHER),
        inbound(28, THIRD),
        outbound(28),
        *(packet_of(frame, WAN) for frame, _ in MALFORMED.values()),
    ]
    verdicts = assert_same_in_both_worlds(policer_module, new, [(packet, 0) for packet in packets])
    assert set(verdicts) == {LAN, WAN, *Drop}


def test_the_highest_rate_and_the_largest_burst() -> None:
    most = {"rate": 2**63 - 1, "burst": 2**32 - 1, "timeout": 1}
    packets = [(inbound(1000), now) for now in (0, 0, 1, 2**62 - 1)]
    verdicts = assert_same_in_both_worlds(policer_module, lambda: new(**most), packets)
    assert set(verdicts) == {LAN}
