"""The NAT does the same in CPython, with every contract, and as native code."""

import functools
from collections import Counter
from random import Random

from scapy.layers.inet import ICMP, IP, TCP, UDP

from libvig.packet.packet import Packet
from nfs import nat as nat_module
from nfs.nat import Drop, new_nat
from tests.nfs.nats import GUESTS, LAN, WAN, config, inbound, new, outbound
from tests.nfs.test_nat_drops import MALFORMED
from tests.nfs.traffic import Conversation, random_nat, random_steps
from tests.nfs.worlds import assert_same_in_both_worlds
from tests.packets import packet_of


def test_random_traffic() -> None:
    verdicts: Counter[int] = Counter()
    for number in range(120):
        random = Random(number)
        conversation = Conversation(random_nat(random))
        packets = conversation.play(random_steps(random, most=12))
        new_again = functools.partial(new_nat, conversation.nat.config)
        verdicts.update(assert_same_in_both_worlds(nat_module, new_again, packets))
    often = {verdict for verdict, times in verdicts.items() if times >= 5}
    assert often >= {LAN, WAN, GUESTS, Drop.UNSOLICITED, Drop.WRONG_REMOTE, Drop.TABLE_FULL}
    assert Drop.ABOUT_NO_FLOW in often


def test_every_verdict() -> None:
    sent = [outbound(TCP(sport=1, dport=2)), outbound(UDP(sport=1, dport=2), GUESTS)]
    answers = [
        *(inbound(TCP(sport=2, dport=port)) for port in range(5000, 5005)),
        *(inbound(UDP(sport=2, dport=port)) for port in range(5000, 5005)),
        inbound(UDP(sport=2, dport=5000), dst="192.0.2.2"),
        inbound(ICMP(type=3) / IP() / UDP()),
    ]
    malformed = [packet_of(frame) for frame, _ in MALFORMED.values()]
    packets: list[Packet] = [*sent, outbound(TCP(sport=2, dport=2)), *answers, *malformed]
    verdicts = assert_same_in_both_worlds(nat_module, new, [(packet, 0) for packet in packets])
    assert set(verdicts) == {LAN, WAN, GUESTS, *Drop}


def test_many_flows_and_the_usual_configuration() -> None:
    packets = [
        (outbound(UDP(sport=1 + i % 40, dport=53), src=f"10.0.0.{1 + i % 3}"), i * 7)
        for i in range(200)
    ]
    usual = config(first_port=1024, last_port=65535, max_flows=1000, timeout=10**6)
    verdicts = assert_same_in_both_worlds(nat_module, lambda: new_nat(usual), packets)
    assert set(verdicts) == {WAN}
