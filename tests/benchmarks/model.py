"""What a NAT must do, in plain Python dictionaries: the judge of every benchmarked NAT.

Which port a new flow gets is the NAT's choice: the model learns it from the output and asks only
that no other live flow has it. All else it predicts, to the last byte.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.benchmarks.frames import Tuple5, parse, translate

LAN, WAN = 0, 1


class Setup(NamedTuple):
    """The NAT's configuration, as far as the benchmark uses it; MAC addresses by device."""

    mac: tuple[bytes, bytes]
    peer: tuple[bytes, bytes]
    external_address: int
    first_port: int
    last_port: int
    max_flows: int
    timeout: int


class Outcome(NamedTuple):
    """What a NAT made of a frame: a device or, below zero, a drop; and the frame it left."""

    verdict: int
    frame: bytes


class Model:
    """Live flows and their ports, the flow that has been idle longest first."""

    def __init__(self, setup: Setup) -> None:
        """Know no flow."""
        self._setup = setup
        self._port: dict[Tuple5, int] = {}
        self._flow: dict[int, Tuple5] = {}
        self._time: dict[Tuple5, int] = {}

    def complaint(self, frame: bytes, device: int, now: int, outcome: Outcome) -> str:
        """Take one packet's outcome into account; return what is wrong with it, or "" ."""
        self._expire(now)
        wanted = self._outbound(frame, now, outcome) if device == LAN else self._inbound(frame, now)
        if wanted is None:
            return "" if outcome.verdict < 0 else f"not dropped: {parse(frame)}"
        if wanted.verdict != outcome.verdict:
            return f"verdict {outcome.verdict}, not {wanted.verdict}: {parse(frame)}"
        if wanted.frame != outcome.frame:
            return f"left as {outcome.frame.hex()}, not {wanted.frame.hex()}"
        return ""

    def _expire(self, now: int) -> None:
        while self._time:
            oldest = next(iter(self._time))
            if self._time[oldest] >= now - self._setup.timeout:
                return
            del self._time[oldest]
            del self._flow[self._port.pop(oldest)]

    def _refresh(self, flow: Tuple5, now: int) -> None:
        self._time.pop(flow, None)
        self._time[flow] = now

    def _outbound(self, frame: bytes, now: int, outcome: Outcome) -> Outcome | None:
        flow = parse(frame)
        if flow not in self._port:
            if len(self._port) == self._setup.max_flows:
                return None
            port = parse(outcome.frame).source_port
            if port in self._flow or not self._setup.first_port <= port <= self._setup.last_port:
                return Outcome(WAN, b"any other port than %d" % port)
            self._port[flow], self._flow[port] = port, flow
        self._refresh(flow, now)
        address = self._setup.external_address
        return self._sent(frame, flow._replace(source=address, source_port=self._port[flow]), WAN)

    def _inbound(self, frame: bytes, now: int) -> Outcome | None:
        packet = parse(frame)
        flow = self._flow.get(packet.destination_port)
        if flow is None or packet.destination != self._setup.external_address:
            return None
        answer = flow.reversed()
        if packet[:3] != answer[:3]:  # protocol and remote endpoint
            return None
        self._refresh(flow, now)
        return self._sent(frame, answer, LAN)

    def _sent(self, frame: bytes, flow: Tuple5, device: int) -> Outcome:
        setup = self._setup
        return Outcome(device, translate(frame, flow, setup.peer[device], setup.mac[device]))
