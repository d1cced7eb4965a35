"""RFC 3022, "Traditional IP Network Address Translator": port translation (NAPT) of TCP, UDP, ICMP.

And RFC 5508, "NAT Behavioral Requirements for ICMP", of which REQ-n is said here. How this reads
what the RFCs leave open:

- A flow is a five-tuple and the internal device that it came in by, so internal networks may use
  the same addresses (§1: "addresses inside a local domain are local to that domain").
- An external port belongs to one flow, whatever its protocol and remote endpoint.
- If there are more ports than flows, the port of a new flow is one that has rested, so that what is
  late for the flow that had it does not get into the new one.
- §2.2 has sessions "originate from the local network" only: from outside, a packet passes if it
  comes from the very remote endpoint that a live flow was opened to, and a packet that does not
  pass does not keep the flow alive either.
- A flow is live until more than `timeout` has passed since its last packet, in either direction.
- §6.3 has translating fragments "doomed to fail": first fragments carry ports and are translated,
  later ones are dropped. What is not TCP, UDP or ICMP over IPv4, with headers that are whole and
  consistent, is dropped. When the table is full, a new flow is dropped and the old ones are kept.
- The identifier of an ICMP query takes the place of the port at the internal end; at the remote end
  there is none. Requests and replies alike belong to the flow that their identifier names.
- An ICMP error is about the packet that it quotes, and passes if that one is of a live flow. The
  checksum of a quoted segment is changed if it is in the message; else nobody can check it.
- REQ-3 would have errors with wrong checksums dropped. As in TCP and UDP, a wrong checksum stays
  wrong, so that the receiver sees it. Hairpinning (REQ-7) is no part of this NAT.
- The Ethernet addresses become those of the next hop; what else a router does (RFC 1812: TTL,
  ICMP errors of its own, ARP) is not translation, and is left alone.
"""

from __future__ import annotations

from libvig.flow_key import FlowKey
from libvig.flow_table import Flow
from libvig.packet.checksum import words
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet
from libvig.packet.icmp import PROTOCOL_ICMP, icmp_of
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.transport import Transport, transport_of
from libvig.packet.udp import PROTOCOL_UDP
from libvig.packet.validity import (
    is_icmp_error,
    names_a_flow,
    quotes_a_flow,
    quotes_checksum,
)
from libvig.packet.word_sum import word_sum
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from nfs.nat import Nat

# ---------------------------------------------------------------- words that the specs use


def ip_of(packet: Packet) -> Ipv4:
    return Ipv4(packet, ETHERNET_HEADER)


def ports_of(packet: Packet) -> Transport:
    return transport_of(ip_of(packet))


def quoted_in(error: Packet) -> Ipv4:
    """The packet that an ICMP error is about."""
    return icmp_of(ip_of(error)).quoted()


def ports_quoted_in(error: Packet) -> Transport:
    return transport_of(quoted_in(error))


def is_inbound(nat: Nat, packet: Packet) -> bool:
    return names_a_flow(packet) and packet.device == nat.config.external_device


def is_outbound(nat: Nat, packet: Packet) -> bool:
    return names_a_flow(packet) and packet.device != nat.config.external_device


def is_error(packet: Packet) -> bool:
    """An ICMP error that can be translated."""
    return is_icmp_error(packet) and quotes_a_flow(ip_of(packet))


def live_flows(nat: Nat, now: Time) -> dict[int, Flow]:
    return {i: f for i, f in nat.flows.entries.items() if f.time >= now - nat.config.timeout}


def remote_port(ip: Ipv4, port: int) -> int:
    """An ICMP query has an identifier, and no other port."""
    return 0 if ip.protocol() == PROTOCOL_ICMP else port


def key_of(packet: Packet) -> FlowKey:
    """Of the flow that a packet belongs to on its way out."""
    ip, ports = ip_of(packet), ports_of(packet)
    return FlowKey(
        packet.device,
        ip.protocol(),
        ip.source(),
        ports.source_port(),
        ip.destination(),
        remote_port(ip, ports.destination_port()),
    )


