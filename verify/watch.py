"""`pyvigor verify --watch`: prove again whenever a file is saved, and only what that changes.

While the network function stays as it is, the paths of `process` are kept, and a spec that was
edited is proved behind them.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from verify import fingerprint
from verify.errors import UsageError
from verify.file_names import is_file_name
from verify.fingerprint import Stamp
from verify.known import Known, is_of_library
from verify.locate import places_of_specs
from verify.network_function import check_convention
from verify.parallel import Lost
from verify.prepare import prover_of
from verify.program import HOME, TOOL
from verify.prover import Prover
from verify.replay import Replay
from verify.report import Report
from verify.result import Result, Verdict
from verify.source import Function
from verify.sources import Sources, read, specs_in
from verify.subset import check_spec
from verify.values import Unsupported

INTERVAL = 0.1  # seconds between two looks at the files
SETTLING = 0.05  # seconds for which nothing is written to them, before they are read


class Look(NamedTuple):
    """How files are, and which others are beside them: a new one may be what is imported."""

    stamps: dict[Path, Stamp | None]  # None while an editor has one away
    beside: set[Path]

    @classmethod
    def at(cls, files: set[Path]) -> Look:
        stamps = {file: Stamp.of(file) if file.is_file() else None for file in files}
        folders = {file.parent for file in files}
        found = {file for folder in folders for file in folder.glob("[!.]*.py")}
        return cls(stamps, found)


class Found(NamedTuple):
    """A spec's result, before it is settled what it rests on, and of what it is."""

    result: Result
    texts: str  # digest of the files as they were written, which its lines are of


@dataclass
class Watch:
    """A network function with its specs, or one of them."""

    target: str
    wanted: str
    spec_file: str | None
    jobs: int
    form: str | None
    files: set[Path] = field(default_factory=set)
    found: dict[str, Found] = field(default_factory=dict)  # by digest
    relied: dict[str, Result] = field(default_factory=dict)
    sources: Sources | None = None
    prover: Prover | None = None  # that has executed `process`
    own: list[Result] = field(default_factory=list)  # of `process` and the constructor

    def forever(self) -> None:
        """Prove, and wait until a file is saved, until interrupted."""
        read(self.target, self.wanted, self.spec_file)  # or there is nothing to wait for
        while True:
            self.find_files()
            look = Look.at(self.files)  # before they are read, so that no edit is missed
            try:
                self.prove_again()
            except (UsageError, Unsupported) as error:
                print(f"pyvigor: {error}", file=sys.stderr)
            except (Lost, MemoryError, RecursionError) as error:
                print(f"pyvigor: the verifier did not get to an end: {error!r}", file=sys.stderr)
            names = sorted(os.path.relpath(f) for f, stamp in look.stamps.items() if stamp)
            print(f"waiting for {', '.join(names)}", flush=True)
            while Look.at(self.files) == look:
                time.sleep(INTERVAL)
            while (now := Look.at(self.files)) != look:  # until all of it is written
                look = now
                time.sleep(SETTLING)

    def find_files(self) -> None:
        """Add those that it is in now, as far as they can be read."""
        name = self.target.partition("=")[0]
        if is_file_name(name) and self.spec_file is None:
            self.files.update(places_of_specs(Path(name).resolve()))
        with contextlib.suppress(UsageError, RecursionError):  # which is told of by what proves
            sources = read(self.target, self.wanted, self.spec_file)
            with contextlib.suppress(UsageError):
                assert sources.files  # finds, and reads, what is imported
            self.files.update(
                path
                for name, path in sources.program.files.items()
                if path is not None and name.partition(".")[0] not in TOOL
            )

    def prove_again(self) -> None:
        """Prove what is not known of the files as they are now."""
        began = time.monotonic()
        sources = self.read()
        check_convention(sources.nf)
        prover = self.prover_of(sources)
        digests = {part.name: part.digest for part in Known().parts(sources)}
        texts = fingerprint.digest(*sources.files.values())
        prover.specs = [s for s in sources.specs if not self.is_known(digests[s.name], texts)]
        for result in prover.spec_parts(self.jobs):
            self.found[digests[result.name]] = Found(result, texts)
        report = Report(self.form)
        report.begin(f"{sources.nf.name} ({sources.nf.module.path})")
        specs = [placed(self.found[digests[spec.name]].result, spec) for spec in sources.specs]
        prover.relied = dict(self.relied)
        prover.uses = {name: result.relied for name, result in self.relied.items()}
        prover.found, prover.jobs, prover.note = [], self.jobs, report.add
        prover.take_all(iter([*map(copy, self.own), *specs]))  # what they rest on is noted in them
        self.relied = {name: r for name, r in prover.relied.items() if self.lasts(r)}
        report.end(prover.found, time.monotonic() - began)

    def is_known(self, digest: str, texts: str) -> bool:
        """Whether a spec is proved, or anything else was found of the very same lines."""
        found = self.found.get(digest)
        return found is not None and (
            found.result.verdict is Verdict.PROVED or found.texts == texts
        )

    def lasts(self, result: Result) -> bool:
        """Whether what is found of a function stays so while specs are edited."""
        return result.verdict is Verdict.PROVED and is_of_library(result.name)

    def read(self) -> Sources:
        """The files as they are now; while the NF is as it was, in the same program."""
        fresh = read(self.target, self.wanted, self.spec_file)
        before = self.sources
        if before is None or before.spec_module is None or not is_of_same(before, fresh):
            self.sources, self.prover = fresh, None
            return fresh
        before.program.forget(fingerprint.closure(before.nf.module))
        module = before.program.load(before.spec_module.name)
        specs = [spec for spec in specs_in(module) if self.wanted in ("", spec.name)]
        self.sources = replace(before, spec_module=module, specs=specs)
        return self.sources

    def prover_of(self, sources: Sources) -> Prover:
        """A prover that has executed `process`, with these specs."""
        forget_imported(sources)
        if self.prover is None:
            prover = prover_of(sources)
            self.own = list(prover.own_parts())
            self.prover = prover
        elif sources.spec_module is not None:
            check_spec(sources.spec_module)
        return replace(self.prover, replay=Replay(sources.program, sources.modules))


def is_of_same(before: Sources, now: Sources) -> bool:
    """Whether the network function is the same, and its specs are in the same file."""
    texts = (
        {module.path: module.text for module in fingerprint.closure(sources.nf.module)}
        for sources in (before, now)
    )
    return before.program.overlay == now.program.overlay and next(texts) == next(texts)


def forget_imported(sources: Sources) -> None:
    """Have the real code of these files imported anew."""
    for path in sources.files:
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) == str(path) and HOME not in path.parents:
                del sys.modules[name]


def placed(result: Result, spec: Function) -> Result:
    """The result, if the spec is elsewhere in its file now."""
    if result.verdict is not Verdict.PROVED:
        return copy(result)
    return replace(result, place=spec.site.place, defined=spec.site.place, about=spec.docstring)
