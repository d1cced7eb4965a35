"""Maglev: "A Fast and Reliable Software Network Load Balancer", Eisenbud et al., NSDI 2016.

How this reads what the paper leaves open:

- A flow is a five-tuple (§3.1); it is live until more than `flow-timeout` has passed since its last
  packet that was forwarded. A backend is an Ethernet address behind a device; it is live while it
  is listed, or not more than `backend-timeout` has passed since its last heartbeat.
- A heartbeat is a UDP datagram to the virtual address and the heartbeat port which comes in by any
  device but the clients'; it speaks for the Ethernet address that sent it, which is no group's.
  The paper's balancer asks its backends for their health; these speak unasked, and what is sent to
  them are clients' packets alone.
- A packet to the virtual address is forwarded as it is, and the backend answers the client directly
  (§2.1, direct server return). Where the paper encapsulates, only the Ethernet addresses change,
  as the backends are in the networks of this balancer. Everything else is dropped.
- §3.3: "once the table becomes full, we will need to select a backend for each packet that doesn't
  fit in the table": its hash does. When the pool of backends is full, a new one is ignored.
"""

from __future__ import annotations

from libvig.backend_pool import Backend
from libvig.flow_key import FlowKey
from libvig.flow_table import Flow
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet, is_group
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import MAX_DEVICES, Packet
from libvig.packet.transport import Transport
from libvig.packet.udp import PROTOCOL_UDP
from libvig.packet.validity import has_ports
from libvig.spec import assume, snapshot, spec
from libvig.station import Station, unpack_station
from libvig.types import MAX_TIME, Time
from nfs.maglev import Drop, Maglev

# ---------------------------------------------------------------- words that the specs use


def ip_of(packet: Packet) -> Ipv4:
    return Ipv4(packet, ETHERNET_HEADER)


def transport_of(packet: Packet) -> Transport:
    return Transport(packet, ip_of(packet).payload_at(), ip_of(packet).protocol())


def is_to_virtual_address(maglev: Maglev, packet: Packet) -> bool:
    return has_ports(packet) and ip_of(packet).destination() == maglev.config.virtual_address


def is_from_client(maglev: Maglev, packet: Packet) -> bool:
    """A packet to balance."""
    return is_to_virtual_address(maglev, packet) and packet.device == maglev.config.client_device


def comes_by_a_device(maglev: Maglev, packet: Packet) -> bool:
    return packet.device < len(maglev.config.mac)


def is_heartbeat(maglev: Maglev, packet: Packet) -> bool:
    return (
        is_to_virtual_address(maglev, packet)
        and comes_by_a_device(maglev, packet)
        and packet.device != maglev.config.client_device
        and ip_of(packet).protocol() == PROTOCOL_UDP
        and transport_of(packet).destination_port() == maglev.config.heartbeat_port
        and not is_group(Ethernet(packet).source())
    )


def key_of(packet: Packet) -> FlowKey:
    """§3.1: "source IP, source port, destination IP, destination port and IP protocol number"."""
    ip, transport = ip_of(packet), transport_of(packet)
    return FlowKey(
        packet.device,
        ip.protocol(),
        ip.source(),
        transport.source_port(),
        ip.destination(),
        transport.destination_port(),
    )


def word_of(packet: Packet) -> int:
    """The name of the backend that the packet comes from."""
    return Station(Ethernet(packet).source(), packet.device).pack()


def live_flows(maglev: Maglev, now: Time) -> dict[int, Flow]:
    limit = now - maglev.config.flow_timeout
    return {i: flow for i, flow in maglev.flows.entries.items() if flow.time >= limit}


def live_backends(maglev: Maglev, now: Time) -> dict[int, Backend]:
    limit = now - maglev.config.backend_timeout
    return {
        i: Backend(backend.word, min(backend.time, MAX_TIME))
        for i, backend in maglev.backends.entries.items()
        if backend.time >= limit
    }


def is_at(live: dict[int, Backend], index: int, word: int) -> bool:
    """The backend with this name lives, and no other has taken its index."""
    return index in live and live[index].word == word


def is_new(live: dict[int, Flow], packet: Packet) -> bool:
    return all(flow.key != key_of(packet) for flow in live.values())


def has_room(maglev: Maglev, live: dict[int, Flow]) -> bool:
    return any(index not in live for index in range(maglev.flows.capacity))


def choice(maglev: Maglev, packet: Packet) -> int:
    """§3.4: consistent hashing's choice for a packet among the backends, or -1 if there is none."""
    return maglev.backends.choose(key_of(packet).pack().hash())


def goes_to(maglev: Maglev, packet: Packet, verdict: int, index: int) -> bool:
    """A packet that leaves is addressed to the backend at an index, from here."""
    backend = unpack_station(maglev.backends.entries[index].word)
    return (
        verdict == backend.device
        and Ethernet(packet).destination() == backend.address
        and Ethernet(packet).source() == maglev.config.mac[backend.device]
    )


def is_unchanged(packet: Packet, sent: Packet, start: int) -> bool:
    """From some byte on."""
    return all(packet.u8(at) == sent.u8(at) for at in range(start, packet.length()))