def key_quoted_in(error: Packet) -> FlowKey:
    """Of the flow that a packet belonged to on its way in, by an error that it met with there."""
    ip, ports = quoted_in(error), ports_quoted_in(error)
    return FlowKey(
        error.device,
        ip.protocol(),
        ip.destination(),
        ports.destination_port(),
        ip.source(),
        remote_port(ip, ports.source_port()),
    )


def is_from_remote_of(key: FlowKey, packet: Packet) -> bool:
    ip, ports = ip_of(packet), ports_of(packet)
    return (
        key.protocol == ip.protocol()
        and key.destination_address == ip.source()
        and key.destination_port == remote_port(ip, ports.source_port())
    )


def is_about_one_to_remote_of(key: FlowKey, error: Packet) -> bool:
    ip, ports = quoted_in(error), ports_quoted_in(error)
    return (
        key.protocol == ip.protocol()
        and key.destination_address == ip.destination()
        and key.destination_port == remote_port(ip, ports.destination_port())
    )


def index_in(nat: Nat, packet: Packet) -> int:
    """Of the flow that holds the port to which the packet comes from outside."""
    return nat.ports.holder_of(ports_of(packet).destination_port())


def index_out(nat: Nat, packet: Packet) -> int:
    """Of the flow that holds the port from which the packet, translated, goes out."""
    return nat.ports.holder_of(ports_of(packet).source_port())


def has_room(nat: Nat, live: dict[int, Flow]) -> bool:
    return any(i not in live for i in range(nat.flows.capacity))


def port_at(ports: Transport, offset: int) -> int:
    """Where the port is that has this offset in TCP and UDP."""
    return ports.at + (4 if ports.protocol == PROTOCOL_ICMP else offset)


def is_unchanged_but(packet: Packet, sent: Packet, address: int, port: int, checksum: int) -> bool:
    """All but the Ethernet addresses, an IP address, a port and the two checksums."""
    return all(
        packet.u8(at) == sent.u8(at)
        for at in range(12, packet.length())
        if not address <= at < address + 4
        and not port <= at < port + 2
        and not 24 <= at < 26
        and not checksum <= at < checksum + 2
    )


