"""The firewall does the same in CPython, with every contract, and as native code."""

from collections import Counter
from random import Random
from typing import Any

from scapy.layers.inet import IP, TCP, UDP

from libvig.packet.packet import Packet
from nfs import firewall as firewall_module
from nfs.firewall import Drop
from tests.nfs.firewalls import error_in, error_out, inbound, new
from tests.nfs.nats import CLIENT, GUESTS, LAN, SERVER, WAN, outbound
from tests.nfs.test_firewall_drops import MALFORMED
from tests.nfs.worlds import assert_same_in_both_worlds
from tests.packets import packet_of


def random_packet(random: Random) -> Packet:
    """Of few flows, so that packets belong together."""
    protocol: Any = random.choice([TCP, UDP])
    port, device = random.choice([1, 1, 2, 3]), random.choice([LAN, LAN, GUESTS])
    there, back = protocol(sport=port, dport=80), protocol(sport=80, dport=port)
    return random.choice(
        [
            outbound(there, device),
            inbound(back),
            error_in(IP(src=CLIENT, dst=SERVER) / there),
            error_out(IP(src=SERVER, dst=CLIENT) / back, device),
        ]
    )


def test_random_traffic() -> None:
    verdicts: Counter[int] = Counter()
    for number in range(40):
        random = Random(number)
        times = sorted(random.choices(range(0, 500, 7), k=25))
        packets = [(random_packet(random), now) for now in times]
        verdicts.update(assert_same_in_both_worlds(firewall_module, new, packets))
    often = {verdict for verdict, times in verdicts.items() if times >= 5}
    assert often == {LAN, WAN, GUESTS, Drop.UNSOLICITED, Drop.TABLE_FULL, Drop.ABOUT_NO_FLOW}


def test_every_verdict() -> None:
    packets = [
        *(outbound(UDP(sport=port, dport=80), device) for port, device in ((1, LAN), (2, GUESTS))),
        outbound(UDP(sport=3, dport=80)),
        *(inbound(UDP(sport=80, dport=port)) for port in (1, 2, 3)),
        error_in(IP(src=CLIENT, dst=SERVER) / UDP(sport=3, dport=80)),
        *(packet_of(frame, WAN) for frame, _ in MALFORMED.values()),
    ]
    verdicts = assert_same_in_both_worlds(firewall_module, new, [(packet, 0) for packet in packets])
    assert set(verdicts) == {LAN, WAN, GUESTS, *Drop}
