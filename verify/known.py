"""What is known of targets before anything is proved: the verdicts in a cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from verify import fingerprint
from verify.cache import Cache, NoCache
from verify.fingerprint import Stamp
from verify.program import Program
from verify.result import Result
from verify.solver_options import SolverOptions
from verify.source import Class, Function
from verify.sources import Sources

LIBRARY = "libvig"


class Part(NamedTuple):
    """What is proved by itself: `process`, the constructor, a spec, or any other function."""

    name: str
    subject: Function | Class
    digest: str


@dataclass
class Known:
    """Verdicts that were reached before with the same options, and those that come now."""

    cache: Cache = field(default_factory=NoCache)
    options: SolverOptions = field(default_factory=SolverOptions)
    stamps: dict[Path, Stamp] = field(default_factory=dict)

    def note_files(self, sources: Sources) -> None:
        """Note how the files are, to see later whether one was written to meanwhile."""
        for path in sources.files:
            self.stamps.setdefault(path, Stamp.of(path))

    def parts(self, sources: Sources) -> list[Part]:
        """`process`, the constructor, and the specs."""
        self.note_files(sources)
        nf = sources.nf
        own = {nf.is_safe: nf.process, nf.begins_right: nf.constructor}
        digests = [fingerprint.of_network_function(nf.module, name) for name in own]
        found = [Part(*item, self._digest(d)) for item, d in zip(own.items(), digests, strict=True)]
        for spec in sources.specs:
            digest = self._digest(fingerprint.of_spec(nf.module, spec))
            found.append(Part(spec.name, spec, digest))
        return found

    def function(self, name: str, program: Program) -> Part:
        """A function of libvig, or a helper that a network function relies on, by its full name."""
        subject = program.locate(name)
        if is_of_library(name):
            digest = fingerprint.of_library(name)
        else:
            digest = fingerprint.of_network_function(subject.module, name)
        return Part(name, subject, self._digest(digest))

    def recall(self, parts: Iterable[Part]) -> dict[str, Result]:
        """The results that are known, by name."""
        found = {}
        for part in parts:
            result = self.cache.get(part.digest, part.name)
            if result is not None:
                result.place = result.defined = part.subject.site.place
                result.about = part.subject.docstring
                found[part.name] = result
        return found

    def recall_functions(
        self, names: Iterable[str], program: Program, is_meant: Callable[[str], bool]
    ) -> dict[str, Result]:
        """What is known of these functions and those they rely on, as far as they are meant."""
        found: dict[str, Result] = {}
        pending = set(names)
        while pending:
            new = sorted(name for name in pending - found.keys() if is_meant(name))
            recalled = self.recall(self.function(name, program) for name in new)
            found |= recalled
            pending = set(relied(recalled.values()))
        return found

    def keep(self, sources: Sources, results: Iterable[Result]) -> None:
        """Keep verdicts on a network function, if nobody wrote to its files meanwhile."""
        if all(
            path.is_file()
            and Stamp.of(path) == self.stamps[path]
            and path.read_text("utf-8") == text
            for path, text in sources.files.items()
        ):
            parts = {part.name: part for part in self.parts(sources)}
            for result in results:
                part = parts.get(result.name) or self.function(result.name, sources.program)
                self._put(part, result)

    def keep_functions(self, results: Iterable[Result], program: Program) -> None:
        """Keep verdicts on functions of libvig."""
        for result in results:
            self._put(self.function(result.name, program), result)

    def _put(self, part: Part, result: Result) -> None:
        if fingerprint.tool_is_unchanged():
            self.cache.put(part.digest, result)

    def _digest(self, subject: str) -> str:
        return fingerprint.digest(subject, *map(str, self.options))


def is_of_library(name: str) -> bool:
    """Whether a function is of libvig, by its full name."""
    return name.startswith(f"{LIBRARY}.")


def is_helper(name: str) -> bool:
    """Whether it is in a file of the user's."""
    return not is_of_library(name)


def relied(results: Iterable[Result]) -> list[str]:
    """Names of the functions that these rely on."""
    return list(dict.fromkeys(name for result in results for name in result.relied))
