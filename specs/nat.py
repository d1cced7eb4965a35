"""RFC 3022, "Traditional IP Network Address Translator", port translation (NAPT) of TCP and UDP.

How this reads what the RFC leaves open:

- A flow is a five-tuple and the internal device that it came in by, so internal networks may use
  the same addresses (§1: "addresses inside a local domain are local to that domain").
- An external port belongs to one flow, whatever its protocol and remote endpoint.
- §2.2 has sessions "originate from the local network" only: from outside, a packet passes if it
  comes from the very remote endpoint that a live flow was opened to, and a packet that does not
  pass does not keep the flow alive either.
- A flow is live until more than `timeout` has passed since its last packet, in either direction.
- §6.3 has translating fragments "doomed to fail": first fragments carry ports and are translated,
  later ones are dropped. What is not TCP or UDP over IPv4, with headers that are whole and
  consistent, is dropped. When the table is full, a new flow is dropped and the old ones are kept.
- The Ethernet addresses become those of the next hop; what else a router does (RFC 1812: TTL,
  ICMP errors, ARP) is not translation, and is left alone.
"""

from __future__ import annotations

from libvig.flow_key import FlowKey
from libvig.flow_table import Flow
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.tcp import PROTOCOL_TCP
from libvig.packet.transport import Transport
from libvig.packet.udp import Udp
from libvig.packet.validity import has_ports
from libvig.packet.word_sum import word_sum
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from nfs.nat import Nat

# ---------------------------------------------------------------- words that the specs use


def ip_of(packet: Packet) -> Ipv4:
    return Ipv4(packet, ETHERNET_HEADER)


def transport_of(packet: Packet) -> Transport:
    return Transport(packet, ip_of(packet).payload_at(), ip_of(packet).protocol())


def is_inbound(nat: Nat, packet: Packet) -> bool:
    return has_ports(packet) and packet.device == nat.config.external_device


def is_outbound(nat: Nat, packet: Packet) -> bool:
    return has_ports(packet) and packet.device != nat.config.external_device


def live_flows(nat: Nat, now: Time) -> dict[int, Flow]:
    return {i: f for i, f in nat.flows.entries.items() if f.time >= now - nat.config.timeout}


def key_of(packet: Packet) -> FlowKey:
    ip, transport = ip_of(packet), transport_of(packet)
    return FlowKey(
        packet.device,
        ip.protocol(),
        ip.source(),
        transport.source_port(),
        ip.destination(),
        transport.destination_port(),
    )


def is_from_remote_of(key: FlowKey, packet: Packet) -> bool:
    return (
        key.protocol == ip_of(packet).protocol()
        and key.destination_address == ip_of(packet).source()
        and key.destination_port == transport_of(packet).source_port()
    )


def index_in(nat: Nat, packet: Packet) -> int:
    """Of the flow that holds the port to which the packet comes from outside."""
    return nat.ports.holder_of(transport_of(packet).destination_port())


def index_out(nat: Nat, packet: Packet) -> int:
    """Of the flow that holds the port from which the packet, translated, goes out."""
    return nat.ports.holder_of(transport_of(packet).source_port())


def has_room(nat: Nat, live: dict[int, Flow]) -> bool:
    return any(i not in live for i in range(nat.flows.capacity))


def checksum_at(packet: Packet) -> int:
    """Offset of the TCP or UDP checksum."""
    return ip_of(packet).payload_at() + (16 if ip_of(packet).protocol() == PROTOCOL_TCP else 6)


def is_unchanged_but(packet: Packet, sent: Packet, address: int, port: int) -> bool:
    """All but the Ethernet addresses, an IP address, a port and the two checksums."""
    return all(
        packet.u8(at) == sent.u8(at)
        for at in range(12, packet.length())
        if not address <= at < address + 4
        and not port <= at < port + 2
        and not 24 <= at < 26
        and not checksum_at(sent) <= at < checksum_at(sent) + 2
    )


# ---------------------------------------------------------------- the full specification


