"""What was measured, as a drawing: throughput, latency, and time by number of flows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from verify.bench.latency import Latency
from verify.bench.race import IN_C, OURS
from verify.bench.result import Result
from verify.bench.svg import Drawing, Series

NAMES = {OURS: "pyvigor", IN_C: "C"}
COLOURS = {OURS: "#1f6fb4", IN_C: "#8c8c8c"}
SHADES = {OURS: ("#9cc4e4", "#4f95cb", "#14507f"), IN_C: ("#cfcfcf", "#8c8c8c", "#4d4d4d")}
LINES = ("#1f6fb4", "#d1602d", "#2e8b57", "#8e5bb5", "#b8860b", "#c0336b")
PERCENTILES: dict[str, Callable[[Latency], float]] = {
    "p50": lambda latency: latency.p50,
    "p99": lambda latency: latency.p99,
    "p99.9": lambda latency: latency.p99_9,
}


def chart(results: Sequence[Result], machine: Mapping[str, Any]) -> str:
    """The drawing, as the text of an SVG file."""
    firsts = list({result.nf: result for result in reversed(results)}.values())[::-1]
    quiet = [result for result in firsts if result.latency]
    bursts = [result for result in firsts if result.expiry]
    is_sweep = len(results) > len(firsts)
    panels = 1 + bool(quiet) + bool(bursts) + is_sweep
    on = f"{machine['processor']}; one core; C: {machine['c']}"
    drawing = Drawing("Network functions, one packet at a time", on, panels)
    _throughput(drawing, firsts)
    if quiet:
        _latency(drawing, quiet)
    if bursts:
        _bursts(drawing, bursts)
    if is_sweep:
        _sweep(drawing, [result for result in results if result.table])
    return drawing.rendered()


def _who(results: Sequence[Result]) -> list[str]:
    return [OURS, IN_C] if any(result.in_c for result in results) else [OURS]


def _throughput(drawing: Drawing, results: Sequence[Result]) -> None:
    """Without those that look at no table: beside these, the others would look like nothing."""
    who = _who(results)
    shown = [result for result in results if result.table] or results
    groups = {
        result.nf: [
            1000 / found.median if found else None
            for found in (result.ours, result.in_c)[: len(who)]
        ]
        for result in shown
    }
    series = [Series(NAMES[name], COLOURS[name]) for name in who]
    drawing.bars("Throughput, million packets a second", series, groups)


def _latency(drawing: Drawing, results: Sequence[Result]) -> None:
    groups = {
        result.nf: [
            value(result.latency[name]) if name in result.latency else None
            for name in _who(results)
            for value in PERCENTILES.values()
        ]
        for result in results
    }
    drawing.bars("Latency of a packet, ns", _shades(results, PERCENTILES), groups, is_log=True)


def _shades(results: Sequence[Result], values: Iterable[str]) -> list[Series]:
    return [
        Series(f"{NAMES[name]} {value}", colour)
        for name in _who(results)
        for value, colour in zip(values, SHADES[name], strict=True)
    ]


def _bursts(drawing: Drawing, results: Sequence[Result]) -> None:
    groups: dict[str, Sequence[float | None]] = {}
    for result in results:
        values: list[float | None] = []
        for name in _who(results):
            burst = result.expiry.get(name)
            values += [burst.latency.p99, burst.latency.p99_9, burst.stall] if burst else [None] * 3
        groups[result.nf] = values
    flows = max(burst.flows for result in results for burst in result.expiry.values())
    series = _shades(results, ("p99", "p99.9", "longest"))
    drawing.bars(f"Latency after {flows:,} flows have expired at once, ns", series, groups, True)


def _sweep(drawing: Drawing, results: Sequence[Result]) -> None:
    who = _who(results)
    by_nf = {
        nf: [result for result in results if result.nf == nf]
        for nf in dict.fromkeys(result.nf for result in results)
    }
    points = [
        [
            {
                float(result.table.flows): found.median
                for result in own
                for found in (result.ours if name == OURS else result.in_c,)
                if result.table and found
            }
            for name in who
        ]
        for own in by_nf.values()
    ]
    series = [Series(nf, colour) for nf, colour in zip(by_nf, LINES, strict=False)]
    places = {float(r.table.flows): f"{r.table.flows:,}" for r in results if r.table}
    dashed = "; dashed: C" if len(who) > 1 else ""
    drawing.lines(f"Time of a packet by number of flows, ns{dashed}", series, points, places)
