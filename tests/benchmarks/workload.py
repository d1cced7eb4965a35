"""What the benchmark feeds to a NAT: many live flows, traffic in both directions, small frames."""

from __future__ import annotations

import numpy as np

from libvig.io.trace import Trace
from tests.benchmarks.frames import FRAME_SIZE, Tuple5, build, parse
from tests.benchmarks.model import WAN, Outcome, Setup
from verify.bench.frames import FCS
from verify.bench.scenarios import Nat, Wanted, from_inside
from verify.bench.traffic import GAP, SECOND, START, Batch

__all__ = ["GAP", "SECOND", "START", "Batch"]

SETUP = Setup(
    mac=(bytes.fromhex("020000000000"), bytes.fromhex("020000000001")),
    peer=(bytes.fromhex("020000000100"), bytes.fromhex("020000000101")),
    external_address=0xC0000201,  # 192.0.2.1
    first_port=1,
    last_port=65535,
    max_flows=65535,
    timeout=120 * SECOND,
)


def packets_of(batch: Batch) -> list[tuple[bytes, int, int]]:
    """Return frame, device and time of each packet."""
    frames = [row.tobytes() for row in batch.frames]
    return list(zip(frames, batch.device.tolist(), batch.time.tolist(), strict=True))


def outcomes(trace: Trace) -> list[Outcome]:
    """Return what an NF made of each packet of a trace from `Batch.trace`."""
    rows = trace.data.reshape(-1, FRAME_SIZE)
    verdicts = trace.verdict.tolist()
    return [Outcome(v, row.tobytes()) for v, row in zip(verdicts, rows, strict=True)]


def flow_number(index: int) -> Tuple5:
    """Return one of the flows from inside, TCP and UDP in turn."""
    return Tuple5(*(int(column[0]) for column in from_inside(np.array([index], np.int64))))


def batch(frames: list[bytes], device: list[int], start: int) -> Batch:
    """Return frames as a batch that arrives from `start` on."""
    rows = np.frombuffer(b"".join(frames), np.uint8).reshape(-1, FRAME_SIZE)
    time = start + GAP * np.arange(len(frames), dtype=np.int64)
    return Batch(rows, np.array(device, np.int64), time)


def opening(flows: int, start: int = START) -> Batch:
    """Return the first packet of each flow."""
    number = np.arange(flows, dtype=np.int64)
    made = Nat().packets(FRAME_SIZE + FCS, Wanted(number, number, number < 0))
    return Batch(made.frames, made.device, start + GAP * number)


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
