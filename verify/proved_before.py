"""What the gate has proved before, for who proves one part of a network function at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from verify.cache import NoCache, cache_in
from verify.incremental import Found
from verify.known import Known
from verify.program import HOME, Program
from verify.project import nearest_project
from verify.result import Result
from verify.sources import read


class ProvedBefore:
    """A network function with a file of specs, and the cache of the project that this is in."""

    def __init__(self, target: str, spec_file: Path) -> None:
        project = nearest_project(spec_file.parent)
        self.known = Known(cache_in(project.folder) if project is not None else NoCache())
        self.sources = read(target, spec_file=str(spec_file))
        self.known.note_files(self.sources)
        self.library = Program([HOME])

    def result(self, name: str) -> Result | None:
        """A part that is known to be proved, as is all that it relies on."""
        specs = [spec for spec in self.sources.specs if spec.name == name]
        found = Found([replace(self.sources, specs=specs)], [], self.library, self.known)
        return found.of_target[self.sources.target][name] if found.is_all_there else None

    def keep(self, result: Result, library: Iterable[Result]) -> None:
        """Keep what is proved now."""
        self.known.keep(self.sources, [result])
        self.known.keep_functions(library, self.library)
