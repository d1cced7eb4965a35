"""What went through: the summary of a run, for people and as JSON."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from libvig.io.records import Records
from libvig.io.trace import Trace
from libvig.packet.packet import FLOOD
from libvig.types import I64

_ACRONYMS = {"ipv4": "IPv4", "ipv6": "IPv6", "ip": "IP", "tcp": "TCP", "udp": "UDP"} | {
    word: word.upper() for word in ("icmp", "arp", "ttl", "vlan", "mac")
}


FEW = 2**16
"""Verdicts that are no further apart are counted without sorting them."""


class DeviceTraffic(NamedTuple):
    """Packets and bytes on the wire, by one device."""

    name: str
    packets_in: int
    bytes_in: int
    packets_out: int
    bytes_out: int


class Summary(NamedTuple):
    """What a run did; the field names are those of the JSON output."""

    nf: str
    mode: str
    """native or interpreted"""
    packets: int
    seconds: float
    """Spent in the NF: reading, compiling and writing are not counted."""
    packets_per_second: float
    devices: list[dict[str, Any]]
    forwarded: int
    flooded: int
    """How many of those that were forwarded left by every other device."""
    dropped: int
    drops: dict[str, int]
    """How many packets were dropped, by reason."""
    flows: dict[str, int] | None
    """How many flows are live, and how many there is room for; None without a flow table."""
    cut_short: int
    """Packets of which the capture holds a part only, because of its snap length."""
    clock_held: int
    """Packets before which the capture's time went back."""
    damage: list[str]
    check: dict[str, Any] | None
    """What came of --check, if that was asked for."""


class Totals:
    """What is counted of a run while it goes on."""

    def __init__(self, devices: Sequence[str], drop: type[IntEnum]) -> None:
        """Begin with nothing, for devices of these names and these reasons to drop."""
        self.packets = self.forwarded = self.flooded = self.cut_short = self.clock_held = 0
        self._devices, self._drop = devices, drop
        self._traffic = np.zeros((4, len(devices)), np.int64)
        self._drops: Counter[IntEnum] = Counter()

    def add(self, records: Records, trace: Trace, counts: Counter[int]) -> None:
        """Count packets, and what became of them; `counts` are those of their verdicts."""
        self.packets += len(trace.start)
        self.forwarded += sum(count for verdict, count in counts.items() if verdict >= 0)
        self.flooded += counts[FLOOD]
        self.cut_short += int(np.count_nonzero(trace.wire_length > trace.length))
        self.clock_held += int(np.count_nonzero(records.time < trace.time))
        self._traffic += traffic_of(trace, len(self._devices), floods=counts[FLOOD] > 0)
        for reason in self._drop:
            self._drops[reason] += counts[reason]

    @property
    def dropped(self) -> int:
        return self.packets - self.forwarded

    def drops(self) -> dict[str, int]:
        """How many packets were dropped for each reason that occurred, in words."""
        return {in_words(reason.name): count for reason, count in self._drops.items() if count}

    def traffic(self) -> list[DeviceTraffic]:
        """What each device received and sent."""
        rows = zip(self._devices, *self._traffic.tolist(), strict=True)
        return [DeviceTraffic(*row) for row in rows]


def verdicts_in(trace: Trace) -> Counter[int]:
    """Each verdict that there is, and how often."""
    lowest, highest = int(trace.verdict.min()), int(trace.verdict.max())
    if highest - lowest > FEW:
        return Counter(trace.verdict.tolist())
    counts = np.bincount(trace.verdict - lowest)
    return Counter({int(i) + lowest: int(counts[i]) for i in np.flatnonzero(counts)})


