"""Ethernet frames with TCP or UDP over IPv4, built and translated in plain Python.

Shares no code with libVig: checksums are computed whole, and never updated (RFC 1071, 768, 9293).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

TCP, UDP = 6, 17
IP_AT, L4_AT = 14, 34  # without IP options
CHECKSUM_AT = {TCP: L4_AT + 16, UDP: L4_AT + 6}
FRAME_SIZE = 60  # a minimum Ethernet frame of 64 bytes, as it is captured: without its FCS


class Tuple5(NamedTuple):
    """Protocol, source and destination of a packet; addresses as 32-bit numbers."""

    protocol: int
    source: int
    source_port: int
    destination: int
    destination_port: int

    def reversed(self) -> Tuple5:
        """Return the five-tuple of the answer."""
        return Tuple5(self.protocol, *self[3:], *self[1:3])


def build(flow: Tuple5, destination_mac: bytes, source_mac: bytes) -> bytes:
    """Return a frame of FRAME_SIZE bytes with correct checksums; its payload is zeros."""
    ports = struct.pack(">HH", flow.source_port, flow.destination_port)
    length = FRAME_SIZE - L4_AT
    if flow.protocol == TCP:
        header = ports + struct.pack(">IIBBHHH", 1, 1, 5 << 4, 0x10, 8192, 0, 0)
    else:
        header = ports + struct.pack(">HH", length, 0)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, flow.protocol, 0)
    addresses = struct.pack(">II", flow.source, flow.destination)
    ethernet = destination_mac + source_mac + b"\x08\x00"
    return with_checksums((ethernet + ip + addresses + header).ljust(FRAME_SIZE, b"\0"))


def parse(frame: bytes) -> Tuple5:
    """Return the five-tuple of a frame that `build` made, or of its translation."""
    source, destination, source_port, destination_port = struct.unpack_from(">IIHH", frame, 26)
    return Tuple5(frame[23], source, source_port, destination, destination_port)


def translate(frame: bytes, flow: Tuple5, destination_mac: bytes, source_mac: bytes) -> bytes:
    """Return the frame under another five-tuple and MAC addresses; a zero UDP checksum stays."""
    changed = bytearray(frame)
    changed[0:12] = destination_mac + source_mac
    struct.pack_into(">II", changed, 26, flow.source, flow.destination)
    struct.pack_into(">HH", changed, L4_AT, flow.source_port, flow.destination_port)
    return with_checksums(bytes(changed), keep=flow.protocol == UDP and not any(frame[40:42]))


def with_checksums(frame: bytes, keep: bool = False) -> bytes:
    """Return the frame with its checksums computed anew; `keep` spares that of TCP or UDP."""
    done = bytearray(frame)
    done[24:26] = bytes(2)
    struct.pack_into(">H", done, 24, _checksum(done[IP_AT:L4_AT]))
    if not keep:
        protocol = done[23]
        at = CHECKSUM_AT[protocol]
        done[at : at + 2] = bytes(2)
        pseudo = done[26:34] + struct.pack(">HH", protocol, len(done) - L4_AT)
        total = _checksum(pseudo + done[L4_AT:])
        # RFC 768: a computed UDP checksum of zero is sent as all ones.
        struct.pack_into(">H", done, at, 0xFFFF if protocol == UDP and total == 0 else total)
    return bytes(done)


def _checksum(data: bytes | bytearray) -> int:
    """Return the Internet checksum of an even number of bytes."""
    return 0xFFFF - (sum(struct.unpack(f">{len(data) // 2}H", data)) % 0xFFFF or 0xFFFF)