# ---------------------------------------------------------------- the full specification


@spec
def nsdi16(maglev: Maglev, packet: Packet, now: Time) -> None:
    sent, flows, backends = snapshot(packet), live_flows(maglev, now), live_backends(maglev, now)
    chosen, names = maglev.chosen.entries, maglev.names.entries
    verdict = maglev.process(packet, now)

    # What is dropped is left as it is, and opens, refreshes and moves no flow.
    if verdict < 0:
        assert is_unchanged(packet, sent, 0)
        assert maglev.flows.entries == flows
        assert maglev.chosen.entries == chosen and maglev.names.entries == names

    # A heartbeat adds or refreshes a backend, if there is room for it.
    if is_heartbeat(maglev, sent):
        assert verdict == Drop.HEARTBEAT
        word = word_of(sent)
        index = maglev.backends.find(word)
        if index < 0:
            assert all(i in backends for i in range(maglev.backends.capacity))
            assert all(backend.word != word for backend in backends.values())
            assert maglev.backends.entries == backends
            return
        assert index not in backends or backends[index].word == word
        time = max(backends[index].time, now) if index in backends else now
        assert maglev.backends.entries == backends | {index: Backend(word, time)}
        return
    assert maglev.backends.entries == backends

    # §3.1: "filters out unwanted packets not targeting any VIP"
    if not is_from_client(maglev, sent):
        assert verdict < 0
        return
    # §3.1: "A packet is dropped if no backend is available."
    if verdict < 0:
        assert backends == {}
        return
    assert is_unchanged(packet, sent, 12)

    # §3.3: "select a backend for each packet that doesn't fit in the table"
    key = key_of(sent)
    flow = maglev.flows.find(key)
    if flow < 0:
        assert all(index in flows for index in range(maglev.flows.capacity))
        assert all(other.key != key for other in flows.values())
        assert maglev.flows.entries == flows
        assert maglev.chosen.entries == chosen and maglev.names.entries == names
        assert goes_to(maglev, packet, verdict, choice(maglev, sent))
        return

    # §3.1: "it also adds an entry to the connection table for future packets"
    index, word = maglev.chosen.get(flow), maglev.names.get(flow)
    assert flow not in flows or flows[flow].key == key
    assert maglev.flows.entries == flows | {flow: Flow(key, now)}
    assert maglev.chosen.entries == chosen | {flow: index}
    assert maglev.names.entries == names | {flow: word}
    assert is_at(backends, index, word) and goes_to(maglev, packet, verdict, index)
    if flow in flows and is_at(backends, int(chosen[flow]), int(names[flow])):
        # §3.1: "If a match is found and the selected backend is still healthy, the result is
        # simply reused."
        assert index == chosen[flow]
    else:
        # §3.1: "Otherwise the thread consults the consistent hashing module"
        assert index == choice(maglev, sent)


# ---------------------------------------------------------------- one property each


@spec
def new_flow_gets_the_consistent_choice(maglev: Maglev, packet: Packet, now: Time) -> None:
    """§3.3: "assign a backend to the packet and store the assignment in the table"."""
    sent, live = snapshot(packet), live_flows(maglev, now)
    assume(is_from_client(maglev, packet) and is_new(live, packet) and has_room(maglev, live))
    assume(maglev.process(packet, now) >= 0)
    flow = maglev.flows.find(key_of(sent))
    assert maglev.flows.entries == live | {flow: Flow(key_of(sent), now)}
    assert maglev.chosen.entries[flow] == choice(maglev, sent)


@spec
def unknown_flows_are_consistent(maglev: Maglev, packet: Packet, now: Time) -> None:
    """A flow that is in no table goes where the hash says, whether there is room for it or not."""
    sent = snapshot(packet)
    assume(is_from_client(maglev, packet) and is_new(live_flows(maglev, now), packet))
    verdict = maglev.process(packet, now)
    assert verdict < 0 or goes_to(maglev, packet, verdict, choice(maglev, sent))


@spec
def known_flow_is_forwarded_to_its_backend(maglev: Maglev, packet: Packet, now: Time) -> None:
    """§3.1: if the selected backend "is still healthy, the result is simply reused"."""
    assume(is_from_client(maglev, packet))
    flow = maglev.flows.find(key_of(packet))
    assume(flow in live_flows(maglev, now))
    chosen, name = maglev.chosen.get(flow), maglev.names.get(flow)
    assume(is_at(live_backends(maglev, now), chosen, name))
    verdict = maglev.process(packet, now)
    assert goes_to(maglev, packet, verdict, chosen)


@spec
def flow_of_a_dead_backend_is_reassigned(maglev: Maglev, packet: Packet, now: Time) -> None:
    """§3.1: "Otherwise the thread consults the consistent hashing module"."""
    sent = snapshot(packet)
    assume(is_from_client(maglev, packet))
    flow = maglev.flows.find(key_of(packet))
    assume(flow in live_flows(maglev, now))
    chosen, name = maglev.chosen.get(flow), maglev.names.get(flow)
    assume(not is_at(live_backends(maglev, now), chosen, name))
    verdict = maglev.process(packet, now)
    assume(verdict >= 0)
    assert goes_to(maglev, packet, verdict, choice(maglev, sent))
    assert maglev.chosen.entries[flow] == choice(maglev, sent)


