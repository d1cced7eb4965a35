"""What the benchmark feeds to a NAT: many live flows, traffic in both directions, small frames."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from libvig.io.trace import Trace
from libvig.types import I64, Bytes
from tests.benchmarks.frames import FRAME_SIZE, TCP, UDP, Tuple5, build, parse
from tests.benchmarks.model import LAN, WAN, Outcome, Setup

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
GAP = 100  # nanoseconds between packets: 10 million a second arrive

SETUP = Setup(
    mac=(bytes.fromhex("020000000000"), bytes.fromhex("020000000001")),
    peer=(bytes.fromhex("020000000100"), bytes.fromhex("020000000101")),
    external_address=0xC0000201,  # 192.0.2.1
    first_port=1,
    last_port=65535,
    max_flows=65535,
    timeout=120 * SECOND,
)


class Batch(NamedTuple):
    """Packets of FRAME_SIZE bytes each, in order of arrival."""

    frames: NDArray[np.uint8]  # one row a packet
    device: I64
    time: I64

    def trace(self) -> Trace:
        """Return a fresh copy for an NF to work on: it translates packets in place."""
        count = len(self.frames)
        size = np.full(count, FRAME_SIZE, np.int64)
        start = np.arange(count, dtype=np.int64) * FRAME_SIZE
        data: Bytes = self.frames.reshape(-1).copy()
        verdict = np.zeros(count, np.int64)
        return Trace(data, start, size, size, self.time.copy(), self.device.copy(), verdict)

    def head(self, count: int) -> Batch:
        """Return the first packets."""
        return Batch(self.frames[:count], self.device[:count], self.time[:count])

    def packets(self) -> list[tuple[bytes, int, int]]:
        """Return frame, device and time of each packet."""
        frames = [row.tobytes() for row in self.frames]
        return list(zip(frames, self.device.tolist(), self.time.tolist(), strict=True))


def outcomes(trace: Trace) -> list[Outcome]:
    """Return what an NF made of each packet of a trace from `Batch.trace`."""
    rows = trace.data.reshape(-1, FRAME_SIZE)
    verdicts = trace.verdict.tolist()
    return [Outcome(v, row.tobytes()) for v, row in zip(verdicts, rows, strict=True)]


def flow_number(index: int) -> Tuple5:
    """Return one of the flows from inside: 200 hosts, TCP and UDP in turn, one remote service."""
    return Tuple5(
        protocol=(TCP, UDP)[index % 2],
        source=0x0A000002 + index % 200,
        source_port=2000 + index // 200 * 7,
        destination=0xC6336400 + index % 250,  # 198.51.100.0/24
        destination_port=(443, 53)[index % 2],
    )


def batch(frames: list[bytes], device: list[int], start: int) -> Batch:
    """Return frames as a batch that arrives from `start` on."""
    rows = np.frombuffer(b"".join(frames), np.uint8).reshape(-1, FRAME_SIZE)
    time = start + GAP * np.arange(len(frames), dtype=np.int64)
    return Batch(rows, np.array(device, np.int64), time)


def opening(flows: int, start: int = START) -> Batch:
    """Return the first packet of each flow."""
    frames = [build(flow_number(index), SETUP.mac[LAN], SETUP.peer[LAN]) for index in range(flows)]
    return batch(frames, [LAN] * flows, start)


def traffic(opened: list[Outcome], packets: int, seed: int = 1) -> Batch:
    """Return random packets of flows that were opened, half of them replies, in random order.

    `opened` is what the NAT made of `opening`: it tells the ports that the replies must go to.
    """
    flows = len(opened)
    out = opening(flows).frames
    back = np.frombuffer(b"".join(_reply(outcome.frame) for outcome in opened), np.uint8)
    both = np.concatenate([out, back.reshape(-1, FRAME_SIZE)])
    chosen = np.random.default_rng(seed).integers(0, 2 * flows, packets)
    time = START + SECOND + GAP * np.arange(packets, dtype=np.int64)
    return Batch(both[chosen], (chosen >= flows).astype(np.int64) * WAN, time)


def _reply(translated: bytes) -> bytes:
    return build(parse(translated).reversed(), SETUP.mac[WAN], SETUP.peer[WAN])
