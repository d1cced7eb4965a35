"""The specs of the load balancer hold of random traffic, and not of a broken load balancer."""

from __future__ import annotations

import copy
import functools
import inspect
from random import Random
from typing import Any

import pytest
from scapy.layers.inet import TCP, UDP

from libvig.backend_pool import BackendPool
from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable
from libvig.packet.ethernet import Ethernet
from libvig.packet.packet import Packet
from libvig.spec import snapshot
from libvig.station import Station
from libvig.vector import Vector
from nfs.maglev import Drop, Maglev
from specs import maglev as module
from tests.nfs.maglevs import CLIENTS, RACK, ROOM, heartbeat, new, request
from tests.packets import bytes_of, packet_of
from tests.specs.bugs import Bug, put_in
from tests.specs.running import Spec, speaks_of, specs_of

SPECS = specs_of(module)
EXAMPLES = 150  # the same each time
LEAST = 5  # of them must be ones that the spec speaks of

PAUSES = [0, 0, 0, 1, 20, 20, 30, 50, 51, 101]
ROLES = {"beat": "heartbeat", "first": "request", "packet": "any", "again": "same"}
"""What comes in place of a spec's packets, by their names."""


def random_request(random: Random) -> Packet:
    """Of few flows."""
    protocol = random.choice([UDP, UDP, TCP])
    return request(protocol(sport=random.randint(1, 2), dport=53) / random.randbytes(2))


def random_heartbeat(random: Random) -> Packet:
    return heartbeat(random.randint(0, 3), random.choice([RACK, RACK, ROOM]))


def random_packet(random: Random) -> Packet:
    """Mostly a client's packet or a heartbeat."""
    kind = random.randint(0, 9)
    if kind <= 3:
        return random_request(random)
    if kind <= 6:
        return random_heartbeat(random)
    if kind == 7:
        return heartbeat(1, random.choice([CLIENTS, RACK]), port=random.choice([694, 695]))
    if kind == 8:
        return heartbeat(2, dst=random.choice(["192.0.2.1", "192.0.2.2"]), src="03:00:00:00:00:01")
    whole = bytes_of(random_request(random))
    return packet_of(whole[: random.choice([13, 33, 40])], CLIENTS, wire_length=len(whole))


class Traffic:
    """A load balancer, and the time."""

    def __init__(self, random: Random) -> None:
        listed = random.choice([(), (), (), (0,), (0, 1), (0, 1, 2)])
        self.maglev = new(*listed, max_flows=random.randint(1, 3))
        self.now = 0
        self.request = random_request(random)
        steps = [
            (random_packet(random), random.choice(PAUSES)) for _ in range(random.randint(0, 8))
        ]
        if random.randint(0, 2) == 0:  # the backend of a flow falls silent, and another is there
            steps += [(heartbeat(0), 0), (snapshot(self.request), 0), (heartbeat(1), 40)]
        for packet, pause in steps:
            self.now += pause
            self.maglev.process(packet, self.now)

    def is_spoken_of(self, spec: Spec, random: Random) -> bool:
        """Check a spec of the balancer as it is, and of packets that come next."""
        arguments: list[Any] = []
        now, last = self.now, random_packet(random)
        for name in list(inspect.signature(spec).parameters)[1:]:
            role = ROLES.get(name)
            if role is None:  # a time
                now += random.choice(PAUSES)
                arguments.append(now)
                continue
            if role == "heartbeat" or spec.__name__.startswith("heartbeat"):
                last = random_heartbeat(random)
            elif role == "request":
                last = random_request(random)
            elif role == "any":
                last = random.choice([random_packet(random), self.request])
            elif len(last.data) > 42:  # the same flow, but other data
                last.data[-1] ^= 1
            arguments.append(snapshot(last))
        return speaks_of(spec, self.maglev, *arguments)


@functools.cache
def histories() -> list[Traffic]:
    """Load balancers that have had some packets."""
    return [Traffic(Random(number)) for number in range(EXAMPLES)]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_holds(spec: Spec) -> None:
    random = Random(spec.__name__)
    spoken_of = sum(traffic.is_spoken_of(spec, random) for traffic in copy.deepcopy(histories()))
    assert spoken_of >= LEAST


# ---------------------------------------------------------------- bugs

process = Maglev.process
backend_of = vars(Maglev)["_backend_of"]
balance = vars(Maglev)["_balance"]
send = vars(Maglev)["_send"]
hear = BackendPool.hear
put = Vector.set
add = FlowTable.add


def forgets_its_flows(maglev: Maglev, flow: int, key: FlowKey) -> int:
    return maglev.backends.choose(key.pack().hash())


def sends_new_flows_to_one_backend(maglev: Maglev, flow: int, key: FlowKey) -> int:
    return int(backend_of(maglev, flow, key)) if flow >= 0 else maglev.backends.choose(0)


