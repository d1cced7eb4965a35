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
from typing import Any, NamedTuple

import tomli_w

from verify import fingerprint
from verify.errors import UsageError
from verify.network_function import NetworkFunction
from verify.sources import Sources

FILE = "pyvigor.lock"
VERSION = 1
HEAD = "# What is proved here. Written by `pyvigor gate --update`; review it as you review code.\n\n"
UPDATE = "if it is meant, write it down with pyvigor gate --update"
SHORT = 16  # hexadecimal digits of a digest


class Finding(NamedTuple):
    """Something that shuts the gate, beyond what is not proved."""

    name: str
    place: str  # file:line
    message: str


@dataclass(frozen=True)
class Entry:
    """What is recorded of a network function."""

    requires: list[str]
    """What the caller of `process` guarantees."""
    settings: list[str]
    """Under which settings all this is proved."""
    specs: dict[str, str]
    """Digests of what they say."""

    @classmethod
    def of(cls, sources: Sources) -> Entry:
        """What there is to record now."""
        nf = sources.nf
        return cls(
            sorted(contract.text for contract in nf.process.requires),
            sorted(_rules_for_settings(nf)),
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


def differences(lock: Lock, now: Lock, targets: Sequence[Sources], file: str) -> Iterator[Finding]:
    """In what the project is not as it was recorded. The file is where what is gone was told."""
    if lock.libvig and not now.libvig:
        yield Finding("libvig", file, f"is recorded as proved as a whole, and is not now; {UPDATE}")
    for name in lock.nfs.keys() - now.nfs.keys():
        yield Finding(name, file, f"is recorded, and is not verified any more; {UPDATE}")
    for sources in targets:
        recorded = lock.nfs.get(sources.target)
        place = sources.nf.process.site.place
        if recorded is None:
            yield Finding(sources.target, place, "is not recorded; write pyvigor gate --update")
        else:
            yield from _of_entry(recorded, now.nfs[sources.target], sources, file)


def _of_entry(recorded: Entry, now: Entry, sources: Sources, file: str) -> Iterator[Finding]:
    process = sources.nf.process.site.place
    for text in sorted({*now.requires} - {*recorded.requires}):
        yield Finding(sources.target, process, f"process now requires `{text}`; {UPDATE}")
    for text in sorted({*recorded.requires} - {*now.requires}):
        yield Finding(sources.target, process, f"process no longer requires `{text}`; {UPDATE}")
    builder = sources.nf.constructor.site.place
    if now.settings != recorded.settings:
        changed = sorted({*now.settings} ^ {*recorded.settings})
        rules = ", ".join(f"`{text}`" for text in changed)
        yield Finding(sources.target, builder, f"other settings are allowed now: {rules}; {UPDATE}")
    for name in recorded.specs.keys() - now.specs.keys():
        yield Finding(f"{sources.target}::{name}", file, f"is recorded, and is gone; {UPDATE}")
    for spec in sources.specs:
        name = f"{sources.target}::{spec.name}"
        if spec.name not in recorded.specs:
            yield Finding(name, spec.site.place, "is not recorded; write pyvigor gate --update")
        elif recorded.specs[spec.name] != now.specs[spec.name]:
            message = f"says something else than was recorded; {UPDATE}"
            yield Finding(name, spec.site.place, message)


def _rules_for_settings(nf: NetworkFunction) -> Iterator[str]:
    """What is refused at start-up."""
    yield from (contract.text for contract in nf.constructor.requires)
    for _, annotation in nf.constructor.parameters:
        config = nf.module.lookup_type(ast.unparse(annotation)) if annotation is not None else None
        if config is not None:
            yield from (contract.text for contract in config.invariants)


def _entry(value: Mapping[str, Any]) -> Entry:
    specs = {str(name): str(digest) for name, digest in value["specs"].items()}
    return Entry([str(v) for v in value["requires"]], [str(v) for v in value["settings"]], specs)
