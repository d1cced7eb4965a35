"""What went through: the summary of a run, for people and as JSON."""

import json
import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from libvig.io.trace import Trace

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


def count_traffic(trace: Trace, names: Sequence[str]) -> list[DeviceTraffic]:
    """What each device received and sent."""
    size = np.maximum(trace.wire_length, trace.length)
    sent = trace.verdict >= 0
    columns = []
    for device, weight in ((trace.device, size), (trace.verdict[sent], size[sent])):
        columns.append(np.bincount(device, minlength=len(names)))
        columns.append(np.bincount(device, weight, minlength=len(names)).astype(np.int64))
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [DeviceTraffic(name, *row) for name, row in zip(names, rows, strict=True)]


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
    rows = [["forwarded", f"{summary.forwarded:,}"], ["dropped", f"{summary.dropped:,}"]]
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
