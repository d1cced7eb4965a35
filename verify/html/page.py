"""The page: one file of HTML that loads nothing, works without JavaScript, and prints."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import z3
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from verify.cli import version
from verify.html.sources import address_of
from verify.html.subjects import (
    GRAVEST_FIRST,
    LibrarySubject,
    NetworkFunctionSubject,
    Property,
    Subject,
)
from verify.report import TRUSTED, counted
from verify.result import Verdict

VERDICTS = (Verdict.PROVED, Verdict.REFUTED, Verdict.UNKNOWN, Verdict.ASSUMED)
SYMBOLS = {
    Verdict.PROVED: "✓",
    Verdict.REFUTED: "✗",
    Verdict.UNKNOWN: "?",
    Verdict.ASSUMED: "≈",
    Verdict.BOUNDED: "…",
}
MEANINGS = {
    Verdict.PROVED: "for all packets, states and times",
    Verdict.REFUTED: "by a counterexample that was replayed on the real code",
    Verdict.UNKNOWN: "the solver gave up: counts as failure",
    Verdict.ASSUMED: "not proved: taken for granted, for the reason that is given",
}

LIBRARY_SUMMARY = "The structures, packet views and checksums that network functions are made of."


@dataclass(frozen=True)
class Page:
    """All that the page tells."""

    network_functions: Sequence[NetworkFunctionSubject]
    library: Sequence[LibrarySubject]
    seconds: float

    @property
    def subjects(self) -> list[Subject]:
        return [*self.network_functions, *self.library]

    @cached_property
    def counts(self) -> Counter[Verdict]:
        """How many results there are of each verdict."""
        return Counter(p.result.verdict for s in self.subjects for p in s.properties)

    @property
    def headline(self) -> str:
        """The outcome in a sentence."""
        total = self.counts.total()
        for verdict in GRAVEST_FIRST:
            if self.counts[verdict]:
                found = self.counts[verdict]
                return (
                    f"{found} of {number_of(total, 'property')} {'is' if found == 1 else 'are'} "
                    f"{verdict.value}"
                )
        return f"All {number_of(total, 'property')} are proved"

    @property
    def account(self) -> str:
        """What the properties are of."""
        functions = [p for nf in self.network_functions for p in nf.properties]
        rest = self.counts.total() - len(functions)
        parts = [
            f"{number_of(len(functions), 'property')} of "
            f"{counted(len(self.network_functions), 'network function')}"
            if functions
            else "",
            f"{number_of(rest, 'property')} of libVig, from which they are made" if rest else "",
        ]
        return f"{', and '.join(filter(None, parts))}."

    @property
    def cards(self) -> list[Subject]:
        """The network functions, and libVig as a whole."""
        properties = [p for module in self.library for p in module.properties]
        whole = Subject("libvig", "libVig", "", Markup.escape(LIBRARY_SUMMARY), [], properties)
        return [*self.network_functions, *([whole] if properties else [])]

    @property
    def summary(self) -> str:
        """The counts, as `pyvigor verify` prints them."""
        text = ", ".join(f"{self.counts[verdict]} {verdict.value}" for verdict in VERDICTS)
        return f"{text} in {self.seconds:.1f} s"

    @property
    def failed(self) -> list[tuple[Subject, Property]]:
        """What is not proved, and of what it is a property; what is refuted comes first."""
        found = [(s, p) for s in self.subjects for p in s.properties if not p.is_proved]
        return sorted(found, key=lambda pair: pair[1].result.verdict is not Verdict.REFUTED)


def html(page: Page) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("verify.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["counted"] = number_of
    environment.filters["standard_address"] = address_of
    environment.globals.update(
        verdicts=VERDICTS,
        symbols=SYMBOLS,
        meanings=MEANINGS,
        trusted=TRUSTED,
        style=Markup(environment.get_template("style.css").render()),
        tools=", ".join(tools()),
        now=datetime.now(UTC),
    )
    return environment.get_template("page.html").render(page=page)


def tools() -> list[str]:
    """What it was made with."""
    python, solver = platform.python_version(), z3.get_version_string()
    return [f"pyvigor {version()}", f"CPython {python}", f"Z3 {solver}"]


def number_of(number: int, thing: str) -> str:
    """So many things, with the thousands apart."""
    return counted(number, thing).replace(str(number), f"{number:,}", 1)