def is_unchanged_but_quoted(
    packet: Packet, sent: Packet, outer: int, address: int, port: int
) -> bool:
    """All but the Ethernet addresses, the outer and the quoted address, a port and checksums."""
    icmp, quoted, checksum = (
        ports_of(sent).checksum_at(),
        quoted_in(sent).at + 10,
        ports_quoted_in(sent).checksum_at(),
    )
    stop = ETHERNET_HEADER + ip_of(sent).total_length()
    return all(
        packet.u8(at) == sent.u8(at)
        for at in range(12, packet.length())
        if not outer <= at < outer + 4
        and not 24 <= at < 26
        and not icmp <= at < icmp + 2
        and not address <= at < address + 4
        and not quoted <= at < quoted + 2
        and not port <= at < port + 2
        and not (checksum <= at < checksum + 2 and checksum + 2 <= stop)
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
    assume(not is_icmp_error(packet))
    verdict = nat.process(packet, now)

    # What cannot be translated is dropped, and opens, refreshes and moves nothing.
    if not names_a_flow(sent):
        assert verdict < 0 and nat.flows.entries == live and nat.ports.entries == ports
        return

    # §4.1: "destination TU port for inbound packets"
    if sent.device == config.external_device:
        assert nat.ports.entries == ports
        index = nat.ports.holder_of(ports_of(sent).destination_port())
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
        assert ports_of(packet).destination_port() == key.source_port
        port, checksum = port_at(ports_of(sent), 2), ports_of(sent).checksum_at()
        assert is_unchanged_but(packet, sent, 30, port, checksum)
        assert verdict == key.device != config.external_device
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
    port = ports_of(packet).source_port()
    index = nat.ports.holder_of(port)
    assert ip_of(packet).source() == config.external_address
    assert config.first_port <= port <= config.last_port and index >= 0
    checksum = ports_of(sent).checksum_at()
    assert is_unchanged_but(packet, sent, 26, port_at(ports_of(sent), 0), checksum)
    assert index not in live or live[index].key == key
    assert nat.flows.entries == live | {index: Flow(key, now)}
    assert nat.ports.entries == ports | {index: port}
    if index not in live and config.max_flows < config.last_port - config.first_port + 1:
        assert all(port != held for held in ports.values())  # it has rested


@spec
def rfc5508_errors(nat: Nat, packet: Packet, now: Time) -> None:
    config, live, ports, sent = (
        nat.config,
        live_flows(nat, now),
        nat.ports.entries,
        snapshot(packet),
    )
    assume(is_icmp_error(packet))
    verdict = nat.process(packet, now)

    # REQ-6: "MUST NOT refresh or delete the NAT Session that pertains to the embedded payload"
    assert nat.flows.entries == live and nat.ports.entries == ports
    if not quotes_a_flow(ip_of(sent)):
        assert verdict < 0
        return

    # REQ-4: "from the external realm"
    if sent.device == config.external_device:
        index = nat.ports.holder_of(ports_quoted_in(sent).source_port())
        # "does not have an active mapping for the embedded payload": "silently drop"
        if (
            ip_of(sent).destination() != config.external_address
            or quoted_in(sent).source() != config.external_address
            or index not in live
            or not is_about_one_to_remote_of(live[index].key, sent)
        ):
            assert verdict < 0
            return
        key = live[index].key
        # "Revert the IP and transport headers of the embedded IP packet to their original form"
        assert quoted_in(packet).source() == key.source_address
        assert ports_quoted_in(packet).source_port() == key.source_port
        # "Modify the destination IP address of the outer IP header to be the same as the source"
        assert ip_of(packet).destination() == key.source_address
        # "Leave the ICMP Error type and code unchanged"
        address, port = quoted_in(sent).at + 12, port_at(ports_quoted_in(sent), 0)
        assert is_unchanged_but_quoted(packet, sent, 30, address, port)
        assert verdict == key.device
        return

    # REQ-5: "from the private realm"
    key = key_quoted_in(sent)
    if all(flow.key != key for flow in live.values()):
        assert verdict < 0
        return
    index = nat.ports.holder_of(ports_quoted_in(packet).destination_port())
    assert index in live and live[index].key == key
    assert quoted_in(packet).destination() == config.external_address
    # "translate the source IP address of the ICMP Error packet with its own public IP address"
    assert ip_of(packet).source() == config.external_address
    address, port = quoted_in(sent).at + 16, port_at(ports_quoted_in(sent), 2)
    assert is_unchanged_but_quoted(packet, sent, 26, address, port)
    assert verdict == config.external_device


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
    assert ports_of(packet).destination_port() == key.source_port


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


@spec
def query_reply_comes_back_by_its_identifier(nat: Nat, packet: Packet, now: Time) -> None:
    """§4.1: "Private host query ID must be translated", and "the exact reverse on inbound"."""
    assume(is_inbound(nat, packet) and ip_of(packet).protocol() == PROTOCOL_ICMP)
    index = nat.ports.holder_of(icmp_of(ip_of(packet)).identifier())
    verdict = nat.process(packet, now)
    assume(verdict >= 0)
    key = nat.flows.entries[index].key
    assert verdict == key.device and ip_of(packet).destination() == key.source_address
    assert icmp_of(ip_of(packet)).identifier() == key.source_port


@spec
def error_from_outside_reaches_the_sender(nat: Nat, packet: Packet, now: Time) -> None:
    """With the quoted packet as the sender sent it (RFC 5508 REQ-4)."""
    assume(is_error(packet) and packet.device == nat.config.external_device)
    index = nat.ports.holder_of(ports_quoted_in(packet).source_port())
    verdict = nat.process(packet, now)
    assume(verdict >= 0)
    key, quoted = nat.flows.entries[index].key, quoted_in(packet)
    assert verdict == key.device and ip_of(packet).destination() == key.source_address
    assert quoted.source() == key.source_address
    assert ports_quoted_in(packet).source_port() == key.source_port


@spec
def error_from_inside_shows_the_external_address(nat: Nat, packet: Packet, now: Time) -> None:
    """Outside and in the quoted packet, which is as it was sent to the NAT (RFC 5508 REQ-5)."""
    assume(is_error(packet) and packet.device != nat.config.external_device)
    key = key_quoted_in(packet)
    assume(nat.process(packet, now) >= 0)
    index = nat.ports.holder_of(ports_quoted_in(packet).destination_port())
    assert ip_of(packet).source() == nat.config.external_address
    assert quoted_in(packet).destination() == nat.config.external_address
    assert nat.flows.entries[index].key == key


@spec
def error_about_no_live_flow_is_dropped(nat: Nat, packet: Packet, now: Time) -> None:
    """RFC 5508 REQ-4: "SHOULD silently drop the ICMP Error packet"."""
    assume(is_error(packet) and packet.device == nat.config.external_device)
    live = live_flows(nat, now)
    assume(all(not is_about_one_to_remote_of(f.key, packet) for f in live.values()))
    assert nat.process(packet, now) < 0


@spec
def errors_change_no_state(nat: Nat, packet: Packet, now: Time) -> None:
    """RFC 5508 REQ-6, for all errors: they neither open nor refresh flows."""
    live, ports = live_flows(nat, now), nat.ports.entries
    assume(is_icmp_error(packet))
    nat.process(packet, now)
    assert nat.flows.entries == live and nat.ports.entries == ports


def ip_header_sum(packet: Packet) -> int:
    return word_sum(packet.data, ETHERNET_HEADER, ip_of(packet).payload_at())


def segment_sum(packet: Packet) -> int:
    """What a checksum covers: the segment and, but for ICMP (RFC 792), a pseudo header.

    RFC 768, RFC 9293 §3.1.
    """
    ip, stop = ip_of(packet), ETHERNET_HEADER + ip_of(packet).total_length()
    segment = word_sum(packet.data, ip.payload_at(), stop)
    if ip.protocol() == PROTOCOL_ICMP:
        return segment
    return segment + word_sum(packet.data, 26, 34) + ip.protocol() + ip.payload_length()


def has_checksum(ports: Transport) -> bool:
    """RFC 768: an all zero UDP checksum means that there is none."""
    return ports.protocol != PROTOCOL_UDP or ports.packet.u16(ports.checksum_at()) != 0


@spec
def ip_checksum_stays_valid(nat: Nat, packet: Packet, now: Time) -> None:
    assume(names_a_flow(packet) or is_icmp_error(packet))
    assume(ip_header_sum(packet) % 0xFFFF == 0)
    nat.process(packet, now)
    assert ip_header_sum(packet) % 0xFFFF == 0


@spec
def transport_checksums_stay_valid(nat: Nat, packet: Packet, now: Time) -> None:
    """§4.1: also that of ICMP queries, "to account for Query ID translation"."""
    assume(names_a_flow(packet) and has_checksum(ports_of(packet)))
    assume(ETHERNET_HEADER + ip_of(packet).total_length() <= packet.length())
    assume(not ip_of(packet).more_fragments() and segment_sum(packet) % 0xFFFF == 0)
    nat.process(packet, now)
    assert has_checksum(ports_of(packet)) and segment_sum(packet) % 0xFFFF == 0


def translated_sum(ip: Ipv4) -> int:
    """The transport checksum, and the words under it that translation changes."""
    ports = transport_of(ip)
    checksum = ip.packet.u16(ports.checksum_at())
    if ip.protocol() == PROTOCOL_ICMP:
        return checksum + ports.source_port()
    addresses = words(ip.source()) + words(ip.destination())
    return checksum + addresses + ports.source_port() + ports.destination_port()


@spec
def transport_checksums_account_for_the_change(nat: Nat, packet: Packet, now: Time) -> None:
    """Also where only part of the segment is there: in first fragments and cut captures."""
    sent = snapshot(packet)
    assume(names_a_flow(packet) and has_checksum(ports_of(packet)))
    nat.process(packet, now)
    assert has_checksum(ports_of(packet))
    assert (translated_sum(ip_of(packet)) - translated_sum(ip_of(sent))) % 0xFFFF == 0


@spec
def quoted_transport_checksums_account_for_the_change(nat: Nat, packet: Packet, now: Time) -> None:
    """Where they are quoted."""
    sent = snapshot(packet)
    assume(is_error(packet) and quotes_checksum(ip_of(packet)))
    assume(has_checksum(ports_quoted_in(packet)))
    nat.process(packet, now)
    assert has_checksum(ports_quoted_in(packet))
    assert (translated_sum(quoted_in(packet)) - translated_sum(quoted_in(sent))) % 0xFFFF == 0


def header_sum(ip: Ipv4) -> int:
    """The checksum of an IPv4 header, and the words under it that translation changes."""
    return ip.checksum() + words(ip.source()) + words(ip.destination())


def message_sum(error: Packet) -> int:
    """The ICMP checksum, and the words under it that translation changes."""
    ports, checksum = ports_quoted_in(error), icmp_of(ip_of(error)).checksum()
    if ports.protocol == PROTOCOL_ICMP:
        return checksum + header_sum(quoted_in(error)) + ports.source_port() + transport_word(error)
    both = ports.source_port() + ports.destination_port()
    return checksum + header_sum(quoted_in(error)) + both + transport_word(error)


def transport_word(error: Packet) -> int:
    """The quoted transport checksum, if it is there."""
    at = ports_quoted_in(error).checksum_at()
    return error.u16(at) if quotes_checksum(ip_of(error)) else 0


@spec
def ip_and_icmp_checksums_of_errors_account_for_the_change(
    nat: Nat, packet: Packet, now: Time
) -> None:
    """§4.3: the ICMP checksum covers the quoted packet, the checksums of which change, too."""
    sent = snapshot(packet)
    assume(is_error(packet))
    nat.process(packet, now)
    assert (header_sum(quoted_in(packet)) - header_sum(quoted_in(sent))) % 0xFFFF == 0
    assert (message_sum(packet) - message_sum(sent)) % 0xFFFF == 0


@spec
def udp_without_checksum_stays_without(nat: Nat, packet: Packet, now: Time) -> None:
    """§4.1: "UDP headers with 0 checksum should not be modified"."""
    assume(names_a_flow(packet) and not has_checksum(ports_of(packet)))
    nat.process(packet, now)
    assert not has_checksum(ports_of(packet))


# ---------------------------------------------------------------- several packets, no inner state


def is_reply(reply: Packet, packet: Packet) -> bool:
    """From the endpoint that ``packet`` went to, to the endpoint that it seems to come from."""
    there, back = ports_of(packet), ports_of(reply)
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
    assert ports_of(reply).destination_port() == ports_of(sent).source_port()


@spec
def late_reply_does_not_come_back(
    nat: Nat, packet: Packet, now: Time, reply: Packet, later: Time
) -> None:
    assume(is_outbound(nat, packet) and nat.process(packet, now) >= 0)
    assume(is_inbound(nat, reply) and is_reply(reply, packet))
    assume(later > now + nat.config.timeout)
    assert nat.process(reply, later) < 0


def is_about(error: Packet, packet: Packet) -> bool:
    """It quotes the packet's addresses and ports, and goes to the endpoint that it came from."""
    quoted, ports = quoted_in(error), ports_quoted_in(error)
    return (
        ip_of(error).destination() == ip_of(packet).source()
        and quoted.protocol() == ip_of(packet).protocol()
        and quoted.source() == ip_of(packet).source()
        and quoted.destination() == ip_of(packet).destination()
        and ports.source_port() == ports_of(packet).source_port()
        and ports.destination_port() == ports_of(packet).destination_port()
    )


@spec
def error_about_a_sent_packet_comes_back_to_the_sender(
    nat: Nat, packet: Packet, now: Time, error: Packet, later: Time
) -> None:
    """And is then about the packet as it was sent."""
    sent = snapshot(packet)
    assume(is_outbound(nat, packet) and nat.process(packet, now) >= 0)
    assume(is_error(error) and error.device == nat.config.external_device)
    assume(is_about(error, packet) and now <= later <= now + nat.config.timeout)
    assert nat.process(error, later) == sent.device
    assert is_about(error, sent)


@spec
def settings_are_in_range(nat: Nat, packet: Packet, now: Time) -> None:
    """Whatever is processed is processed under settings that make sense."""
    nat.process(packet, now)
    config = nat.config
    assert len(config.mac) >= 2 and 0 <= config.external_device < len(config.mac)
    assert 1 <= config.first_port <= config.last_port <= 65535
    assert config.max_flows >= 1 and config.timeout >= 1