@spec
def heartbeat_adds_a_backend(maglev: Maglev, packet: Packet, now: Time) -> None:
    assume(is_heartbeat(maglev, packet))
    live, word = live_backends(maglev, now), word_of(packet)
    assume(all(backend.word != word for backend in live.values()))
    assume(any(index not in live for index in range(maglev.backends.capacity)))
    maglev.process(packet, now)
    index = maglev.backends.find(word)
    assert index not in live and maglev.backends.entries == live | {index: Backend(word, now)}


@spec
def heartbeat_refreshes(maglev: Maglev, packet: Packet, now: Time) -> None:
    assume(is_heartbeat(maglev, packet))
    live, word = live_backends(maglev, now), word_of(packet)
    index = maglev.backends.find(word)
    assume(index in live)
    maglev.process(packet, now)
    time = max(live[index].time, now)
    assert maglev.backends.entries == live | {index: Backend(word, time)}


@spec
def heartbeat_is_never_answered(maglev: Maglev, packet: Packet, now: Time) -> None:
    assume(is_heartbeat(maglev, packet))
    assert maglev.process(packet, now) == Drop.HEARTBEAT


@spec
def only_heartbeats_change_the_backends(maglev: Maglev, packet: Packet, now: Time) -> None:
    """But for the time that passes."""
    assume(not is_heartbeat(maglev, packet))
    live = live_backends(maglev, now)
    maglev.process(packet, now)
    assert maglev.backends.entries == live


@spec
def only_clients_packets_are_forwarded(maglev: Maglev, packet: Packet, now: Time) -> None:
    """§3.1: the first step "filters out unwanted packets not targeting any VIP"."""
    assume(not is_from_client(maglev, packet))
    assert maglev.process(packet, now) < 0


@spec
def without_backends_no_flow_is_opened(maglev: Maglev, packet: Packet, now: Time) -> None:
    """§3.1: "A packet is dropped if no backend is available"."""
    live = live_flows(maglev, now)
    assume(live_backends(maglev, now) == {})
    assert maglev.process(packet, now) < 0
    assert maglev.flows.entries == live


@spec
def a_full_table_keeps_the_old_flows(maglev: Maglev, packet: Packet, now: Time) -> None:
    """§3.3: "Maglev only evicts entries from the connection table when they are expired"."""
    live = live_flows(maglev, now)
    assume(all(index in live for index in range(maglev.flows.capacity)))
    maglev.process(packet, now)
    assert all(i in live and live[i].key == flow.key for i, flow in maglev.flows.entries.items())


# ---------------------------------------------------------------- several packets


def is_same_flow(packet: Packet, other: Packet) -> bool:
    return key_of(packet) == key_of(other)


def is_sent_to_sender_of(beat: Packet, packet: Packet, verdict: int) -> bool:
    return verdict == beat.device and Ethernet(packet).destination() == Ethernet(beat).source()


@spec
def packets_of_a_flow_reach_the_same_backend(
    maglev: Maglev, packet: Packet, now: Time, again: Packet
) -> None:
    """§3.3: "packets belonging to the same connection are always sent to the same backend"."""
    assume(is_from_client(maglev, packet) and is_from_client(maglev, again))
    assume(is_same_flow(packet, again) and has_room(maglev, live_flows(maglev, now)))
    verdict = maglev.process(packet, now)
    assume(verdict >= 0)
    assert maglev.process(again, now) == verdict
    assert Ethernet(again).destination() == Ethernet(packet).destination()


@spec
def no_backend_appears_unheard(
    maglev: Maglev, packet: Packet, now: Time, again: Packet, later: Time
) -> None:
    assume(comes_by_a_device(maglev, again))
    assume(maglev.process(packet, now) == Drop.NO_BACKEND and now <= later)
    assert maglev.process(again, later) < 0


@spec
def the_only_backend_gets_everything_in_time(
    maglev: Maglev, first: Packet, now: Time, beat: Packet, packet: Packet, later: Time
) -> None:
    """Where a client's packet has been dropped, there was none before."""
    assume(is_from_client(maglev, first) and is_heartbeat(maglev, beat))
    assume(is_from_client(maglev, packet))
    assume(maglev.process(first, now) < 0)
    maglev.process(beat, now)
    assume(now <= later <= now + maglev.config.backend_timeout)
    assert is_sent_to_sender_of(beat, packet, maglev.process(packet, later))


@spec
def settings_are_in_range(maglev: Maglev, packet: Packet, now: Time) -> None:
    """Whatever is processed is processed under settings that make sense."""
    maglev.process(packet, now)
    config = maglev.config
    assert 0 <= config.client_device < len(config.mac) <= MAX_DEVICES
    assert 0 <= config.virtual_address < 2**32 and 0 <= config.heartbeat_port < 2**16
    assert config.max_flows >= 1 and config.flow_timeout >= 1 and config.backend_timeout >= 1
    assert all(
        not is_group(unpack_station(int(config.backend[i])).address)
        for i in range(len(config.backend))
    )
