"""Captures become one trace: merged by time, given devices, with a clock that never goes back."""

import heapq
from ipaddress import IPv4Address, IPv4Network

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from libvig.io.merge import merged
from libvig.io.records import Records
from libvig.io.split import Split
from libvig.io.trace import UNDECIDED, Trace, devices_by_source, new_trace, undecided
from libvig.native_call import Argument
from tests.libvig.io.captures import Frame, frames_of, records_of
from verify.inputs import cut


class Parts:
    """A capture that is read a few packets at a time."""

    def __init__(self, frames: list[Frame], count: int) -> None:
        self._frames, self._count = frames, count

    def read(self) -> Records | None:
        part, self._frames = self._frames[: self._count], self._frames[self._count :]
        return records_of(part) if part else None


def merged_by_us(streams: list[list[Frame]], count: int) -> list[tuple[int, Frame]]:
    found: list[tuple[int, Frame]] = []
    for records, origin in merged([Parts(stream, count) for stream in streams]):
        assert len(origin) > 0
        found += zip(origin.tolist(), frames_of(records), strict=True)
    return found


def at(times: list[int], name: str) -> list[Frame]:
    return [Frame(time, f"{name}{i}".encode(), 2) for i, time in enumerate(times)]


def merged_head_by_head(streams: list[list[Frame]]) -> list[tuple[int, Frame]]:
    """What mergecap does: always take the earliest head, the first of two alike."""
    waiting = [(stream[0].time, i, 0) for i, stream in enumerate(streams) if stream]
    heapq.heapify(waiting)
    merged = []
    while waiting:
        _, i, j = heapq.heappop(waiting)
        merged.append((i, streams[i][j]))
        if j + 1 < len(streams[i]):
            heapq.heappush(waiting, (streams[i][j + 1].time, i, j + 1))
    return merged


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=4), st.integers(1, 7))
def test_captures_are_merged_as_mergecap_does(times: list[list[int]], count: int) -> None:
    """However many packets of each are read at a time."""
    streams = [at(stream, name) for stream, name in zip(times, "abcd", strict=False)]
    assert merged_by_us(streams, count) == merged_head_by_head(streams)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_packets_of_the_same_time_come_in_the_order_of_the_captures(count: int) -> None:
    together = merged_by_us([at([1, 5], "a"), at([1, 3, 5], "b")], count)
    assert [origin for origin, _ in together] == [0, 1, 1, 0, 1]


def test_the_clock_stands_still_where_time_goes_back() -> None:
    records = records_of(at([5, 3, 4, 7, 6], "a"))
    trace = new_trace(records, np.zeros(5, np.int64))
    assert trace.time.tolist() == [5, 5, 5, 7, 7]
    assert records.time.tolist() == [5, 3, 4, 7, 6]
    assert new_trace(records, np.zeros(5, np.int64), 6).time.tolist() == [6, 6, 6, 7, 7]
    assert trace.verdict.tolist() == [UNDECIDED] * 5


@pytest.mark.parametrize("prefix", ["192.168.0.0/16", "10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32"])
def test_packets_are_split_by_their_source(prefix: str) -> None:
    network = IPv4Network(prefix)
    sources = ["10.1.2.3", "10.1.2.4", "192.168.255.255", "192.169.0.0", "8.8.8.8"]
    packets = [Ether() / IP(src=source, dst="10.1.2.3") / UDP() for source in sources]
    records = records_of([Frame(0, bytes(packet), 60) for packet in packets])
    split = Split(int(network.network_address), int(network.broadcast_address), 1)
    expected = [0 if IPv4Address(source) in network else 1 for source in sources]
    for interpreted in (False, True):
        assert devices_by_source(records, split, interpreted=interpreted).tolist() == expected


def test_what_has_no_ipv4_source_comes_from_inside() -> None:
    outside = bytes(Ether() / IP(src="8.8.8.8") / UDP())
    not_version_4 = outside[:14] + b"\x65" + outside[15:]
    data = [outside, outside[:30], outside[:29], not_version_4, bytes(Ether() / ARP()), b""]
    records = records_of([Frame(0, frame, 60) for frame in data])
    network = IPv4Network("10.0.0.0/8")
    split = Split(int(network.network_address), int(network.broadcast_address), 2)
    assert devices_by_source(records, split).tolist() == [2, 2, 0, 0, 0, 0]


def test_the_same_native_code_is_for_any_number_of_packets() -> None:
    def trace_of(packets: int) -> Trace:
        return undecided(np.zeros(9, np.uint8), *[np.arange(packets)] * 5)

    kind = Argument(trace_of(3)).type
    for trace in (trace_of(0), trace_of(1), *(cut(trace_of(9), slice(4, n)) for n in (4, 5, 9))):
        assert Argument(trace).type == kind
    assert Argument(trace_of(3)._replace(time=np.arange(3))).type != kind
