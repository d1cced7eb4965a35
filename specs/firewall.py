"""RFC 6092 §3.2.3 and §3.3.1, stateful filters of UDP and TCP, read for IPv4; and RFC 2979.

How this reads what the RFCs leave open:

- §3.2.3: "The state record defines the interior and exterior IP addresses and ports used between
  all packets in the flow." A flow is a protocol and these four, as seen from inside; all of TCP
  and UDP that comes from inside opens one. From outside, a packet passes only if it is of a live
  flow: RFC 4787 §5 calls this address and port-dependent filtering, the strictest of the three.
- A flow is live until more than `timeout` has passed since its last packet in either direction
  (REC-16 has the inbound refresh as a choice). REC-31 wants all valid sequences of TCP segments
  forwarded, so that the firewall does not follow the states of connections.
- Inside is one address space behind any number of devices. Replies go where the last packet of
  their flow from inside came from. What comes from inside goes out, wherever it is for.
- An ICMP error belongs to the flow of the TCP or UDP packet that it is about, and is for the
  sender of that packet; one that is not is dropped. So are other ICMP messages: RFC 2979 calls it
  "proper (albeit unfriendly) to block ICMP Echo and Echo Reply messages".
- What else is dropped: all but IPv4, headers that are not whole and consistent, later fragments,
  which carry no ports; and a new flow when the table is full, so that the old ones are kept.
- The Ethernet addresses become those of the next hop; the rest of a frame leaves as it came.
"""

from __future__ import annotations

from libvig.flow_key import FlowKey
from libvig.flow_table import Flow
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet
from libvig.packet.icmp import PROTOCOL_ICMP, icmp_of
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.transport import transport_of
from libvig.packet.validity import has_ipv4, has_ports, is_icmp_error, quotes_a_flow
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from nfs.firewall import Drop, Firewall

# ---------------------------------------------------------------- words that the specs use


def ip_of(packet: Packet) -> Ipv4:
    return Ipv4(packet, ETHERNET_HEADER)


def subject(error: Packet) -> Ipv4:
    """The packet that an ICMP error is about."""
    return icmp_of(ip_of(error)).quoted()


def is_from_outside(firewall: Firewall, packet: Packet) -> bool:
    return packet.device == firewall.config.external_device


def is_inbound(firewall: Firewall, packet: Packet) -> bool:
    return has_ports(packet) and is_from_outside(firewall, packet)


def is_outbound(firewall: Firewall, packet: Packet) -> bool:
    return has_ports(packet) and not is_from_outside(firewall, packet)


def comes_by_a_device(firewall: Firewall, packet: Packet) -> bool:
    return packet.device < len(firewall.config.mac)


def is_error(packet: Packet) -> bool:
    """An ICMP error about a TCP or UDP packet, to the sender of that packet.

    RFC 792 has as its destination "the source network and address from the original datagram's
    data".
    """
    return (
        is_icmp_error(packet)
        and quotes_a_flow(ip_of(packet))
        and subject(packet).protocol() != PROTOCOL_ICMP
        and ip_of(packet).destination() == subject(packet).source()
    )


def key_out(ip: Ipv4) -> FlowKey:
    """The flow of a packet that goes out, as seen from inside."""
    ports = transport_of(ip)
    source_port, destination_port = ports.source_port(), ports.destination_port()
    return FlowKey(0, ip.protocol(), ip.source(), source_port, ip.destination(), destination_port)


def key_in(ip: Ipv4) -> FlowKey:
    """The flow of a packet that comes in, as seen from inside."""
    ports = transport_of(ip)
    source_port, destination_port = ports.source_port(), ports.destination_port()
    return FlowKey(0, ip.protocol(), ip.destination(), destination_port, ip.source(), source_port)


def live_flows(firewall: Firewall, now: Time) -> dict[int, Flow]:
    limit = now - firewall.config.timeout
    return {i: flow for i, flow in firewall.flows.entries.items() if flow.time >= limit}


def is_in(live: dict[int, Flow], key: FlowKey) -> bool:
    return any(flow.key == key for flow in live.values())


def is_full(firewall: Firewall, live: dict[int, Flow]) -> bool:
    return all(index in live for index in range(firewall.flows.capacity))


