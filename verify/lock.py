"""pyvigor.lock: what is proved of a project, as somebody has reviewed it.

The file lists every property with a digest of what it says, and what the proof takes for granted.
So a property that is deleted, or says something else, does not go unnoticed: the file has to change
with it, and is reviewed as code is.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from verify import fingerprint
from verify.errors import UsageError
from verify.formats.document import Problem
from verify.network_function import NetworkFunction
from verify.source import Class, Contract, Module, Site
from verify.sources import Sources

FILE = "pyvigor.lock"
VERSION = 1
HEAD = (
    "# What is proved here. Written by `pyvigor gate --update`; review it as you review code.\n\n"
)
UPDATE = "if it is meant, write it down with pyvigor gate --update"
SHORT = 16  # hexadecimal digits of a digest


@dataclass(frozen=True)
class Entry:
    """What is recorded of a network function."""

    requires: list[str]
    """What the caller of `process` guarantees."""
    settings: list[str]
    """Under which settings all this is proved."""
    words: str
    """A digest of what the words of both mean."""
    specs: dict[str, str]
    """Digests of what they say."""

    @classmethod
    def of(cls, sources: Sources) -> Entry:
        """What there is to record now."""
        nf = sources.nf
        rules = list(_rules_for_settings(nf))
        contracts = [*nf.process.requires, *(rule for _, rule in rules)]
        return cls(
            sorted(contract.text for contract in nf.process.requires),
            sorted(text for text, _ in rules),
            fingerprint.of_words(nf, contracts)[:SHORT],
            {s.name: fingerprint.of_statement(nf, s)[:SHORT] for s in sources.specs},
        )


@dataclass(frozen=True)
class Lock:
    """The whole file; network functions by target."""

    libvig: bool
    nfs: dict[str, Entry]

    @classmethod
    def of(cls, targets: Sequence[Sources], *, libvig: bool) -> Lock:
        """What there is to record now."""
        return cls(libvig, {sources.target: Entry.of(sources) for sources in targets})

    @classmethod
    def read(cls, file: Path) -> Lock | None:
        """What was recorded; None if nothing was. Raises UsageError if that cannot be read."""
        try:
            found = tomllib.loads(file.read_text("utf-8"))
            if found["version"] != VERSION:
                raise UsageError(
                    f"{file}: is of version {found['version']}, this pyvigor writes {VERSION}; "
                    "write it anew with pyvigor gate --update"
                )
            entries = {name: _entry(value) for name, value in found["nf"].items()}
            return cls(bool(found["libvig"]), entries)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{file}: cannot be read ({type(error).__name__}: {error}); take it from version "
                "control, or write it anew with pyvigor gate --update"
            ) from None

    def text(self) -> str:
        """The file's content."""
        nfs = {name: vars(entry) for name, entry in self.nfs.items()}
        document = {"version": VERSION, "libvig": self.libvig, "nf": nfs}
        return HEAD + tomli_w.dumps(document, multiline_strings=False)


def differences(lock: Lock, now: Lock, targets: Sequence[Sources]) -> Iterator[Problem]:
    """In what the project is not as it was recorded."""
    if lock.libvig != now.libvig:
        yield gone("libvig") if lock.libvig else new("libvig", FILE)
    for name in sorted(lock.nfs.keys() - now.nfs.keys()):
        yield gone(name)
    for sources in targets:
        recorded = lock.nfs.get(sources.target)
        if recorded is None:
            yield new(sources.target, sources.nf.process.site.place)
            continue
        entry = now.nfs[sources.target]
        yield from _of_conditions(recorded, entry, sources)
        yield from _of_specs(recorded.specs, entry.specs, sources)


def _of_conditions(recorded: Entry, now: Entry, sources: Sources) -> Iterator[Problem]:
    target, nf = sources.target, sources.nf
    requires = {contract.text: contract for contract in nf.process.requires}
    caller = f"what {target} requires of its caller"
    yield from _changed(caller, recorded.requires, requires, nf.process.site)
    settings = dict(_rules_for_settings(nf))
    allowed = f"which settings {target} allows"
    whose = next((cls.site for cls in _classes_of_settings(nf)), nf.constructor.site)
    yield from _changed(allowed, recorded.settings, settings, whose)
    is_written_alike = (recorded.requires, recorded.settings) == (now.requires, now.settings)
    if is_written_alike and recorded.words != now.words:
        what = f"what the words mean in which {target} states its conditions"
        yield changed(what, nf.process.site.place)


def _of_specs(
    recorded: Mapping[str, str], now: Mapping[str, str], sources: Sources
) -> Iterator[Problem]:
    for name in sorted(recorded.keys() - now.keys()):
        yield gone(f"{sources.target}::{name}")
    for spec in sources.specs:
        name, place = f"{sources.target}::{spec.name}", spec.site.place
        if spec.name not in recorded:
            yield new(name, place)
        elif recorded[spec.name] != now[spec.name]:
            yield changed(f"what {name} says", place)


def _changed(
    what: str, recorded: Sequence[str], now: Mapping[str, Contract], whose: Site
) -> Iterator[Problem]:
    """What is new is at its line; what is gone has none."""
    for text in sorted(now.keys() - {*recorded}):
        yield changed(what, now[text].site.place, f": `{text}` is new")
    for text in sorted({*recorded} - now.keys()):
        yield changed(what, whose.place, f": `{text}` is gone")


def gone(what: str) -> Problem:
    reason = f"{what} is recorded in {FILE}, and is not verified any more; {UPDATE}"
    return Problem("gone", what, reason, FILE, "What was proved before is not verified any more.")


def changed(what: str, place: str, how: str = "") -> Problem:
    reason = f"{what} is not what {FILE} records{how}; {UPDATE}"
    return Problem(
        "changed", f"{what}{how}", reason, place, "A property does not say what was recorded."
    )


def new(what: str, place: str) -> Problem:
    reason = f"{what} is not recorded in {FILE}; write it down with pyvigor gate --update"
    return Problem("not-recorded", what, reason, place, "A property could be deleted unnoticed.")


def _rules_for_settings(nf: NetworkFunction) -> Iterator[tuple[str, Contract]]:
    """What is refused at start-up; of settings that are part of others, whose it is."""
    yield from ((contract.text, contract) for contract in nf.constructor.requires)
    whole = _classes_of_settings(nf)
    pending = list(whole)
    for cls in pending:
        whose = "" if cls in whole else f"{cls.name}: "
        yield from ((f"{whose}{contract.text}", contract) for contract in cls.invariants)
        for annotation in cls.fields.values():
            pending += [part for part in _classes(annotation, cls.module) if part not in pending]


def _classes_of_settings(nf: NetworkFunction) -> list[Class]:
    """What the constructor takes."""
    return [cls for _, kind in nf.constructor.parameters for cls in _classes(kind, nf.module)]


def _classes(annotation: ast.expr | None, module: Module) -> list[Class]:
    """The user's classes that a type is made of."""
    names = [n.id for n in ast.walk(annotation or ast.Pass()) if isinstance(n, ast.Name)]
    found = [module.lookup_type(name) for name in names]
    return [cls for cls in found if cls is not None and not cls.module.is_library]


def _entry(value: Mapping[str, Any]) -> Entry:
    specs = {str(name): str(digest) for name, digest in value["specs"].items()}
    requires, settings = ([str(v) for v in value[key]] for key in ("requires", "settings"))
    return Entry(requires, settings, str(value["words"]), specs)
