"""Packets for tests; scapy, which shares no code with libVig, builds and judges them."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP, IPOption_NOP, IPOption_RR
from scapy.layers.l2 import Ether

from libvig.packet.packet import Packet

PORTS = st.integers(0, 2**16 - 1) | st.sampled_from([0, 1, 2**16 - 1])
ADDRESSES = st.integers(0, 2**32 - 1) | st.sampled_from([0, 0xFFFF, 0xFFFF0000, 2**32 - 1])


def packet_of(frame: Any, device: int = 0, wire_length: int | None = None) -> Packet:
    """A packet of these bytes, or of a scapy packet's; as long on the wire, unless it is said."""
    data = np.frombuffer(bytearray(bytes(frame)), np.uint8)
    return Packet(data, len(data) if wire_length is None else wire_length, device)


def bytes_of(packet: Packet) -> bytes:
    return packet.data.tobytes()


def seen(packet: Packet) -> Any:
    """The packet as scapy reads it."""
    return Ether(bytes_of(packet))


def transport_in(frame: Any) -> Any:
    """The TCP or UDP layer of a scapy packet."""
    return frame[TCP] if TCP in frame else frame[UDP]


def with_checksums(frame: Any) -> bytes:
    """The bytes of a scapy packet, its checksums computed anew; a UDP checksum of zero stays."""
    changed = frame.copy()
    changed[IP].chksum = None
    if UDP not in frame or frame[UDP].chksum != 0:
        transport_in(changed).chksum = None
    return bytes(changed)


@st.composite
def frames(draw: st.DrawFn) -> Any:
    """Ethernet frames of TCP or UDP over IPv4 with correct checksums, as scapy reads them.

    They may have IP options, odd lengths, and UDP without a checksum.
    """
    routes = st.lists(st.ip_addresses(v=4).map(str), max_size=4)
    options = draw(
        st.just([])
        | st.integers(1, 40).map(lambda count: [IPOption_NOP() for _ in range(count)])
        | routes.map(lambda routers: [IPOption_RR(routers=routers)])
    )
    addresses = [str(draw(st.ip_addresses(v=4))) for _ in range(2)]
    ip = IP(src=addresses[0], dst=addresses[1], ttl=draw(st.integers(0, 255)), options=options)
    source, destination = draw(PORTS), draw(PORTS)
    transport = draw(
        st.sampled_from(
            [
                TCP(sport=source, dport=destination),
                UDP(sport=source, dport=destination),
                UDP(sport=source, dport=destination, chksum=0),
            ]
        )
    )
    ethernet = Ether(src="02:00:00:00:00:aa", dst="02:00:00:00:00:bb")
    return Ether(bytes(ethernet / ip / transport / draw(st.binary(max_size=9))))
