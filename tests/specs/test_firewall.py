"""The specs of the firewall hold of random traffic, and not of a broken firewall."""

from __future__ import annotations

import copy
import functools
import inspect
from random import Random
from typing import Any, NamedTuple

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP

from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable
from libvig.packet.ethernet import Ethernet
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.spec import snapshot
from nfs.firewall import Drop, Firewall
from specs import firewall as module
from tests.nfs.firewalls import error_in, error_out, inbound, new
from tests.nfs.nats import CLIENT, GUESTS, LAN, SERVER, WAN, outbound
from tests.packets import bytes_of, packet_of
from tests.specs.bugs import Bug, does_nothing, put_in
from tests.specs.running import Spec, packets_of, speaks_of, specs_of

SPECS = specs_of(module)
EXAMPLES = 120  # the same each time
LEAST = 5  # of them must be ones that the spec speaks of

TIMEOUT = 100
PAUSES = [0, 0, 1, TIMEOUT, TIMEOUT + 1]
Step = tuple[Packet, int]  # and the nanoseconds since the last one


class Talk(NamedTuple):
    """What belongs to a flow."""

    request: Packet
    reply: Packet
    error_in: Packet
    error_out: Packet

    def any_of_it(self, random: Random) -> Packet:
        other = random.choice([PING, damaged(self.request, random)])
        return random.choice([self.request, *self, *self, other])


def talk_between(there: Any, back: Any, device: int) -> Talk:
    return Talk(
        outbound(there, device),
        inbound(back),
        error_in(IP(src=CLIENT, dst=SERVER) / there),
        error_out(IP(src=SERVER, dst=CLIENT) / back, device),
    )


PING = outbound(ICMP())
TALKS = [
    talk_between(TCP(sport=1, dport=80), TCP(sport=80, dport=1), LAN),
    talk_between(UDP(sport=1, dport=80), UDP(sport=80, dport=1), LAN),
    talk_between(UDP(sport=1, dport=80), UDP(sport=80, dport=1), GUESTS),
    talk_between(UDP(sport=2, dport=80), UDP(sport=80, dport=2), GUESTS),
]


def damaged(packet: Packet, random: Random) -> Packet:
    frame = bytearray(bytes_of(packet))
    frame[random.randrange(12, 40)] ^= 1 << random.randrange(8)
    return packet_of(frame, packet.device)


def next_packets(spec: Spec, talk: Talk, another: Talk, random: Random) -> list[Packet]:
    """Any packet of a talk; or such as follow upon each other in a spec of several."""
    if spec is module.what_is_blocked_stays_blocked_until_its_request_goes_out:
        return [talk.reply, another.any_of_it(random)]
    if packets_of(spec) == 1:
        return [talk.any_of_it(random)]
    if packets_of(spec) == 2:
        return [talk.request, random.choice([talk.reply, talk.error_in])]
    between = random.choice([talk.reply, talk.error_in, another.reply, another.error_in])
    return [talk.request, between, talk.reply]


class Traffic:
    """A firewall, and the time."""

    def __init__(self) -> None:
        self.firewall = new(timeout=TIMEOUT)
        self.now = 0
        self.last = TALKS[0]  # to be heard

    def play(self, random: Random) -> None:
        for pause in random.choices(PAUSES, k=random.randint(1, 6)):
            self.now += pause
            self.last = random.choice(TALKS)
            packet = random.choice([self.last.request, self.last.any_of_it(random)])
            self.firewall.process(snapshot(packet), self.now)

    def is_spoken_of(self, spec: Spec, random: Random) -> bool:
        """Check a spec of the firewall as it is, and of what comes next."""
        talk, another = random.choice([self.last] * 3 + TALKS), random.choice(TALKS)
        packets = iter(next_packets(spec, talk, another, random))
        arguments: list[Any] = []
        now = self.now
        for parameter in list(inspect.signature(spec).parameters.values())[1:]:
            if parameter.annotation == "Packet":
                arguments.append(snapshot(next(packets)))
            else:
                now += random.choice(PAUSES)
                arguments.append(now)
        return speaks_of(spec, self.firewall, *arguments)


@functools.cache
def histories() -> list[Traffic]:
    """Firewalls that have had some packets."""
    result = []
    for number in range(EXAMPLES):
        result.append(Traffic())
        result[-1].play(Random(number))
    return result


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_holds(spec: Spec) -> None:
    spoken_of = 0
    random = Random(spec.__name__)
    for traffic in map(copy.deepcopy, histories()):
        spoken_of += traffic.is_spoken_of(spec, random)
    assert spoken_of >= LEAST


# ---------------------------------------------------------------- bugs


pass_known, open_flow = vars(Firewall)["_known"], vars(Firewall)["_unknown"]
take_error, send = vars(Firewall)["_error"], vars(Firewall)["_send"]
add = FlowTable.add


def lets_the_unsolicited_in(firewall: Firewall, packet: Packet, key: FlowKey, now: int) -> int:
    verdict = int(open_flow(firewall, packet, key, now))
    return LAN if verdict == Drop.UNSOLICITED else verdict


def drops_replies(firewall: Firewall, packet: Packet, index: int, now: int) -> int:
    verdict = int(pass_known(firewall, packet, index, now))
    return Drop.UNSOLICITED if packet.device == WAN else verdict