def is_unchanged(packet: Packet, sent: Packet) -> bool:
    """All but the Ethernet addresses."""
    return all(packet.u8(at) == sent.u8(at) for at in range(12, packet.length()))


# ---------------------------------------------------------------- the full specification


@spec
def rfc6092(firewall: Firewall, packet: Packet, now: Time) -> None:
    config, sent = firewall.config, snapshot(packet)
    live, behind = live_flows(firewall, now), firewall.behind.entries
    verdict = firewall.process(packet, now)
    assert is_unchanged(packet, sent)

    if not has_ports(sent):
        # REC-19, REC-37: no ICMP message "MUST […] terminate the state record" of a flow.
        assert firewall.flows.entries == live and firewall.behind.entries == behind
        if not is_error(sent):
            assert verdict < 0
            return
        # REC-18, REC-36: errors pass that contain "headers that match the flow state record".
        if is_from_outside(firewall, sent):
            index = firewall.flows.find(key_out(subject(sent)))
            assert verdict == (int(behind[index]) if index >= 0 else Drop.ABOUT_NO_FLOW)
        else:
            index = firewall.flows.find(key_in(subject(sent)))
            assert verdict == (config.external_device if index >= 0 else Drop.ABOUT_NO_FLOW)
        return

    # RFC 4787 §5: "for receiving packets from a specific external endpoint, it is necessary for
    # the internal endpoint to send packets first to that external endpoint's IP address and port."
    if is_from_outside(firewall, sent):
        key = key_in(ip_of(sent))
        index = firewall.flows.find(key)
        assert firewall.behind.entries == behind
        if index < 0:
            assert verdict == Drop.UNSOLICITED and firewall.flows.entries == live
            return
        assert index in live and live[index].key == key
        assert verdict == behind[index]
        assert firewall.flows.entries == live | {index: Flow(key, now)}
        return

    # §3.2.3: "sending a packet to an exterior address. The filter allocates (or reuses) a filter
    # state record for the duration of the flow."
    key = key_out(ip_of(sent))
    index = firewall.flows.find(key)
    if index < 0:
        assert verdict == Drop.TABLE_FULL and is_full(firewall, live)
        assert firewall.flows.entries == live and firewall.behind.entries == behind
        return
    assert verdict == config.external_device
    assert index not in live or live[index].key == key
    # REC-16: it "MUST be refreshed when a packet is forwarded from the interior to the exterior".
    assert firewall.flows.entries == live | {index: Flow(key, now)}
    assert firewall.behind.entries == behind | {index: sent.device}


# ---------------------------------------------------------------- one property each


@spec
def unsolicited_is_blocked(firewall: Firewall, packet: Packet, now: Time) -> None:
    assume(is_inbound(firewall, packet))
    assume(not is_in(live_flows(firewall, now), key_in(ip_of(packet))))
    assert firewall.process(packet, now) < 0


@spec
def replies_are_forwarded(firewall: Firewall, packet: Packet, now: Time) -> None:
    assume(is_inbound(firewall, packet))
    key = key_in(ip_of(packet))
    assume(is_in(live_flows(firewall, now), key))
    assert firewall.process(packet, now) == firewall.behind.entries[firewall.flows.find(key)]


@spec
def outbound_is_forwarded(firewall: Firewall, packet: Packet, now: Time) -> None:
    """Unless it would take a flow more than there is room for."""
    live = live_flows(firewall, now)
    assume(is_outbound(firewall, packet))
    assume(is_in(live, key_out(ip_of(packet))) or not is_full(firewall, live))
    assert firewall.process(packet, now) == firewall.config.external_device


@spec
def outbound_opens_a_flow(firewall: Firewall, packet: Packet, now: Time) -> None:
    assume(is_outbound(firewall, packet))
    live, key = live_flows(firewall, now), key_out(ip_of(packet))
    assume(not is_in(live, key) and not is_full(firewall, live))
    firewall.process(packet, now)
    index = firewall.flows.find(key)
    assert index not in live and firewall.flows.entries == live | {index: Flow(key, now)}
    assert firewall.behind.entries[index] == packet.device


