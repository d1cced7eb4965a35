"""Packets of all kinds for a network function with a small table: what it forwards, and the rest.

They are made of the packets that a benchmark has, of what became of them, and of damage.
"""

from __future__ import annotations

from random import Random

import numpy as np

from libvig.io.trace import Trace, undecided
from verify.bench.scenarios import LAN, Scenario, Wanted

OWN_ADDRESS = bytes([192, 0, 2, 1])
DEVICES = 3

# Bytes that decide what becomes of a packet, and values for them that are wrong, or rare.
TELLING = {
    5: (0, 1, 15, 16),
    12: (0x08, 0x86),
    13: (0, 6),
    14: (0x45, 0x46, 0x4F, 0x44, 0x65, 0x41),
    16: (0, 1),
    17: (19, 20, 27, 28, 39, 40, 46),
    20: (0, 0x20, 0x40, 0x1F),
    21: (0, 1),
    23: (1, 2, 6, 17),
    33: (1, 2, 7),
    37: (53, 187, 1),
    38: (0, 1),
    39: (7, 8, 26, 27),
    40: (0,),
    41: (0,),
    46: (0x40, 0x50, 0x60, 0xF0),
}
GROUPS = [b"\x01\x80\xc2\x00\x00\x0e", b"\xff" * 6, b"\x01\x00\x5e\x00\x00\x01"]


class Hostile:
    """Batch after batch, by a generator of random numbers."""

    def __init__(self, scenario: Scenario, flows: int, timeout: int, random: Random) -> None:
        self._random = random
        self._pauses = [0] * 30 + [1, timeout // 50, timeout // 3, timeout - 1, timeout + 1]
        self._now = 10 * timeout
        self._sent: list[tuple[bytes, int]] = []  # by a device
        number = np.arange(flows, dtype=np.int64)
        self._fresh: list[tuple[bytes, int]] = []
        for size in (64, 91):
            made = scenario.packets(size, Wanted(number, number + 1, np.zeros(flows, np.bool_)))
            rows = [row.tobytes() for row in made.frames]
            self._fresh += zip(rows, made.device.tolist(), strict=True)

    def trace(self, packets: int) -> Trace:
        """Make packets."""
        frames, device, on_wire, time = [], [], [], []
        for _ in range(packets):
            frame, came_by = self._packet()
            whole = len(frame)
            if self._random.random() < 0.1:  # a snap length
                frame = frame[
                    : self._random.choice([0, 13, 14, 33, 34, 41, 42, 53, 54, 61, 62, 69])
                ]
            frames.append(frame)
            device.append(came_by)
            on_wire.append(self._random.choice([whole] * 9 + [0]))
            self._now += self._random.choice(self._pauses)
            time.append(self._now)
        length = np.array([len(frame) for frame in frames], np.int64)
        return undecided(
            np.frombuffer(bytearray(b"".join(frames)), np.uint8),
            np.cumsum(length) - length,
            length,
            np.array(on_wire, np.int64),
            np.array(time, np.int64),
            np.array(device, np.int64),
        )

    def learn(self, trace: Trace) -> None:
        """Keep some of what was sent, to answer it."""
        for at in np.flatnonzero((trace.verdict >= 0) & (trace.length >= 54))[-300:].tolist():
            start = int(trace.start[at])
            frame = trace.data[start : start + int(trace.length[at])].tobytes()
            self._sent.append((frame, int(trace.verdict[at]) % DEVICES))
        self._sent = self._sent[-600:]

    def _packet(self) -> tuple[bytes, int]:
        kind = self._random.choice(
            ["fresh"] * 4 + ["answer"] * 4 + ["error"] * 2 + ["query", "beat"]
        )
        frame, device = self._random.choice(self._fresh)
        if kind == "query":
            frame = _query(frame, self._random)
        elif kind == "beat":
            frame, device = _heartbeat(frame, self._random), LAN
        elif kind != "fresh" and self._sent:
            sent, device = self._random.choice(self._sent)
            frame = _answer(sent) if kind == "answer" else _error(sent, self._random)
        if self._random.random() < 0.05:
            device = self._random.randrange(DEVICES)
        return self._damaged(frame), device

    def _damaged(self, frame: bytes) -> bytes:
        if self._random.random() < 0.6 or len(frame) < 60:
            return frame
        changed = bytearray(frame)
        for _ in range(self._random.choice([1, 1, 2])):
            if self._random.random() < 0.3:
                changed[self._random.randrange(len(frame))] = self._random.randrange(256)
            else:
                at, values = self._random.choice([*TELLING.items()])
                changed[at] = self._random.choice(values)
        if self._random.random() < 0.03:
            changed[:6] = self._random.choice(GROUPS)
        if self._random.random() < 0.03:
            changed[6:12] = self._random.choice(GROUPS)
        return bytes(changed)


def _l4(frame: bytes) -> int:
    return 14 + (frame[14] & 0xF) * 4


def _answer(frame: bytes) -> bytes:
    """Addresses and ports are changed over."""
    at, answer = _l4(frame), bytearray(frame)
    answer[0:12] = frame[6:12] + frame[0:6]
    answer[26:34] = frame[30:34] + frame[26:30]
    if frame[23] != 1:
        answer[at : at + 4] = frame[at + 2 : at + 4] + frame[at : at + 2]
    return bytes(answer)


def _query(frame: bytes, random: Random) -> bytes:
    """An ICMP message, mostly a query, of one of few identifiers."""
    kind = random.choice([8, 8, 8, 0, 13, 5])
    message = bytes([kind, 0, 0x12, 0x34, 0, random.randrange(8)])
    return frame[:23] + b"\x01" + frame[24:34] + message + frame[40:]


def _error(frame: bytes, random: Random) -> bytes:
    """An ICMP error about a packet, for its sender, or for another host."""
    quote = frame[14 : _l4(frame) + random.choice([7, 8, 8, 20, 30])]
    source = frame[26:30] if random.random() < 0.9 else OWN_ADDRESS
    message = bytes([random.choice([3, 3, 11, 4, 12, 5]), 1, 0xAB, 0xCD]) + bytes(4) + quote
    total = (20 + len(message)).to_bytes(2, "big")
    header = b"\x45\x00" + total + bytes(4) + b"\x40\x01\x00\x00" + frame[30:34] + source
    return (frame[6:12] + frame[0:6] + frame[12:14] + header + message).ljust(60, b"\0")


def _heartbeat(frame: bytes, random: Random) -> bytes:
    """To the load balancer, by one of few backends."""
    source = bytes([2, 0, 0, 0, 9, random.randrange(6)])
    ports = b"\x03\x09\x02\xb6" + (8).to_bytes(2, "big")
    header = frame[14:23] + b"\x11" + frame[24:30] + OWN_ADDRESS
    return frame[:6] + source + b"\x08\x00" + header + ports + frame[40:]