@spec
def rfc3022(nat: Nat, packet: Packet, now: Time) -> None:
    config, live, ports, sent = (
        nat.config,
        live_flows(nat, now),
        nat.ports.entries,
        snapshot(packet),
    )
    verdict = nat.process(packet, now)

    # What cannot be translated is dropped, and opens, refreshes and moves nothing.
    if not has_ports(sent):
        assert verdict < 0 and nat.flows.entries == live and nat.ports.entries == ports
        return

    # §4.1: "destination TU port for inbound packets"
    if sent.device == config.external_device:
        assert nat.ports.entries == ports
        index = nat.ports.holder_of(transport_of(sent).destination_port())
        # §2.2: "Only TCP/UDP sessions are allowed and must originate from the local network"
        if (
            ip_of(sent).destination() != config.external_address
            or index not in live
            or not is_from_remote_of(live[index].key, sent)
        ):
            assert verdict < 0 and nat.flows.entries == live
            return
        key = live[index].key
        # §4.1: "destination IP address for inbound packets"
        assert ip_of(packet).destination() == key.source_address
        assert transport_of(packet).destination_port() == key.source_port
        assert is_unchanged_but(packet, sent, 30, ip_of(sent).payload_at() + 2)
        assert verdict == key.device
        assert nat.flows.entries == live | {index: Flow(key, now)}
        return

    # §2.2: outbound sessions; the flow is the one known, or a new one under a free index.
    key = key_of(sent)
    if all(flow.key != key for flow in live.values()):
        if all(index in live for index in range(nat.flows.capacity)):
            assert verdict < 0 and nat.flows.entries == live and nat.ports.entries == ports
            return
    else:
        assert nat.ports.entries == ports
    assert verdict == config.external_device
    # §4.1: "source IP address for outbound packets", "source TU port for outbound packets"
    port = transport_of(packet).source_port()
    index = nat.ports.holder_of(port)
    assert ip_of(packet).source() == config.external_address
    assert config.first_port <= port <= config.last_port and index >= 0
    assert is_unchanged_but(packet, sent, 26, ip_of(sent).payload_at())
    assert index not in live or live[index].key == key
    assert nat.flows.entries == live | {index: Flow(key, now)}
    assert nat.ports.entries == ports | {index: port}


# ---------------------------------------------------------------- one property each


@spec
def unsolicited_inbound_is_dropped(nat: Nat, packet: Packet, now: Time) -> None:
    """§2.2: sessions "must originate from the local network"."""
    assume(is_inbound(nat, packet))
    index = index_in(nat, packet)
    assume(index not in live_flows(nat, now))
    assert nat.process(packet, now) < 0


@spec
def spoofed_inbound_is_dropped(nat: Nat, packet: Packet, now: Time) -> None:
    """A flow is open to the address, port and protocol that it was opened to, and no other."""
    assume(is_inbound(nat, packet))
    assume(all(not is_from_remote_of(f.key, packet) for f in live_flows(nat, now).values()))
    assert nat.process(packet, now) < 0


@spec
def inbound_never_creates_a_flow(nat: Nat, packet: Packet, now: Time) -> None:
    assume(packet.device == nat.config.external_device)
    live = live_flows(nat, now)
    nat.process(packet, now)
    assert all(i in live and live[i].key == f.key for i, f in nat.flows.entries.items())


@spec
def reply_is_translated_back(nat: Nat, packet: Packet, now: Time) -> None:
    assume(is_inbound(nat, packet))
    index = index_in(nat, packet)
    verdict = nat.process(packet, now)
    assume(verdict >= 0)
    key = nat.flows.entries[index].key
    assert verdict == key.device and ip_of(packet).destination() == key.source_address
    assert transport_of(packet).destination_port() == key.source_port


@spec
def new_outbound_flow_is_allocated_and_translated(nat: Nat, packet: Packet, now: Time) -> None:
    assume(is_outbound(nat, packet))
    live, key = live_flows(nat, now), key_of(packet)
    assume(all(f.key != key for f in live.values()) and has_room(nat, live))
    assert nat.process(packet, now) == nat.config.external_device
    index = index_out(nat, packet)
    assert index not in live and nat.flows.entries == live | {index: Flow(key, now)}
    assert ip_of(packet).source() == nat.config.external_address


@spec
def known_outbound_flow_is_refreshed(nat: Nat, packet: Packet, now: Time) -> None:
    assume(is_outbound(nat, packet))
    live, key = live_flows(nat, now), key_of(packet)
    assume(any(f.key == key for f in live.values()))
    assert nat.process(packet, now) == nat.config.external_device
    index = index_out(nat, packet)
    assert index in live and nat.flows.entries == live | {index: Flow(key, now)}


@spec
def known_inbound_flow_is_refreshed(nat: Nat, packet: Packet, now: Time) -> None:
    assume(is_inbound(nat, packet))
    assume(ip_of(packet).destination() == nat.config.external_address)
    live, index = live_flows(nat, now), index_in(nat, packet)
    assume(index in live and is_from_remote_of(live[index].key, packet))
    assert nat.process(packet, now) == live[index].key.device
    assert nat.flows.entries == live | {index: Flow(live[index].key, now)}


@spec
def table_updates_are_exactly_these(nat: Nat, packet: Packet, now: Time) -> None:
    """Idle flows go, and a packet that passes adds or refreshes its flow: no other changes."""
    live = live_flows(nat, now)
    verdict = nat.process(packet, now)
    flows = nat.flows.entries
    assert all(i in flows and flows[i].key == f.key for i, f in live.items())
    assert all((i in live and live[i] == f) or f.time == now for i, f in flows.items())
    assert verdict >= 0 or flows == live


