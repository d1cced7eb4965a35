"""ICMP through the NAT: what leaves is, byte for byte, what scapy builds."""

from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP
from scapy.layers.l2 import Ether

from libvig.packet.packet import Packet
from nfs.nat import Drop, Nat
from tests.nfs.nats import (
    CLIENT,
    EXTERNAL,
    GUESTS,
    LAN,
    SERVER,
    STRANGER,
    WAN,
    arriving,
    inbound,
    leaving,
    new,
    outbound,
)
from tests.packets import bytes_of, packet_of, seen

ECHO = ICMP(type=8, id=1111, seq=1) / b"ping"
REQUESTS = {8: 0, 13: 14, 15: 16, 17: 18}  # and their replies

SENT = [
    UDP(sport=1111, dport=53) / b"query",
    UDP(sport=1111, dport=53, chksum=0) / b"query",
    TCP(sport=1111, dport=80, flags="S") / b"data",
    ECHO,
]

ROUTER = "10.0.0.254"


def with_port(transport: Any, end: str, port: int) -> Any:
    """The transport layer with another port, or identifier, at an end; checksums computed anew."""
    changed = transport.copy()
    setattr(changed, "id" if ICMP in transport else end, port)
    if changed.chksum != 0:
        changed.chksum = None
    return changed


def port_seen(packet: Packet, end: str) -> int:
    transport = seen(packet)[IP].payload
    return int(transport.id if ICMP in transport else getattr(transport, end))


def answer_to(transport: Any, port: int) -> Any:
    """What the server sends back to the external port."""
    if ICMP in transport:
        return ICMP(type=REQUESTS[transport.type], id=port, seq=transport.seq) / b"pong"
    return type(transport)(sport=transport.dport, dport=port) / b"answer"


def open_flow(nat: Nat, transport: Any, device: int = LAN) -> int:
    """Send a packet from the client; return its external port."""
    packet = outbound(transport, device)
    assert nat.process(packet, 0) == WAN
    return port_seen(packet, "sport")


@pytest.mark.parametrize(("request_type", "reply_type"), REQUESTS.items())
def test_queries_go_there_and_back_by_their_identifier(request_type: int, reply_type: int) -> None:
    nat, query = new(), ICMP(type=request_type, id=1111, seq=1)
    request = outbound(query)
    assert nat.process(request, 0) == WAN
    port = port_seen(request, "sport")
    assert 5000 <= port <= 5004
    left = with_port(query, "sport", port)
    assert bytes_of(request) == leaving(WAN, IP(src=EXTERNAL, dst=SERVER), left)

    reply = inbound(ICMP(type=reply_type, id=port, seq=1))
    assert nat.process(reply, 1) == LAN
    came = ICMP(type=reply_type, id=1111, seq=1)
    assert bytes_of(reply) == leaving(LAN, IP(src=SERVER, dst=CLIENT), came)


def test_hosts_that_use_the_same_identifier_are_told_apart() -> None:
    nat = new()
    ports = {device: open_flow(nat, ECHO, device) for device in (LAN, GUESTS)}
    assert ports[LAN] != ports[GUESTS]
    for device, port in ports.items():
        reply = inbound(ICMP(type=0, id=port))
        assert nat.process(reply, 1) == device
        assert port_seen(reply, "dport") == 1111


def test_further_requests_keep_their_identifier_and_the_flow() -> None:
    nat = new(timeout=100)
    ports = set()
    for now in (0, 100, 200):
        request = outbound(ICMP(type=8, id=1111, seq=now))
        assert nat.process(request, now) == WAN
        ports.add(port_seen(request, "sport"))
    assert len(ports) == 1
    late = inbound(ICMP(type=0, id=ports.pop()))
    assert nat.process(late, 301) == Drop.UNSOLICITED


def test_replies_of_others_do_not_get_in() -> None:
    nat = new()
    port = open_flow(nat, ECHO)
    assert nat.process(inbound(ICMP(type=0, id=port), src=STRANGER), 1) == Drop.WRONG_REMOTE
    assert nat.process(inbound(UDP(sport=0, dport=port)), 1) == Drop.WRONG_REMOTE
    assert nat.process(inbound(ICMP(type=0, id=1111)), 1) == Drop.UNSOLICITED


# Errors.

KINDS = [{"type": 3, "code": 3}, {"type": 11}, {"type": 12, "ptr": 9}, {"type": 4}]


def quoted(ip: Any, transport: Any, length: int | None) -> bytes:
    """The start of a packet, as an error quotes it."""
    whole = bytes(ip / transport)
    return whole if length is None else whole[: ip_length(whole) + length]


def ip_length(packet: bytes) -> int:
    return (packet[0] & 0xF) * 4