def drops_what_goes_out(firewall: Firewall, packet: Packet, key: FlowKey, now: int) -> int:
    open_flow(firewall, packet, key, now)
    return Drop.TABLE_FULL


def opens_no_flow(firewall: Firewall, packet: Packet, key: FlowKey, now: int) -> int:
    return Drop.UNSOLICITED if packet.device == WAN else int(send(firewall, packet, WAN))


def opens_flows_from_outside(firewall: Firewall, packet: Packet, key: FlowKey, now: int) -> int:
    verdict = int(open_flow(firewall, packet, key, now))
    firewall.flows.use(key, now)
    return verdict


def takes_all_inside_for_one_network(firewall: Firewall, packet: Packet, device: int) -> int:
    return min(int(send(firewall, packet, device)), WAN)


def writes_into_the_header(firewall: Firewall, packet: Packet, device: int) -> int:
    packet.set_u8(22, packet.u8(22) ^ 1)
    return int(send(firewall, packet, device))


def sends_as_if_from_the_next_hop(firewall: Firewall, packet: Packet, device: int) -> int:
    own, next_hop = int(firewall.config.mac[device]), int(firewall.config.peer[device])
    Ethernet(packet).set_addresses(next_hop, own)
    return device


def forgets_the_oldest_flow_when_full(table: FlowTable, key: FlowKey, now: int) -> int:
    if len(table.entries) == table.capacity:
        table.expire(min(flow.time for flow in table.entries.values()) + 1)
    return add(table, key, now)


def drops_errors(firewall: Firewall, ip: Ipv4) -> int:
    return Drop.ABOUT_NO_FLOW


def ends_flows_by_errors(firewall: Firewall, ip: Ipv4) -> int:
    verdict = int(take_error(firewall, ip))
    firewall.flows.expire(2**62)
    return verdict


BUGS = {
    "lets the unsolicited in": Bug(
        Firewall,
        "_unknown",
        lets_the_unsolicited_in,
        [
            "rfc6092",
            "unsolicited_is_blocked",
            "hosts_without_a_live_flow_get_nothing",
        ],
    ),
    "drops replies": Bug(Firewall, "_known", drops_replies, ["rfc6092", "replies_are_forwarded"]),
    "drops what goes out": Bug(
        Firewall, "_unknown", drops_what_goes_out, ["rfc6092", "outbound_is_forwarded"]
    ),
    "opens no flow": Bug(
        Firewall,
        "_unknown",
        opens_no_flow,
        [
            "rfc6092",
            "outbound_opens_a_flow",
            "reply_in_time_comes_back_by_the_device_of_its_request",
        ],
    ),
    "opens flows from outside": Bug(
        Firewall,
        "_unknown",
        opens_flows_from_outside,
        [
            "rfc6092",
            "nothing_from_outside_opens_a_flow",
            "table_updates_are_exactly_these",
            "what_is_blocked_stays_blocked_until_its_request_goes_out",
        ],
    ),
    "takes all inside for one network": Bug(
        Firewall,
        "_send",
        takes_all_inside_for_one_network,
        [
            "rfc6092",
            "everything_crosses_the_border",
            "reply_in_time_comes_back_by_the_device_of_its_request",
            "what_comes_from_outside_neither_stops_nor_moves_a_reply",
            "an_error_about_a_request_comes_back_to_its_sender",
        ],
    ),
    "never forgets a flow": Bug(
        FlowTable, "expire", does_nothing, ["rfc6092", "late_reply_does_not_come_back"]
    ),
    "never refreshes a flow from outside": Bug(
        FlowTable,
        "touch",
        does_nothing,
        ["rfc6092", "the_table_is_refreshed", "packets_of_either_direction_keep_a_flow_alive"],
    ),
    "forgets the oldest flow when full": Bug(
        FlowTable,
        "add",
        forgets_the_oldest_flow_when_full,
        ["rfc6092", "a_full_table_keeps_the_old_flows"],
    ),
    "writes into the header": Bug(
        Firewall, "_send", writes_into_the_header, ["rfc6092", "frames_leave_as_they_came"]
    ),
    "sends as if from the next hop": Bug(
        Firewall,
        "_send",
        sends_as_if_from_the_next_hop,
        ["frames_carry_the_addresses_of_the_next_hop"],
    ),
    "drops errors": Bug(
        Firewall,
        "_error",
        drops_errors,
        [
            "rfc6092",
            "errors_about_packets_that_were_sent_come_in",
            "errors_about_replies_go_out",
        ],
    ),
    "ends flows by errors": Bug(
        Firewall, "_error", ends_flows_by_errors, ["rfc6092", "errors_change_no_state"]
    ),
}


def test_there_is_a_bug_for_every_spec() -> None:
    """But for what the rules of the settings keep, whatever `process` does."""
    assert {name for bug in BUGS.values() for name in bug.specs} == set(SPECS) - {
        "settings_are_in_range"
    }


CASES = [(bug, name) for bug, (*_, names) in BUGS.items() for name in names]


@pytest.mark.parametrize(("bug", "name"), CASES)
def test_a_bug_breaks_the_spec(monkeypatch: pytest.MonkeyPatch, bug: str, name: str) -> None:
    twice = histories() * 2  # held by a firewall that is not broken yet
    put_in(monkeypatch, BUGS[bug])
    random = Random(name)
    with pytest.raises(AssertionError):
        for traffic in map(copy.deepcopy, twice):
            traffic.is_spoken_of(SPECS[name], random)
