"""Frames made from numbers, and frames that answer others: what example traffic is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from libvig.packet.ethernet import ETHERNET_HEADER
from libvig.packet.icmp import PROTOCOL_ICMP
from libvig.packet.tcp import PROTOCOL_TCP
from libvig.packet.udp import PROTOCOL_UDP
from libvig.packet.word_sum import word_sum

ECHO, ECHO_REPLY, UNREACHABLE = 8, 0, 3
IPV4, ARP, VLAN = b"\x08\x00", b"\x08\x06", b"\x81\x00\x00\x07"


def checksum(data: bytes) -> bytes:
    """RFC 1071."""
    total = word_sum(np.frombuffer(data, np.uint8), 0, len(data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")


def numbers(*values: int, size: int = 2) -> bytes:
    return b"".join(value.to_bytes(size, "big") for value in values)


def ipv4(protocol: int, source: int, destination: int, payload: bytes, **more: Any) -> bytes:
    """A packet with a right header checksum; `more` are its `fragment` word and its `options`."""
    options: bytes = more.get("options", b"")
    length = 20 + len(options) + len(payload)
    start = bytes([0x40 | 5 + len(options) // 4, 0])
    start += numbers(length, 1, more.get("fragment", 0)) + bytes([64, protocol])
    rest = numbers(source, destination, size=4) + options
    return start + checksum(start + rest) + rest + payload


def icmp(kind: int, rest: bytes) -> bytes:
    """A message: type, code 0, checksum, and what follows."""
    start = bytes([kind, 0])
    return start + checksum(start + rest) + rest


def segment(protocol: int, ends: tuple[int, int, int, int], data: bytes) -> bytes:
    """TCP or UDP from an address and a port to others, with a right checksum."""
    source, source_port, destination, destination_port = ends
    ports = numbers(source_port, destination_port)
    if protocol == PROTOCOL_TCP:
        before, after = ports + bytes(8) + numbers(0x5010, 512), bytes(2) + data
    else:
        before, after = ports + numbers(8 + len(data)), data
    length = len(before) + 2 + len(after)
    pseudo_header = numbers(source, destination, size=4) + numbers(protocol, length)
    return before + checksum(pseudo_header + before + after) + after


# ---------------------------------------------------------------- what follows from others


def is_ipv4(frame: bytes) -> bool:
    """Whether there is an IPv4 header to answer, with the first bytes behind it."""
    return frame[12:14] == IPV4 and len(frame) >= payload_at(frame) + 8


def payload_at(frame: bytes) -> int:
    return ETHERNET_HEADER + (frame[ETHERNET_HEADER] & 0xF) * 4 if len(frame) >= 34 else len(frame)


def reply_to(frame: bytes) -> bytes:
    """The frame with its ends changed over, which leaves its checksums right; an echo's reply."""
    start = frame[6:12] + frame[:6] + frame[12:]
    if not is_ipv4(frame):
        return start
    at, protocol = payload_at(frame), frame[23]
    start = start[:26] + frame[30:34] + frame[26:30] + start[34:]
    if protocol == PROTOCOL_ICMP and frame[at] in (ECHO, ECHO_REPLY):
        return start[:at] + icmp(ECHO - frame[at], frame[at + 4 :])
    if protocol in (PROTOCOL_TCP, PROTOCOL_UDP):
        return start[:at] + frame[at + 2 : at + 4] + frame[at : at + 2] + start[at + 4 :]
    return start


def error_about(frame: bytes) -> bytes:
    """An ICMP error that comes back from where a packet went, and quotes it (RFC 792)."""
    if not is_ipv4(frame):
        return reply_to(frame)
    source, destination = (int.from_bytes(frame[at : at + 4], "big") for at in (26, 30))
    quoted = frame[ETHERNET_HEADER : payload_at(frame) + 8]
    packet = ipv4(PROTOCOL_ICMP, destination, source, icmp(UNREACHABLE, bytes(4) + quoted))
    return frame[6:12] + frame[:6] + IPV4 + packet