@spec
def the_table_is_refreshed(firewall: Firewall, packet: Packet, now: Time) -> None:
    """By the packets of a flow, in both directions."""
    assume(has_ports(packet))
    ip = ip_of(packet)
    key = key_in(ip) if is_from_outside(firewall, packet) else key_out(ip)
    live = live_flows(firewall, now)
    assume(is_in(live, key))
    firewall.process(packet, now)
    index = firewall.flows.find(key)
    assert index in live and firewall.flows.entries == live | {index: Flow(key, now)}


@spec
def frames_leave_as_they_came(firewall: Firewall, packet: Packet, now: Time) -> None:
    """Whatever comes of them, all but their Ethernet addresses stays as it is."""
    sent = snapshot(packet)
    firewall.process(packet, now)
    assert is_unchanged(packet, sent)


@spec
def frames_carry_the_addresses_of_the_next_hop(
    firewall: Firewall, packet: Packet, now: Time
) -> None:
    device = firewall.process(packet, now)
    assume(device >= 0)
    assert Ethernet(packet).source() == firewall.config.mac[device]
    assert Ethernet(packet).destination() == firewall.config.peer[device]


@spec
def everything_crosses_the_border(firewall: Firewall, packet: Packet, now: Time) -> None:
    """What comes from inside leaves to the outside, what comes from outside to the inside."""
    device = firewall.process(packet, now)
    assume(device >= 0)
    external = firewall.config.external_device
    assert device == external if packet.device != external else device != external


@spec
def nothing_from_outside_opens_a_flow(firewall: Firewall, packet: Packet, now: Time) -> None:
    assume(is_from_outside(firewall, packet))
    live, behind = live_flows(firewall, now), firewall.behind.entries
    firewall.process(packet, now)
    assert all(i in live and live[i].key == f.key for i, f in firewall.flows.entries.items())
    assert firewall.behind.entries == behind


@spec
def table_updates_are_exactly_these(firewall: Firewall, packet: Packet, now: Time) -> None:
    """Idle flows go, and TCP or UDP that passes adds or refreshes its flow: no other changes."""
    live, sent = live_flows(firewall, now), snapshot(packet)
    verdict = firewall.process(packet, now)
    flows = firewall.flows.entries
    assert all(i in flows and flows[i].key == f.key for i, f in live.items())
    assert all((i in live and live[i] == f) or f.time == now for i, f in flows.items())
    assert (verdict >= 0 and has_ports(sent)) or flows == live


@spec
def a_full_table_keeps_the_old_flows(firewall: Firewall, packet: Packet, now: Time) -> None:
    live = live_flows(firewall, now)
    assume(is_full(firewall, live))
    firewall.process(packet, now)
    assert all(i in live and live[i].key == f.key for i, f in firewall.flows.entries.items())


@spec
def errors_change_no_state(firewall: Firewall, packet: Packet, now: Time) -> None:
    """REC-19, REC-37: nor do they keep a flow alive."""
    assume(is_icmp_error(packet))
    live, behind = live_flows(firewall, now), firewall.behind.entries
    firewall.process(packet, now)
    assert firewall.flows.entries == live and firewall.behind.entries == behind


@spec
def errors_about_packets_that_were_sent_come_in(
    firewall: Firewall, packet: Packet, now: Time
) -> None:
    """RFC 2979: blocking those that Path MTU discovery needs would break it."""
    assume(is_error(packet) and is_from_outside(firewall, packet))
    key = key_out(subject(packet))
    assume(is_in(live_flows(firewall, now), key))
    assert firewall.process(packet, now) == firewall.behind.entries[firewall.flows.find(key)]


@spec
def errors_about_replies_go_out(firewall: Firewall, packet: Packet, now: Time) -> None:
    assume(is_error(packet) and not is_from_outside(firewall, packet))
    assume(is_in(live_flows(firewall, now), key_in(subject(packet))))
    assert firewall.process(packet, now) == firewall.config.external_device


@spec
def hosts_without_a_live_flow_get_nothing(firewall: Firewall, packet: Packet, now: Time) -> None:
    """From outside: neither packets of others' flows, nor ICMP errors about them."""
    assume(is_from_outside(firewall, packet) and has_ipv4(packet))
    host, live = ip_of(packet).destination(), live_flows(firewall, now)
    assume(all(flow.key.source_address != host for flow in live.values()))
    assert firewall.process(packet, now) < 0


