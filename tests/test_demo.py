"""The shipped capture: what it holds, and that the NAT treats it as when it was recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from ipaddress import ip_address, ip_network
from pathlib import Path

import dpkt
import numpy as np
import pytest

from libvig.io.capture import read_capture
from libvig.io.loop import process_all
from libvig.io.trace import Trace, new_trace
from libvig.settings import make_config, read_settings
from nfs.nat import Drop, NatConfig, new_nat

ROOT = Path(__file__).parents[1]
CAPTURE = ROOT / "demo" / "clients.pcapng"
SETTINGS = ROOT / "demo" / "nat.toml"
LAN, WAN = 0, 1
DOCUMENTATION = [
    ip_network("10.0.0.0/8"),
    ip_network("192.0.2.0/24"),
    ip_network("198.51.100.0/24"),
]


def new() -> Trace:
    records = read_capture(str(CAPTURE), interpreted=True).records
    return new_trace(records, records.interface)


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Pass the capture through the interpreted NAT."""
    trace = new()
    settings = read_settings(str(SETTINGS), ())
    nat = new_nat(make_config(NatConfig, settings, ("lan", "wan")))
    process_all(nat, trace, 0, len(trace.start))
    return trace


def frames(trace: Trace, chosen: np.ndarray) -> list[bytes]:
    starts, lengths = trace.start[chosen].tolist(), trace.length[chosen].tolist()
    return [
        trace.data[start : start + length].tobytes()
        for start, length in zip(starts, lengths, strict=True)
    ]


def test_the_capture_is_small_and_has_no_one_elses_addresses() -> None:
    trace = new()
    everything = frames(trace, trace.device >= 0)
    packets = [dpkt.ethernet.Ethernet(frame).data for frame in everything]
    addresses = {ip_address(packet.src) for packet in packets}
    addresses |= {ip_address(packet.dst) for packet in packets}
    assert CAPTURE.stat().st_size < 300_000
    assert len(addresses) >= 5
    assert all(any(one in network for network in DOCUMENTATION) for one in addresses)
    assert {frame[at] for frame in everything for at in (0, 6)} == {2}  # MACs that no one owns


def test_the_nat_decides_as_when_the_capture_was_recorded(trace: Trace) -> None:
    """But for two pings, which it did not pass then: no replies to them were recorded."""
    assert Counter(trace.verdict.tolist()) == {
        WAN: 35,
        LAN: 30,
        Drop.LATER_FRAGMENT: 1,
        Drop.WRONG_REMOTE: 1,
        Drop.UNSOLICITED: 6,
    }


def test_both_downloads_come_back_whole(trace: Trace) -> None:
    streams: dict[bytes, dict[int, bytes]] = defaultdict(dict)
    for frame in frames(trace, trace.verdict == LAN):
        ip = dpkt.ethernet.Ethernet(frame).data
        if isinstance(ip.data, dpkt.tcp.TCP) and ip.data.data:
            streams[ip.dst][ip.data.seq] = ip.data.data
    received = [b"".join(text for _, text in sorted(stream.items())) for stream in streams.values()]
    assert set(streams) == {bytes([10, 0, 1, 2]), bytes([10, 0, 2, 2])}
    assert all(text.endswith((ROOT / "LICENSE").read_bytes()) for text in received)


def test_from_outside_only_the_external_address_is_seen(trace: Trace) -> None:
    sources = {
        dpkt.ethernet.Ethernet(frame).data.src for frame in frames(trace, trace.verdict == WAN)
    }
    assert sources == {bytes([192, 0, 2, 1])}
