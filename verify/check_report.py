"""What came of `pyvigor run --check`, for people and as JSON."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from ipaddress import IPv4Address
from typing import Any

import numpy as np

HELD, BROKEN, NEVER_APPLIED, NOT_CHECKED = "held", "broken", "never applied", "not checked"
CASES = {1: "packet", 2: "pair", 3: "triple"}

SECOND = 10**9


@dataclass(frozen=True)
class Breach:
    """How a spec was broken."""

    packets: list[int]
    """The numbers of the case's packets in the capture, from 1."""
    after: int
    """Nanoseconds from the first packet of the capture to the first of these."""
    place: str
    """File and line of the spec's statement that failed."""
    statement: str
    error: str
    """The exception, unless that is a plain AssertionError."""
    seen: list[str]
    """What the assert compared."""


@dataclass
class Checked:
    """A spec, and what came of it."""

    name: str
    packets: int
    """How many a case of it has."""
    cases: int = 0
    applied: int = 0
    """In how many of them the assumptions were true."""
    breach: Breach | None = None
    """The first one; the spec is not run any more after it."""
    refusal: str = ""
    """Why the spec cannot be run on a capture."""

    @property
    def result(self) -> str:
        if self.refusal:
            return NOT_CHECKED
        if self.breach is not None:
            return BROKEN
        return HELD if self.applied else NEVER_APPLIED


@dataclass(frozen=True)
class Difference:
    """The first packet that native code does something else with than CPython."""

    packet: int
    interpreted: str
    native: str


@dataclass
class Report:
    """What came of a check."""

    file: str
    """Of the specs."""
    packets: int = 0
    seconds: float = 0.0
    specs: list[Checked] = field(default_factory=list)
    failure: str | None = None
    """What the NF did that no NF may do; the check ends there."""
    is_native_compared: bool = False
    difference: Difference | None = None

    @property
    def is_clean(self) -> bool:
        return not (self.failure or self.difference or any(s.breach for s in self.specs))


def as_object(report: Report) -> dict[str, Any]:
    """The report as an object of JSON."""
    specs = [{**asdict(checked), "result": checked.result} for checked in report.specs]
    return {**asdict(report), "specs": specs}


def spec_lines(report: Report) -> Iterator[str]:
    """What came of each spec."""
    speed = f", {report.packets / report.seconds:,.0f} packets/s" if report.packets else ""
    yield f"check: {counted(len(report.specs), 'spec')} of {report.file}{speed}"
    width = max((len(checked.name) for checked in report.specs), default=0)
    for checked in report.specs:
        yield f"  {checked.result:<13}  {checked.name:<{width}}  {extent(checked)}"
        if checked.breach is not None:
            yield from (f"                 {line}" for line in breach_lines(checked.breach))


def comparison_lines(report: Report) -> Iterator[str]:
    """Whether native code did the same."""
    if report.difference is not None:
        yield f"check: native code differs at packet {report.difference.packet}"
        yield f"  interpreted: {report.difference.interpreted}"
        yield f"  native: {report.difference.native}"
    elif report.is_native_compared:
        yield "check: interpreted and native, every verdict and every byte is the same"


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def extent(checked: Checked) -> str:
    """What the spec was run on."""
    if checked.refusal:
        return checked.refusal
    thing = CASES.get(checked.packets, f"choice of {checked.packets} packets")
    return f"{checked.applied:,} of {counted(checked.cases, thing)}"


def breach_lines(breach: Breach) -> Iterator[str]:
    """Where, when and how a spec was broken."""
    first, *others = (str(number) for number in breach.packets)
    with_others = f", with {' and '.join(others)}" if others else ""
    after = f"{breach.after / SECOND:.6f}"
    yield f"at packet {first}{with_others}; {after} s after the capture's first packet"
    yield f"{breach.place}: {breach.statement}"
    if breach.error:
        yield breach.error
    yield from breach.seen


# ---------------------------------------------------------------- values

FEW = 4  # entries of a view that are shown
_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxlong = 160


def seen(values: Sequence[tuple[str, Any]]) -> list[str]:
    """What expressions were, a line each; of several dictionaries, where they differ."""
    first, *others = [value for _, value in values if isinstance(value, dict)] or [{}]
    shared = [k for k, v in first.items() if others and all(k in o and o[k] == v for o in others)]
    lines = {}
    for text, value in values:
        if isinstance(value, dict):
            rest = {key: entry for key, entry in value.items() if key not in shared}
            same = f", and {len(shared)} more that agree" if shared else ""
            lines[text] = in_short(text, rest) + same
        else:
            lines[text] = in_short(text, value)
    return [f"{text}: {line}" for text, line in lines.items()]


def in_short(name: str, value: Any) -> str:
    """A value in few words; its name says whether it is an address."""
    if isinstance(value, dict):
        items = [f"{key}: {in_short('', entry)}" for key, entry in list(value.items())[:FEW]]
        return "{" + "; ".join(items + ["…"] * (len(value) > FEW)) + "}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        parts = zip(value._fields, value, strict=True)
        return ", ".join(f"{field} {in_short(field, part)}" for field, part in parts)
    if isinstance(value, IntEnum):
        return f"{value.name} ({int(value)})"
    if isinstance(value, int | np.integer) and "address" in name and 0 <= value < 2**32:
        return str(IPv4Address(int(value)))
    return _SHORT.repr(value.item() if isinstance(value, np.generic) else value)
