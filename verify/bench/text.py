"""What was measured, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from verify.bench.latency import BURSTS, Latency
from verify.bench.race import IN_C, OURS, PLAIN
from verify.bench.result import Result, Skipped
from verify.bench.rounds import Spread
from verify.bench.traffic import Shape

NONE = "-"
WHO = {OURS: "", PLAIN: "without looking ahead", IN_C: "in C"}

THROUGHPUT = (
    ("", 43),
    ("Mpackets/s", 11),
    ("ns/packet", 10),
    ("lowest to highest", 18),
    ("in C", 8),
    ("ratio to C", 11),
    ("lowest to highest", 18),
    ("bytes/flow", 11),
    ("in C", 7),
)
"""Columns and their widths: each row is printed as soon as it is known."""

START_UP = ("", "first, compiling", "processor time", "later", "processor time")


def heading(machine: dict[str, Any], shape: Shape, rounds: int) -> Iterator[str]:
    yield f"{machine['processor']}, {machine['processors']} processors"
    yield f"Python {machine['python']}, Numba {machine['numba']}; C: {machine['c']}"
    of = "all flows alike" if shape.zipf is None else f"flows by Zipf's law, exponent {shape.zipf}"
    churn = f", {shape.churn:.2%} of the packets of new flows" if shape.churn else ""
    yield f"frames of {shape.size} bytes, {of}{churn}; one at a time, from memory, on one core;"
    if shape.tick > 1:
        yield f"a clock with ticks of {shape.tick:,} ns;"
    yield f"processor time; medians of {rounds} interleaved rounds, and ratios within a round"
    yield _wide([title for title, _ in THROUGHPUT])


def throughput(result: Result) -> Iterator[str]:
    """Rows below the heading."""
    yield _wide([_name(result), *_times(result.ours, result.in_c, result.ratio), *_sizes(result)])
    if result.plain:
        name = "  without looking ahead"
        yield _wide([name, *_times(result.plain, result.in_c, result.plain_ratio)])


def not_measured(skipped: Skipped) -> str:
    return f"{skipped.nf}: not with {skipped.flows:,} flows: {skipped.reason}"


def _wide(cells: Sequence[str]) -> str:
    widths = [width for _, width in THROUGHPUT]
    first, *others = zip(cells, widths, strict=False)
    right = (f"{text:>{width}}" for text, width in others)
    return f"{first[0]:<{first[1]}}{''.join(right)}".rstrip()


def report(results: Sequence[Result], clock: Latency) -> Iterator[str]:
    """All but the throughput."""
    yield from _latency(results, clock)
    rows = [_start_up(result) for result in results if result.start_up]
    if rows:
        yield ""
        yield "pyvigor run, from its start to its end, in seconds:"
        yield from _table([START_UP, *rows])


def _times(ours: Spread, in_c: Spread | None, ratio: Spread | None) -> Sequence[str]:
    return (
        f"{1000 / ours.median:.2f}",
        f"{ours.median:.1f}",
        f"{ours.lowest:.1f} to {ours.highest:.1f}",
        f"{in_c.median:.1f}" if in_c else NONE,
        f"{ratio.median:.2f}" if ratio else NONE,
        f"{ratio.lowest:.2f} to {ratio.highest:.2f}" if ratio else NONE,
    )


def _sizes(result: Result) -> Iterator[str]:
    for who in (OURS, IN_C):
        size = result.bytes_per_flow(who)
        yield NONE if size is None else f"{size:.1f}"


def _name(result: Result) -> str:
    if result.table is None:
        return result.nf
    unit = result.unit + "s"
    return f"{result.nf}, {result.table.flows:,} of {result.table.capacity:,} {unit}"


def _latency(results: Sequence[Result], clock: Latency) -> Iterator[str]:
    columns = ("", "p50", "p99", "p99.9", "longest")
    rows = [
        (" ".join(filter(None, (_name(result), WHO[who]))), *_row(found))
        for result in results
        for who, found in result.latency.items()
    ]
    if not rows:
        return
    yield ""
    yield "A packet, in nanoseconds, the clock included:"
    yield from _table([columns, ("the clock alone", *_row(clock)), *rows])
    rows = [
        (" ".join(filter(None, (result.nf, WHO[who]))), *_row(burst.latency), f"{burst.stall:,.0f}")
        for result in results
        for who, burst in result.expiry.items()
    ]
    if rows:
        most = max(burst.flows for result in results for burst in result.expiry.values())
        yield ""
        yield f"The {clock.packets:,} packets after {most:,} have expired at once:"
        yield from _table([(*columns, f"in the quietest of {BURSTS} times"), *rows])


def _row(latency: Latency) -> Sequence[str]:
    return tuple(f"{value:,.0f}" for value in latency[1:])


def _start_up(result: Result) -> Sequence[str]:
    assert result.start_up is not None
    return result.nf, *(f"{seconds:.2f}" for run in result.start_up for seconds in run)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        cells = [f"{first[0]:<{first[1]}}", *(f"{text:>{width}}" for text, width in others)]
        yield "  ".join(cells).rstrip()