def sends_orphaned_flows_to_one_backend(maglev: Maglev, flow: int, key: FlowKey) -> int:
    known = flow >= 0 and maglev.backends.holds(maglev.chosen.get(flow), maglev.names.get(flow))
    return maglev.backends.choose(0) if flow >= 0 and not known else backend_of(maglev, flow, key)


def remembers_another_backend(vector: Vector, index: int, word: int) -> None:
    put(vector, index, word + 1)


def hears_nobody(pool: BackendPool, word: int, now: int) -> int:
    return -1


def hears_late(pool: BackendPool, word: int, now: int) -> int:
    return hear(pool, word, now - 1) if now > 0 else hear(pool, word, now)


def answers_heartbeats(maglev: Maglev, packet: Packet, now: int) -> int:
    verdict = process(maglev, packet, now)
    return packet.device if verdict == Drop.HEARTBEAT else verdict


def takes_clients_for_backends(maglev: Maglev, key: FlowKey, packet: Packet, now: int) -> int:
    verdict = int(balance(maglev, key, packet, now))
    if verdict == Drop.NO_BACKEND:
        maglev.backends.hear(Station(Ethernet(packet).source(), packet.device).pack(), now)
    return verdict


def opens_flows_without_backends(maglev: Maglev, key: FlowKey, packet: Packet, now: int) -> int:
    verdict = int(balance(maglev, key, packet, now))
    if verdict == Drop.NO_BACKEND and maglev.flows.find(key) < 0:
        maglev.flows.add(key, now)
    return verdict


def forgets_a_flow_when_full(table: FlowTable, key: FlowKey, now: int) -> int:
    if len(table.entries) == table.capacity:
        table.expire(1 + min(flow.time for flow in table.entries.values()))
    return add(table, key, now)


def garbles_the_address(maglev: Maglev, packet: Packet, backend: Station) -> int:
    return int(send(maglev, packet, Station(backend.address ^ 1, backend.device)))


def sends_every_packet_elsewhere(maglev: Maglev, packet: Packet, backend: Station) -> int:
    other = backend.address ^ packet.u8(packet.length() - 1)
    return int(send(maglev, packet, Station(other, backend.device)))


BUGS = {
    "forgets its flows": Bug(
        Maglev, "_backend_of", forgets_its_flows, ["known_flow_is_forwarded_to_its_backend"]
    ),
    "sends new flows to one backend": Bug(
        Maglev,
        "_backend_of",
        sends_new_flows_to_one_backend,
        ["nsdi16", "new_flow_gets_the_consistent_choice", "unknown_flows_are_consistent"],
    ),
    "sends orphaned flows to one backend": Bug(
        Maglev,
        "_backend_of",
        sends_orphaned_flows_to_one_backend,
        ["nsdi16", "flow_of_a_dead_backend_is_reassigned"],
    ),
    "remembers another backend": Bug(
        Vector,
        "set",
        remembers_another_backend,
        ["nsdi16"],
    ),
    "hears nobody": Bug(
        BackendPool,
        "hear",
        hears_nobody,
        ["nsdi16", "heartbeat_adds_a_backend", "the_only_backend_gets_everything_in_time"],
    ),
    "hears late": Bug(BackendPool, "hear", hears_late, ["nsdi16", "heartbeat_refreshes"]),
    "answers heartbeats": Bug(
        Maglev,
        "process",
        answers_heartbeats,
        ["nsdi16", "heartbeat_is_never_answered", "only_clients_packets_are_forwarded"],
    ),
    "takes clients for backends": Bug(
        Maglev,
        "_balance",
        takes_clients_for_backends,
        ["nsdi16", "only_heartbeats_change_the_backends", "no_backend_appears_unheard"],
    ),
    "opens flows without backends": Bug(
        Maglev,
        "_balance",
        opens_flows_without_backends,
        ["nsdi16", "without_backends_no_flow_is_opened"],
    ),
    "forgets a flow when full": Bug(
        FlowTable,
        "add",
        forgets_a_flow_when_full,
        ["nsdi16", "a_full_table_keeps_the_old_flows"],
    ),
    "garbles the address": Bug(
        Maglev,
        "_send",
        garbles_the_address,
        ["nsdi16", "the_only_backend_gets_everything_in_time"],
    ),
    "sends every packet elsewhere": Bug(
        Maglev,
        "_send",
        sends_every_packet_elsewhere,
        ["packets_of_a_flow_reach_the_same_backend"],
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
    twice = histories() * 2  # of balancers that are not broken yet
    put_in(monkeypatch, BUGS[bug])
    random = Random(name)
    with pytest.raises(AssertionError):
        for traffic in map(copy.deepcopy, twice):
            traffic.is_spoken_of(SPECS[name], random)
