"""The NAT between two interfaces, in plain CPython with its contracts on.

Run on the NAT's host: `python -m tests.network.relay --config FILE [--record FILE]`. It reads every
frame from the interfaces `lan` and `wan`, lets the NAT decide, and sends what it forwards, until it
is ended by SIGTERM. Then it prints how often each verdict was given, as JSON. With --record it also
writes every frame that came in to a pcapng file, with the very times that the NAT was given: the
NAT is deterministic, so that a run on this file takes every decision again.

Slow (a few thousand frames a second), and meant to be: what passes here passed the contracts.
"""

from __future__ import annotations

import argparse
import collections
import json
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from libvig.io.records import Records
from libvig.io.writer import encode_pcapng
from libvig.packet.packet import Packet
from libvig.settings import make_config, read_settings
from nfs.nat import Drop, Nat, NatConfig, new_nat

INTERFACES = ("lan", "wan")
ETH_P_ALL = 3  # linux/if_ether.h
LONGEST_FRAME = 65_536
POLL_MILLISECONDS = 50


class Frame(NamedTuple):
    """A frame as it came in: time in nanoseconds since 1970, never before the last one's."""

    time: int
    device: int
    data: bytes


def listen(interface: str) -> socket.socket:
    """Return a socket that receives and sends whole frames on an interface."""
    endpoint = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    endpoint.bind((interface, 0))
    return endpoint


def frames(sockets: list[socket.socket], stopped: threading.Event) -> Iterator[Frame]:
    """Yield what the sockets receive, in order, until stopped."""
    poller = select.poll()
    for endpoint in sockets:
        poller.register(endpoint, select.POLLIN)
    device_of = {endpoint.fileno(): device for device, endpoint in enumerate(sockets)}
    now = 0
    while not stopped.is_set():
        for number, _ in poller.poll(POLL_MILLISECONDS):
            device = device_of[number]
            data, address = sockets[device].recvfrom(LONGEST_FRAME)
            if address[2] != socket.PACKET_OUTGOING:  # our own frames are seen here too
                now = max(now, time.time_ns())
                yield Frame(now, device, data)


def decide(nat: Nat, frame: Frame) -> tuple[int, bytes]:
    """Return the NAT's verdict on a frame, and the frame as the NAT left it."""
    data = np.frombuffer(frame.data, np.uint8).copy()
    verdict = nat.process(Packet(data, len(data), frame.device), frame.time)
    return verdict, data.tobytes()


def name_of(verdict: int) -> str:
    """Return a verdict's name: an interface, or a reason for a drop."""
    return INTERFACES[verdict] if verdict >= 0 else Drop(verdict).name


def relay(nat: Nat, received: Iterator[Frame], sockets: list[socket.socket]) -> list[Frame]:
    """Pass frames through the NAT; return those that came in, and print the verdicts on them."""
    verdicts: collections.Counter[str] = collections.Counter()
    kept = []
    for frame in received:
        kept.append(frame)
        verdict, data = decide(nat, frame)
        verdicts[name_of(verdict)] += 1
        if verdict >= 0:
            sockets[verdict].send(data)
    print(json.dumps(verdicts))
    return kept


def write(file: Path, received: list[Frame]) -> None:
    """Write a capture with the two interfaces, in nanoseconds."""
    lengths = np.array([len(frame.data) for frame in received], np.int64)
    records = Records(
        data=np.frombuffer(b"".join(frame.data for frame in received), np.uint8),
        start=np.cumsum(lengths) - lengths,
        length=lengths,
        wire_length=lengths,
        time=np.array([frame.time for frame in received], np.int64),
        interface=np.array([frame.device for frame in received], np.int64),
    )
    file.write_bytes(b"".join(encode_pcapng(records, INTERFACES)))


def main() -> None:
    """Relay until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="settings of the NAT, TOML")
    parser.add_argument("--record", type=Path, help="pcapng file of what came in")
    options = parser.parse_args()
    nat = new_nat(make_config(NatConfig, read_settings(options.config, ()), INTERFACES))
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    sockets = [listen(interface) for interface in INTERFACES]
    print("ready", flush=True)
    received = relay(nat, frames(sockets, stopped), sockets)
    if options.record:
        write(options.record, received)


if __name__ == "__main__":
    main()
