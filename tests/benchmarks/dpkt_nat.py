"""The NAT as one writes it by hand in Python, with dpkt: what the benchmark compares with."""

from __future__ import annotations

import collections
import socket
import struct

import dpkt

from tests.benchmarks.model import LAN, WAN, Outcome, Setup

DROP = -1
Endpoint = tuple[bytes, int]
Flow = tuple[int, Endpoint, Endpoint]


class DpktNat:
    """RFC 3022 for TCP and UDP: dictionaries, and dpkt to parse and to build packets."""

    def __init__(self, setup: Setup) -> None:
        """Begin with all ports free."""
        self._setup = setup
        self._external = struct.pack(">I", setup.external_address)
        self._free = collections.deque(range(setup.first_port, setup.last_port + 1))
        self._port: dict[Flow, int] = {}
        self._flow: dict[int, Flow] = {}
        self._time: collections.OrderedDict[Flow, int] = collections.OrderedDict()

    def process(self, frame: bytes, device: int, now: int) -> Outcome:
        """Translate a frame that came in by a device at a time in nanoseconds."""
        while self._time and next(iter(self._time.values())) < now - self._setup.timeout:
            flow, _ = self._time.popitem(last=False)
            port = self._port.pop(flow)
            del self._flow[port]
            self._free.append(port)
        ethernet = dpkt.ethernet.Ethernet(frame)
        ip = ethernet.data
        if not isinstance(ip, dpkt.ip.IP) or not isinstance(ip.data, dpkt.tcp.TCP | dpkt.udp.UDP):
            return Outcome(DROP, frame)
        translated = self._outbound(ip, now) if device == LAN else self._inbound(ip, now)
        return self._sent(ethernet, WAN if device == LAN else LAN) if translated else _drop(frame)

    def _outbound(self, ip: dpkt.ip.IP, now: int) -> bool:
        flow = ip.p, (ip.src, ip.data.sport), (ip.dst, ip.data.dport)
        port = self._port.get(flow)
        if port is None:
            if len(self._port) == self._setup.max_flows:
                return False
            port = self._port[flow] = self._free.popleft()
            self._flow[port] = flow
        self._refresh(flow, now)
        ip.src, ip.data.sport = self._external, port
        return True

    def _inbound(self, ip: dpkt.ip.IP, now: int) -> bool:
        flow = self._flow.get(ip.data.dport)
        if flow is None or ip.dst != self._external:
            return False
        protocol, source, remote = flow
        if protocol != ip.p or remote != (ip.src, ip.data.sport):
            return False
        self._refresh(flow, now)
        ip.dst, ip.data.dport = source
        return True

    def _refresh(self, flow: Flow, now: int) -> None:
        self._time[flow] = now
        self._time.move_to_end(flow)

    def _sent(self, ethernet: dpkt.ethernet.Ethernet, device: int) -> Outcome:
        ethernet.src, ethernet.dst = self._setup.mac[device], self._setup.peer[device]
        ip = ethernet.data
        unchecked = ip.p == socket.IPPROTO_UDP and ip.data.sum == 0
        ip.sum = ip.data.sum = 0  # dpkt computes a checksum that is zero
        data = bytes(ethernet)
        return Outcome(device, data[:40] + bytes(2) + data[42:] if unchecked else data)


def _drop(frame: bytes) -> Outcome:
    return Outcome(DROP, frame)