OPTIONS = [[], [IPOption_NOP()] * 4, [IPOption_NOP()] * 40]
LENGTHS = [8, 12, None]  # of the payload: what RFC 792 asks for; a word more; all


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sent", SENT)
def test_an_error_about_a_sent_packet_reaches_its_sender(
    sent: Any, kind: Any, length: int | None, options: Any
) -> None:
    nat = new()
    port = open_flow(nat, sent)
    outside = IP(src=EXTERNAL, dst=SERVER, ttl=1, options=options)
    inside = IP(src=CLIENT, dst=SERVER, ttl=1, options=options)
    # A segment of which the checksum is not quoted has the one that it had when it was sent.
    about = quoted(outside, with_port(sent, "sport", port), length)
    error = inbound(ICMP(**kind) / about, src=STRANGER)
    state = nat.flows.entries, nat.ports.entries
    assert nat.process(error, 7) == LAN
    ip = IP(src=STRANGER, dst=CLIENT)
    back = ICMP(**kind) / quoted(inside, with_port(sent, "sport", 1111), length)
    assert bytes_of(error) == leaving(LAN, ip, back)
    assert (nat.flows.entries, nat.ports.entries) == state


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("source", [CLIENT, ROUTER])
@pytest.mark.parametrize("sent", SENT)
def test_an_error_from_inside_shows_the_external_address(
    sent: Any, source: str, length: int | None, options: Any
) -> None:
    nat = new()
    port = open_flow(nat, sent)
    delivered = IP(src=SERVER, dst=CLIENT, options=options)
    as_sent = IP(src=SERVER, dst=EXTERNAL, options=options)
    answer = answer_to(sent, port)
    error = outbound(
        ICMP(type=3, code=3) / quoted(delivered, with_port(answer, "dport", 1111), length),
        src=source,
    )
    state = nat.flows.entries, nat.ports.entries
    assert nat.process(error, 7) == WAN
    back = ICMP(type=3, code=3) / quoted(as_sent, answer, length)
    assert bytes_of(error) == leaving(WAN, IP(src=EXTERNAL, dst=SERVER), back)
    assert (nat.flows.entries, nat.ports.entries) == state


def test_an_error_does_not_keep_the_flow_alive() -> None:
    nat = new(timeout=100)
    port = open_flow(nat, SENT[0])
    about = IP(src=EXTERNAL, dst=SERVER) / with_port(SENT[0], "sport", port)
    assert nat.process(inbound(ICMP(type=3) / about), 100) == LAN
    assert nat.process(inbound(ICMP(type=3) / about), 101) == Drop.ABOUT_NO_FLOW


WRONG = [
    {"src": "192.0.2.2"},  # not the external address
    {"dst": STRANGER},  # not the flow's remote end
    {"proto": 6},
    {"sport": 4999},
    {"dport": 54},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_an_error_about_a_packet_that_was_not_sent(wrong: Any) -> None:
    nat = new()
    port = open_flow(nat, SENT[0])
    parts = {"src": EXTERNAL, "dst": SERVER, "proto": 17, "sport": port, "dport": 53} | wrong
    ip = IP(src=parts["src"], dst=parts["dst"], proto=parts["proto"])
    ports = UDP(sport=parts["sport"], dport=parts["dport"])
    error = inbound(ICMP(type=3, code=3) / ip / bytes(ports / bytes(20)))
    before = bytes_of(error)
    assert nat.process(error, 1) == Drop.ABOUT_NO_FLOW
    assert bytes_of(error) == before


def test_an_error_about_a_packet_that_another_network_received() -> None:
    nat = new()
    port = open_flow(nat, SENT[0])
    about = IP(src=SERVER, dst=CLIENT) / answer_to(SENT[0], port)
    about[UDP].dport = 1111
    assert nat.process(outbound(ICMP(type=3) / about, GUESTS), 1) == Drop.ABOUT_NO_FLOW
    assert nat.process(outbound(ICMP(type=3) / about, LAN), 1) == WAN


def test_an_error_to_another_address() -> None:
    nat = new()
    port = open_flow(nat, SENT[0])
    about = IP(src=EXTERNAL, dst=SERVER) / with_port(SENT[0], "sport", port)
    error = inbound(ICMP(type=3) / about, dst="192.0.2.2")
    assert nat.process(error, 1) == Drop.NOT_FOR_THIS_ADDRESS


def test_the_trailer_of_a_frame_is_not_taken_for_a_checksum() -> None:
    nat = new()
    port = open_flow(nat, SENT[2])
    about = quoted(IP(src=EXTERNAL, dst=SERVER), with_port(SENT[2], "sport", port), 8)
    ip, trailer = IP(src=SERVER, dst=EXTERNAL), b"not of the message"
    error = packet_of(bytes(arriving(WAN, ip, ICMP(type=3) / about)) + trailer, WAN)
    assert nat.process(error, 1) == LAN
    assert bytes_of(error).endswith(trailer)
    without_trailer = Ether(bytes_of(error)[: -len(trailer)])
    checksum = without_trailer[ICMP].chksum
    del without_trailer[ICMP].chksum
    assert Ether(bytes(without_trailer))[ICMP].chksum == checksum
