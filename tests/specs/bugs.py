"""Bugs to put into the NAT, each with the specs that must notice it.

A bug replaces a function that the NAT consists of, with the contracts of that function, so that
what is seen is seen by the specs alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from libvig.flow_key import FlowKey
from libvig.flow_table import FlowTable
from libvig.packet.checksum import updated
from libvig.packet.ethernet import Ethernet
from libvig.packet.icmp import Icmp
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import Packet
from libvig.packet.transport import Transport, transport_of
from libvig.packet.udp import CHECKSUM, PROTOCOL_UDP, Udp
from libvig.packet.validity import Fault, flow_fault
from nfs import nat as nat_module
from nfs.nat import Drop, Nat, translate_source


class Bug(NamedTuple):
    """What is put in place of `owner.name`, and the specs that must fail."""

    owner: Any
    name: str
    function: Callable[..., Any]
    specs: list[str]


process = Nat.process
send = vars(Nat)["_send"]
inbound = vars(Nat)["_inbound"]
add = FlowTable.add
update_checksum = Transport.update_checksum

error_inbound = vars(Nat)["_error_inbound"]
error_outbound = vars(Nat)["_error_outbound"]
translate_destination = nat_module.translate_destination
translate_quoted_source = nat_module.translate_quoted_source


def does_nothing(*_: Any) -> None:
    """In place of what changes something."""


def sends_by_the_wrong_device(nat: Nat, packet: Packet, device: int) -> int:
    return 1 - min(int(send(nat, packet, device)), 1)


def forgets_a_device(nat: Nat, packet: Packet, device: int) -> int:
    return min(int(send(nat, packet, device)), 1)


def sends_as_if_from_the_next_hop(nat: Nat, packet: Packet, device: int) -> int:
    own, next_hop = int(nat.config.mac[device]), int(nat.config.peer[device])
    Ethernet(packet).set_addresses(next_hop, own)
    return device


def lets_any_remote_in(nat: Nat, ip: Ipv4, now: int) -> int:
    verdict = inbound(nat, ip, now)
    if verdict != Drop.WRONG_REMOTE:
        return int(verdict)
    flow = nat.flows.get(nat.ports.holder_of(transport_of(ip).destination_port()))
    translate_destination(ip, flow.source_address, flow.source_port)
    return int(send(nat, ip.packet, flow.device))


def lets_the_unsolicited_in(nat: Nat, ip: Ipv4, now: int) -> int:
    verdict = inbound(nat, ip, now)
    return 0 if verdict == Drop.UNSOLICITED else int(verdict)


def opens_flows_from_outside(nat: Nat, ip: Ipv4, now: int) -> int:
    verdict = inbound(nat, ip, now)
    if verdict == Drop.UNSOLICITED:
        transport = transport_of(ip)
        ports = transport.destination_port(), transport.source_port()
        key = FlowKey(0, ip.protocol(), ip.destination(), ports[0], ip.source(), ports[1])
        if nat.flows.find(key) < 0:
            nat.flows.add(key, now)
    return int(verdict)


def drops_packets_of_known_flows(nat: Nat, packet: Packet, now: int) -> int:
    known = len(nat.flows.entries)
    verdict = process(nat, packet, now)
    return Drop.TABLE_FULL if verdict == 1 and len(nat.flows.entries) == known else verdict


def forgets_the_oldest_flow_when_full(table: FlowTable, key: FlowKey, now: int) -> int:
    if len(table.entries) == table.capacity:
        table.expire(min(flow.time for flow in table.entries.values()) + 1)
    return add(table, key, now)


def keeps_the_port(ip: Ipv4, address: int, port: int) -> None:
    translate_source(ip, address, transport_of(ip).source_port())


def keeps_the_external_port(ip: Ipv4, address: int, port: int) -> None:
    translate_destination(ip, address, transport_of(ip).destination_port())


def swaps_the_ends_of_the_address(ip: Ipv4, address: int, port: int) -> None:
    translate_destination(ip, (address & 0xFF) << 24 | address & 0xFFFFFF, port)


def writes_into_the_header(ip: Ipv4, address: int, port: int) -> None:
    translate_source(ip, address, port)
    ip.packet.set_u8(22, ip.packet.u8(22) ^ 1)  # the time to live


def passes_later_fragments(packet: Packet) -> int:
    fault = flow_fault(packet)
    return 0 if fault == Fault.LATER_FRAGMENT else fault


def makes_udp_checksums(transport: Transport, old: int, new: int) -> None:
    udp = Udp(transport.packet, transport.at)
    checksum = udp.checksum()
    update_checksum(transport, old, new)
    if transport.protocol == PROTOCOL_UDP:
        udp.packet.set_u16(udp.at + CHECKSUM, updated(checksum, old, new) or 0xFFFF)


def drops_udp_checksums(transport: Transport, old: int, new: int) -> None:
    update_checksum(transport, old, new)
    if transport.protocol == PROTOCOL_UDP:
        transport.packet.set_u16(transport.at + CHECKSUM, 0)


def takes_identifiers_for_remote_ports(ip: Ipv4, port: int) -> int:
    return port


def opens_flows_for_errors(nat: Nat, ip: Ipv4) -> int:
    if nat.flows.find(NO_FLOW) < 0:
        nat.flows.add(NO_FLOW, max([flow.time for flow in nat.flows.entries.values()], default=0))
    return int(error_inbound(nat, ip))


def delivers_errors_about_no_flow(nat: Nat, ip: Ipv4) -> int:
    verdict = error_inbound(nat, ip)
    if verdict == Drop.ABOUT_NO_FLOW:
        return 0
    return int(verdict)


def shows_the_inside(nat: Nat, ip: Ipv4) -> int:
    source = ip.source()
    verdict = error_outbound(nat, ip)
    ip.set_source(source)
    return int(verdict)


def quotes_the_wrong_port(ip: Ipv4, address: int, port: int) -> None:
    translate_quoted_source(ip, address, port ^ 1)


def leaves_quoted_checksums(transport: Transport, old: int, new: int) -> None:
    if transport.at < 62:  # of no quoted packet
        update_checksum(transport, old, new)


NO_FLOW = FlowKey(0, 255, 0, 0, 0, 0)


def put_in(monkeypatch: pytest.MonkeyPatch, bug: Bug) -> None:
    """Break the NAT."""
    monkeypatch.setattr(bug.owner, bug.name, bug.function)


BUGS = {
    "sends by the wrong device": Bug(
        Nat,
        "_send",
        sends_by_the_wrong_device,
        [
            "rfc3022",
            "new_outbound_flow_is_allocated_and_translated",
            "known_outbound_flow_is_refreshed",
            "known_inbound_flow_is_refreshed",
            "reply_is_translated_back",
        ],
    ),
    "takes all inside for one network": Bug(
        Nat,
        "_send",
        forgets_a_device,
        ["rfc3022", "reply_is_translated_back", "reply_in_time_comes_back_to_the_sender"],
    ),
    "sends as if from the next hop": Bug(
        Nat,
        "_send",
        sends_as_if_from_the_next_hop,
        ["frames_carry_the_addresses_of_the_next_hop"],
    ),
    "lets any remote endpoint in": Bug(
        Nat, "_inbound", lets_any_remote_in, ["rfc3022", "spoofed_inbound_is_dropped"]
    ),
    "lets the unsolicited in": Bug(
        Nat,
        "_inbound",
        lets_the_unsolicited_in,
        ["rfc3022", "unsolicited_inbound_is_dropped"],
    ),
    "opens flows from outside": Bug(
        Nat,
        "_inbound",
        opens_flows_from_outside,
        ["rfc3022", "inbound_never_creates_a_flow", "table_updates_are_exactly_these"],
    ),
    "drops packets of known flows": Bug(
        Nat,
        "process",
        drops_packets_of_known_flows,
        ["rfc3022", "known_outbound_flow_is_refreshed"],
    ),
    "never forgets a flow": Bug(
        FlowTable, "expire", does_nothing, ["rfc3022", "late_reply_does_not_come_back"]
    ),
    "never refreshes a flow": Bug(
        FlowTable,
        "touch",
        does_nothing,
        [
            "rfc3022",
            "known_outbound_flow_is_refreshed",
            "known_inbound_flow_is_refreshed",
        ],
    ),
    "forgets the oldest flow when full": Bug(
        FlowTable,
        "add",
        forgets_the_oldest_flow_when_full,
        ["rfc3022", "a_full_table_keeps_the_old_flows", "table_updates_are_exactly_these"],
    ),
    "keeps the client's port": Bug(
        nat_module,
        "translate_source",
        keeps_the_port,
        ["rfc3022", "new_outbound_flow_is_allocated_and_translated"],
    ),
    "garbles the client's address": Bug(
        nat_module,
        "translate_destination",
        swaps_the_ends_of_the_address,
        ["rfc3022", "reply_is_translated_back", "reply_in_time_comes_back_to_the_sender"],
    ),
    "writes into the header": Bug(
        nat_module,
        "translate_source",
        writes_into_the_header,
        ["rfc3022", "ip_checksum_stays_valid"],
    ),
    "passes later fragments": Bug(nat_module, "flow_fault", passes_later_fragments, ["rfc3022"]),
    "leaves the IPv4 checksum": Bug(
        Ipv4, "_patch_checksum", does_nothing, ["ip_checksum_stays_valid"]
    ),
    "leaves TCP and UDP checksums": Bug(
        Transport,
        "update_checksum",
        does_nothing,
        ["transport_checksums_stay_valid", "transport_checksums_account_for_the_change"],
    ),
    "makes UDP checksums": Bug(
        Transport, "update_checksum", makes_udp_checksums, ["udp_without_checksum_stays_without"]
    ),
    "takes identifiers for remote ports": Bug(
        nat_module,
        "remote_port",
        takes_identifiers_for_remote_ports,
        ["rfc3022", "rfc5508_errors"],
    ),
    "keeps the external port": Bug(
        nat_module,
        "translate_destination",
        keeps_the_external_port,
        ["query_reply_comes_back_by_its_identifier"],
    ),
    "opens flows for errors": Bug(
        Nat,
        "_error_inbound",
        opens_flows_for_errors,
        ["rfc5508_errors", "errors_change_no_state"],
    ),
    "delivers errors about no flow": Bug(
        Nat,
        "_error_inbound",
        delivers_errors_about_no_flow,
        ["rfc5508_errors", "error_about_no_live_flow_is_dropped"],
    ),
    "shows the inside": Bug(
        Nat,
        "_error_outbound",
        shows_the_inside,
        ["rfc5508_errors", "error_from_inside_shows_the_external_address"],
    ),
    "quotes the wrong port": Bug(
        nat_module,
        "translate_quoted_source",
        quotes_the_wrong_port,
        [
            "rfc5508_errors",
            "error_from_outside_reaches_the_sender",
            "error_about_a_sent_packet_comes_back_to_the_sender",
        ],
    ),
    "leaves ICMP checksums of errors": Bug(
        Icmp,
        "update_checksum",
        does_nothing,
        ["ip_and_icmp_checksums_of_errors_account_for_the_change"],
    ),
    "leaves quoted checksums": Bug(
        Transport,
        "update_checksum",
        leaves_quoted_checksums,
        ["quoted_transport_checksums_account_for_the_change"],
    ),
    "drops UDP checksums": Bug(
        Transport, "update_checksum", drops_udp_checksums, ["transport_checksums_stay_valid"]
    ),
}
