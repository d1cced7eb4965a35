"""What went through: the summary of a run, for people and as JSON."""

import json
import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from libvig.io.trace import Trace
from libvig.packet.packet import FLOOD
from libvig.types import I64

_ACRONYMS = {"ipv4": "IPv4", "ipv6": "IPv6", "ip": "IP", "tcp": "TCP", "udp": "UDP"} | {
    word: word.upper() for word in ("icmp", "arp", "ttl", "vlan", "mac")
}


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


def count_traffic(trace: Trace, names: Sequence[str]) -> list[DeviceTraffic]:
    """What each device received and sent."""
    size = np.maximum(trace.wire_length, trace.length)
    flooded = trace.verdict == FLOOD
    sent = (trace.verdict >= 0) & ~flooded
    columns = []
    for weight in (np.ones_like(size), size):
        came_in = _by_device(trace.device, weight, names)
        floods_in = _by_device(trace.device[flooded], weight[flooded], names)
        sent_out = _by_device(trace.verdict[sent], weight[sent], names)
        columns += [came_in, sent_out + floods_in.sum() - floods_in]
    packets_in, packets_out, bytes_in, bytes_out = (column.tolist() for column in columns)
    rows = zip(names, packets_in, bytes_in, packets_out, bytes_out, strict=True)
    return [DeviceTraffic(*row) for row in rows]


def _by_device(device: I64, weight: I64, names: Sequence[str]) -> I64:
    """The sum of the weights of each device."""
    return np.bincount(device, weight, minlength=len(names)).astype(np.int64)


def count_drops(trace: Trace, drop: type[IntEnum]) -> dict[str, int]:
    """How many packets were dropped for each reason that occurred, in words."""
    counts = {reason: int((trace.verdict == reason).sum()) for reason in drop}
    return {in_words(reason.name): count for reason, count in counts.items() if count}


def in_words(name: str) -> str:
    """NOT_IPV4 as "not IPv4"."""
    return " ".join(_ACRONYMS.get(word, word) for word in name.lower().split("_"))


def live_flows(nf: Any) -> dict[str, int] | None:
    """How many flows an NF with a flow table holds, and how many it could hold."""
    flows = getattr(nf, "flows", None)
    if flows is None or not hasattr(flows, "entries") or not hasattr(flows, "capacity"):
        return None
    return {"live": len(flows.entries), "capacity": int(flows.capacity)}


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