# ---------------------------------------------------------------- several packets, no inner state


def is_reply(reply: Packet, packet: Packet) -> bool:
    """From the endpoint that ``packet`` goes to, to the endpoint that it comes from."""
    there, back = transport_of(ip_of(packet)), transport_of(ip_of(reply))
    return (
        ip_of(reply).protocol() == ip_of(packet).protocol()
        and ip_of(reply).source() == ip_of(packet).destination()
        and ip_of(reply).destination() == ip_of(packet).source()
        and back.source_port() == there.destination_port()
        and back.destination_port() == there.source_port()
    )


@spec
def reply_in_time_comes_back_by_the_device_of_its_request(
    firewall: Firewall, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    assume(is_outbound(firewall, packet) and firewall.process(packet, now) >= 0)
    assume(is_inbound(firewall, reply) and is_reply(reply, packet))
    assume(now <= later <= now + firewall.config.timeout)
    assert firewall.process(reply, later) == packet.device


@spec
def late_reply_does_not_come_back(
    firewall: Firewall, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    assume(is_outbound(firewall, packet) and firewall.process(packet, now) >= 0)
    assume(is_inbound(firewall, reply) and is_reply(reply, packet))
    assume(later > now + firewall.config.timeout)
    assert firewall.process(reply, later) < 0


@spec
def what_is_blocked_stays_blocked_until_its_request_goes_out(
    firewall: Firewall, packet: Packet, now: Time, other: Packet, then: Time, later: Time
) -> None:
    """Whatever comes between a packet and the same packet again, if it is not its request."""
    again = snapshot(packet)
    assume(is_inbound(firewall, packet) and firewall.process(packet, now) < 0)
    assume(not (is_outbound(firewall, other) and is_reply(again, other)))
    assume(comes_by_a_device(firewall, other) and now <= then <= later)
    firewall.process(other, then)
    assert firewall.process(again, later) < 0


@spec
def what_comes_from_outside_neither_stops_nor_moves_a_reply(
    firewall: Firewall,
    packet: Packet,
    now: Time,
    attack: Packet,
    then: Time,
    reply: Packet,
    later: Time,
) -> None:
    assume(is_outbound(firewall, packet) and firewall.process(packet, now) >= 0)
    assume(is_from_outside(firewall, attack) and now <= then <= later)
    firewall.process(attack, then)
    assume(is_inbound(firewall, reply) and is_reply(reply, packet))
    assume(later <= now + firewall.config.timeout)
    assert firewall.process(reply, later) == packet.device


@spec
def packets_of_either_direction_keep_a_flow_alive(
    firewall: Firewall,
    packet: Packet,
    now: Time,
    reply: Packet,
    then: Time,
    again: Packet,
    later: Time,
) -> None:
    assume(is_outbound(firewall, packet) and firewall.process(packet, now) >= 0)
    assume(is_inbound(firewall, reply) and is_reply(reply, packet))
    assume(now <= then <= now + firewall.config.timeout)
    firewall.process(reply, then)
    assume(is_inbound(firewall, again) and is_reply(again, packet))
    assume(then <= later <= then + firewall.config.timeout)
    assert firewall.process(again, later) == packet.device


@spec
def an_error_about_a_request_comes_back_to_its_sender(
    firewall: Firewall, packet: Packet, now: Time, error: Packet, later: Time
) -> None:
    assume(is_outbound(firewall, packet) and firewall.process(packet, now) >= 0)
    assume(is_error(error) and is_from_outside(firewall, error))
    assume(key_out(subject(error)) == key_out(ip_of(packet)))
    assume(now <= later <= now + firewall.config.timeout)
    assert firewall.process(error, later) == packet.device


@spec
def settings_are_in_range(firewall: Firewall, packet: Packet, now: Time) -> None:
    """Whatever is processed is processed under settings that make sense."""
    firewall.process(packet, now)
    config = firewall.config
    assert len(config.mac) >= 2 and 0 <= config.external_device < len(config.mac)
    assert config.max_flows >= 1 and config.timeout >= 1
