"""Random traffic for a small NAT: few endpoints, so that packets belong together.

A `Step` chooses the next packet. Replies and ICMP errors are made of what the NAT has sent before,
so which packets some steps stand for is known only when the NAT runs.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP

from libvig.packet.packet import Packet
from libvig.spec import snapshot
from nfs.nat import Nat
from tests.nfs.nats import EXTERNAL, GUESTS, LAN, STRANGER, WAN, arriving, new
from tests.packets import bytes_of, packet_of

TIMEOUT = 100
PAUSES = [0, 0, 1, 30, TIMEOUT - 1, TIMEOUT, TIMEOUT + 1]

SPOOFS = ["remote address", "remote port", "protocol", "own address", "own port"]
KINDS = ["new", "new", "again", "reply", "reply", "error"]


class Step(NamedTuple):
    """One packet."""

    kind: str  # "new", "again", "reply" or "error"
    frame: bytes  # if it is new
    device: int
    which: int  # of the packets that were sent before, from the last back
    spoof: str  # what is wrong with a reply or a quoted packet, or ""
    quoted: int  # bytes of a packet's payload that an error quotes
    missing: int  # bytes that a snap length cut off
    pause: int  # nanoseconds since the last packet


def random_step(random: Random, kinds: Sequence[str] = KINDS) -> Step:
    kind = random.choice(kinds)
    device = random.choice([LAN, LAN, GUESTS, WAN])
    return Step(
        kind,
        random_frame(random, device) if kind == "new" else b"",
        device,
        random.randint(0, 2),
        random.choice([""] * 2 + SPOOFS),
        random.choice([7, 8, 8, 20, 100]),
        random.choice([0] * 8 + [2, 20]),
        random.choice(PAUSES),
    )


def follow_up(random: Random, kind: str, device: int = WAN) -> Step:
    """The last packet that went out once more, or a right reply to it, or an error about it."""
    return Step(
        kind,
        b"",
        device,
        0,
        "",
        random.choice([8, 20, 100]),
        0,
        random.choice([1, TIMEOUT, TIMEOUT + 1]),
    )


def random_steps(random: Random, most: int) -> list[Step]:
    more = random.randint(0, most - 1)
    return [random_step(random, ["new"]), *(random_step(random) for _ in range(more))]


def random_frame(random: Random, device: int) -> bytes:
    """What comes in by a device, mostly TCP, UDP or ICMP over IPv4, mostly well-formed."""
    ports = random.randint(1, 2), random.randint(5000, 5005)
    transport = random.choice(
        [TCP(sport=ports[0], dport=ports[1])] * 3
        + [UDP(sport=ports[0], dport=ports[1])] * 3
        + [UDP(sport=ports[0], dport=ports[1], chksum=0)] * 2
        + [ICMP(type=8, id=ports[1])] * 5
        + [ICMP(type=random.choice([0, 3, 5, 9, 13]), id=ports[1])]
    )
    ip = IP(
        src=random.choice(["10.0.0.2", "10.0.0.3"]),
        dst=EXTERNAL if device == WAN else random.choice(["198.51.100.7", "198.51.100.8"]),
        flags=random.choice(["", "", "", "DF", "MF"]),
        frag=random.choice([0] * 9 + [3]),
        options=[IPOption_NOP()] * random.choice([0, 0, 4, 40]),
    )
    data = random.randbytes(random.randint(0, 3))
    frame = bytearray(bytes(arriving(device, ip, transport / data)))
    if random.randint(0, 4) == 0:  # damage a byte of the headers
        frame[random.randint(12, min(55, len(frame) - 1))] = random.randint(0, 255)
    return bytes(frame)


def random_nat(random: Random) -> Nat:
    """A NAT of one to three flows and up to two ports more."""
    flows = random.randint(1, 3)
    last = 4999 + flows + random.randint(0, 2)
    return new(max_flows=flows, first_port=5000, last_port=last, timeout=TIMEOUT)


def reply_to(frame: bytes, spoof: str) -> bytes:
    """The frame with its addresses and ports changed over, which leaves its checksums right.

    An echo request becomes an echo reply.
    """
    reply, payload = bytearray(frame), payload_at(frame)
    reply[26:34] = frame[30:34] + frame[26:30]
    if frame[23] == 1:
        reply[payload] = 0
        checksum = frame[payload + 2] * 256 + frame[payload + 3] + frame[payload] * 256
        reply[payload + 2 : payload + 4] = (checksum % 0xFFFF).to_bytes(2, "big")
    else:
        there, back = frame[payload : payload + 2], frame[payload + 2 : payload + 4]
        reply[payload : payload + 4] = back + there
    return spoofed(bytes(reply), spoof)


def payload_at(frame: bytes) -> int:
    return 14 + (frame[14] & 0xF) * 4


def spoofed(reply: bytes, spoof: str) -> bytes:
    """A packet to the NAT that is changed in a part of its key."""
    changed, payload = bytearray(reply), payload_at(reply)
    if spoof == "protocol":
        changed[23] ^= 6 ^ 17
    elif spoof:
        at = {
            "remote address": 29,
            "own address": 33,
            "remote port": payload + 1,
            "own port": payload + (5 if reply[23] == 1 else 3),
        }[spoof]
        changed[at] ^= 1
    return bytes(changed)


def error_about(frame: bytes, device: int, quoted: int) -> bytes:
    """An ICMP error about a packet that was sent, which comes in by the device it left by."""
    source = STRANGER if device == WAN else "10.0.0.1"
    ip = IP(src=source, dst=IP(frame[14:]).src)
    quote = frame[14 : payload_at(frame) + quoted]
    return bytes(arriving(device, ip, ICMP(type=3, code=3) / quote))


class Conversation:
    """A NAT, the time, and the packets that have gone out."""

    def __init__(self, nat: Nat) -> None:
        self.nat = nat
        self.now = 0
        self.came: list[tuple[bytes, int]] = []  # frame and device
        self.left: list[bytes] = []
        self.delivered: list[tuple[bytes, int]] = []  # to internal devices

    def packet(self, step: Step) -> tuple[Packet, int]:
        """The packet that the step stands for now, and its time."""
        frame, device = step.frame, step.device
        if step.kind == "error" and step.device != WAN and self.delivered:
            frame, device = self.delivered[-1 - step.which % len(self.delivered)]
            frame = error_about(spoofed(frame, step.spoof), device, step.quoted)
        elif step.kind == "error" and self.left:
            frame, device = self.left[-1 - step.which % len(self.left)], WAN
            frame = error_about(spoofed(frame, step.spoof), device, step.quoted)
        elif step.kind != "new" and self.came:
            which = -1 - step.which % len(self.came)
            frame, device = self.came[which]
            if step.kind == "reply":
                frame, device = reply_to(self.left[which], step.spoof), WAN
        captured = frame[: len(frame) - step.missing]
        return packet_of(captured, device, wire_length=len(frame)), self.now + step.pause

    def happens(self, packet: Packet, now: int) -> int:
        """Let the NAT process a packet, and remember what it may be answered by."""
        came = bytes_of(packet), packet.device
        verdict = self.nat.process(packet, now)
        self.now = now
        if verdict == WAN:
            self.came.append(came)
            self.left.append(bytes_of(packet))
        elif verdict >= 0:
            self.delivered.append((bytes_of(packet), verdict))
        return verdict

    def play(self, choices: Sequence[Step]) -> list[tuple[Packet, int]]:
        """Let the packets happen that some steps stand for; return them as they came."""
        packets = []
        for step in choices:
            packet, now = self.packet(step)
            packets.append((snapshot(packet), now))
            self.happens(packet, now)
        return packets

    def foresee(self, choices: Sequence[Step]) -> list[tuple[Packet, int]]:
        """The packets that some steps would stand for, one after the other."""
        return copy.deepcopy(self).play(choices)