@spec
def a_full_table_keeps_the_old_flows(nat: Nat, packet: Packet, now: Time) -> None:
    live = live_flows(nat, now)
    assume(all(i in live for i in range(nat.flows.capacity)))
    nat.process(packet, now)
    assert all(i in live and live[i].key == f.key for i, f in nat.flows.entries.items())


@spec
def frames_carry_the_addresses_of_the_next_hop(nat: Nat, packet: Packet, now: Time) -> None:
    device = nat.process(packet, now)
    assume(device >= 0)
    assert Ethernet(packet).source() == nat.config.mac[device]
    assert Ethernet(packet).destination() == nat.config.peer[device]


def ip_header_sum(packet: Packet) -> int:
    return word_sum(packet.data, ETHERNET_HEADER, ip_of(packet).payload_at())


def segment_sum(packet: Packet) -> int:
    """What a TCP or UDP checksum covers: pseudo header (RFC 768, RFC 9293 §3.1) and segment."""
    ip, stop = ip_of(packet), ETHERNET_HEADER + ip_of(packet).total_length()
    pseudo_header = word_sum(packet.data, 26, 34) + ip.protocol() + ip.payload_length()
    return pseudo_header + word_sum(packet.data, ip.payload_at(), stop)


def has_checksum(packet: Packet) -> bool:
    """RFC 768: an all zero UDP checksum means that there is none."""
    udp = Udp(packet, ip_of(packet).payload_at())
    return ip_of(packet).protocol() == PROTOCOL_TCP or udp.checksum() != 0


@spec
def ip_checksum_stays_valid(nat: Nat, packet: Packet, now: Time) -> None:
    assume(has_ports(packet) and ip_header_sum(packet) % 0xFFFF == 0)
    nat.process(packet, now)
    assert ip_header_sum(packet) % 0xFFFF == 0


@spec
def tcp_and_udp_checksums_stay_valid(nat: Nat, packet: Packet, now: Time) -> None:
    """§4.1: "modifications must include update of checksum in the TCP/UDP headers"."""
    assume(has_ports(packet) and has_checksum(packet) and not ip_of(packet).more_fragments())
    assume(ETHERNET_HEADER + ip_of(packet).total_length() <= packet.length())
    assume(segment_sum(packet) % 0xFFFF == 0)
    nat.process(packet, now)
    assert has_checksum(packet) and segment_sum(packet) % 0xFFFF == 0


def translated_sum(packet: Packet) -> int:
    """The TCP or UDP checksum, and those of the words under it that translation changes."""
    ports = transport_of(packet).source_port() + transport_of(packet).destination_port()
    return word_sum(packet.data, 26, 34) + ports + packet.u16(checksum_at(packet))


@spec
def tcp_and_udp_checksums_account_for_the_change(nat: Nat, packet: Packet, now: Time) -> None:
    """Also where only part of the segment is there: in first fragments and cut captures."""
    sent = snapshot(packet)
    assume(has_ports(packet) and has_checksum(packet))
    nat.process(packet, now)
    assert has_checksum(packet)
    assert (translated_sum(packet) - translated_sum(sent)) % 0xFFFF == 0


@spec
def udp_without_checksum_stays_without(nat: Nat, packet: Packet, now: Time) -> None:
    """§4.1: "UDP headers with 0 checksum should not be modified"."""
    assume(has_ports(packet) and not has_checksum(packet))
    nat.process(packet, now)
    assert not has_checksum(packet)


# ---------------------------------------------------------------- several packets, no inner state


def is_reply(reply: Packet, packet: Packet) -> bool:
    """From the endpoint that ``packet`` went to, to the endpoint that it seems to come from."""
    there, back = transport_of(packet), transport_of(reply)
    return (
        ip_of(reply).protocol() == ip_of(packet).protocol()
        and ip_of(reply).source() == ip_of(packet).destination()
        and ip_of(reply).destination() == ip_of(packet).source()
        and back.source_port() == there.destination_port()
        and back.destination_port() == there.source_port()
    )


@spec
def reply_in_time_comes_back_to_the_sender(
    nat: Nat, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    sent = snapshot(packet)
    assume(is_outbound(nat, packet) and nat.process(packet, now) >= 0)
    assume(is_inbound(nat, reply) and is_reply(reply, packet))
    assume(now <= later <= now + nat.config.timeout)
    assert nat.process(reply, later) == sent.device
    assert ip_of(reply).destination() == ip_of(sent).source()
    assert transport_of(reply).destination_port() == transport_of(sent).source_port()


@spec
def late_reply_does_not_come_back(
    nat: Nat, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    assume(is_outbound(nat, packet) and nat.process(packet, now) >= 0)
    assume(is_inbound(nat, reply) and is_reply(reply, packet))
    assume(later > now + nat.config.timeout)
    assert nat.process(reply, later) < 0