def traffic_of(trace: Trace, devices: int, floods: bool) -> I64:
    """Packets and bytes that came in by each device, then those that went out: a row each.

    `floods` says whether any packet left by several.
    """
    size = np.maximum(trace.wire_length, trace.length)
    sent = trace.verdict >= 0
    if floods:
        flooded = trace.verdict == FLOOD
        sent &= ~flooded
    rows: list[I64] = [np.empty(0, np.int64)] * 4
    for i, weight in enumerate((None, size)):
        came_in = _by_device(trace.device, weight, devices)
        sent_out = _by_device(trace.verdict, weight, devices, sent)
        if floods:
            floods_in = _by_device(trace.device, weight, devices, flooded)
            sent_out += floods_in.sum() - floods_in
        rows[i], rows[i + 2] = came_in, sent_out
    return np.array(rows)


def _by_device(
    device: I64, weight: I64 | None, devices: int, chosen: NDArray[np.bool_] | None = None
) -> I64:
    """The sum of the weights, or the number, of packets by each device, of all or some."""
    if chosen is not None and not chosen.all():
        device, weight = device[chosen], None if weight is None else weight[chosen]
    return np.bincount(device, weight, minlength=devices).astype(np.int64)


def in_words(name: str) -> str:
    """NOT_IPV4 as "not IPv4"."""
    return " ".join(_ACRONYMS.get(word, word) for word in name.lower().split("_"))


def live_flows(nf: Any) -> dict[str, int] | None:
    """How many flows an NF with a flow table holds, and how many it could hold."""
    from libvig.double_chain import EMPTY  # of which many NFs make no use
    from libvig.flow_table import FlowTable

    flows = getattr(nf, "flows", None)
    if not isinstance(flows, FlowTable):
        return None
    chain = flows.table.chain  # to look at each flow, as the table's view does, takes long
    is_stored = chain.prev[: flows.capacity] != EMPTY
    live = int(np.count_nonzero(is_stored & (chain.stamp >= flows.table.horizon[0])))
    return {"live": live, "capacity": int(flows.capacity)}


def as_json(summary: Summary) -> str:
    """The summary as one JSON object."""
    return json.dumps(summary._asdict(), indent=2)


def as_text(summary: Summary) -> str:
    """The summary as a few aligned lines."""
    speed = f"{summary.packets_per_second:,.0f} packets/s" if summary.seconds else "no time"
    lines = [f"{summary.nf}: {_count(summary.packets, 'packet')}, {speed} ({summary.mode})"]
    lines += _table([_device_row(device) for device in summary.devices])
    rows = [["forwarded", f"{summary.forwarded:,}"]]
    if summary.flooded:
        rows.append(["  flooded", f"{summary.flooded:,}"])
    rows.append(["dropped", f"{summary.dropped:,}"])
    rows += [[f"  {reason}", f"{count:,}"] for reason, count in summary.drops.items()]
    if summary.flows is not None:
        rows.append(["flows", f"{summary.flows['live']:,}", f"of {summary.flows['capacity']:,}"])
    if summary.cut_short:
        rows.append(["cut short", f"{summary.cut_short:,}", "by the snap length"])
    if summary.clock_held:
        rows.append(["clock held", f"{summary.clock_held:,}", "times, as the capture went back"])
    return "\n".join(lines + _table(rows))


def _device_row(device: dict[str, Any]) -> list[str]:
    row = [str(device["name"])]
    for way in ("in", "out"):
        row += [way, f"{device[f'packets_{way}']:,}", "packets"]
        row += [f"{device[f'bytes_{way}']:,}", "bytes"]
    return row


def _table(rows: list[list[str]]) -> list[str]:
    """Lines with aligned columns, numbers to the right."""
    width = max(len(row) for row in rows)
    padded = [row + [""] * (width - len(row)) for row in rows]
    sizes = [max(len(cell) for cell in column) for column in zip(*padded, strict=True)]
    return ["  " + "  ".join(map(_aligned, row, sizes)).rstrip() for row in padded]


def _aligned(cell: str, size: int) -> str:
    return cell.rjust(size) if re.fullmatch(r"[\d,]+", cell) else cell.ljust(size)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
