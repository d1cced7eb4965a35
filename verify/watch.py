"""`pyvigor verify --watch`: prove again whenever a file is saved, and only what that changes.

While the network function stays as it is, the paths of `process` are kept, and a spec that was
edited is proved behind them.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path

from verify import fingerprint
from verify.errors import UsageError
from verify.fingerprint import Stamp
from verify.known import Known, is_of_library
from verify.network_function import check_convention
from verify.prepare import prover_of
from verify.prover import Prover
from verify.replay import Replay
from verify.report import Report
from verify.result import Result
from verify.sources import Sources, read, specs_in
from verify.subset import check_spec
from verify.values import Unsupported

INTERVAL = 0.1  # seconds between two looks at the files


@dataclass
class Watch:
    """A network function with its specs, or one of them."""

    target: str
    wanted: str
    spec_file: str | None
    jobs: int
    form: str | None
    found: dict[str, Result] = field(default_factory=dict)  # by digest; before what they rest on
    relied: dict[str, Result] = field(default_factory=dict)
    sources: Sources | None = None
    prover: Prover | None = None  # that has executed `process`
    own: list[Result] = field(default_factory=list)  # of `process` and the constructor

    def forever(self) -> None:
        """Prove, and wait until a file is saved, until interrupted."""
        files = set(read(self.target, self.wanted, self.spec_file).files)
        while True:
            stamps = stamps_of(files)
            try:
                self.prove_again()
            except (UsageError, Unsupported) as error:
                print(f"pyvigor: {error}", file=sys.stderr)
            if self.sources is not None and not files >= self.sources.files.keys():
                files |= self.sources.files.keys()  # it imports more than before
                stamps = stamps_of(files)
            print(f"waiting for {', '.join(sorted(map(os.path.relpath, files)))}", flush=True)
            while stamps_of(files) == stamps:
                time.sleep(INTERVAL)

    def prove_again(self) -> None:
        """Prove what is not known of the files as they are now."""
        began = time.monotonic()
        sources = self.read()
        check_convention(sources.nf)
        prover = self.prover_of(sources)
        digests = {part.name: part.digest for part in Known().parts(sources)}
        prover.specs = [spec for spec in sources.specs if digests[spec.name] not in self.found]
        for result in prover.spec_parts(self.jobs):
            self.found[digests[result.name]] = result
        report = Report(self.form)
        report.begin(f"{sources.nf.name} ({sources.nf.module.path})")
        parts = [*self.own, *(self.found[digests[spec.name]] for spec in sources.specs)]
        prover.relied = dict(self.relied)
        prover.uses = {name: result.relied for name, result in self.relied.items()}
        prover.found, prover.jobs, prover.note = [], self.jobs, report.add
        prover.take_all(map(copy, parts))  # what they rest on is noted in them
        self.relied = prover.relied
        report.end(prover.found, time.monotonic() - began)

    def read(self) -> Sources:
        """The files as they are now; while the NF is as it was, in the same program."""
        fresh = read(self.target, self.wanted, self.spec_file)
        before = self.sources
        if before is None or texts_of(before) != texts_of(fresh) or before.spec_module is None:
            self.sources, self.prover = fresh, None
            self.relied = {name: r for name, r in self.relied.items() if is_of_library(name)}
            return fresh
        before.program.forget(fingerprint.closure(before.nf.module))
        module = before.program.load(before.spec_module.name)
        specs = [spec for spec in specs_in(module) if self.wanted in ("", spec.name)]
        self.sources = replace(before, spec_module=module, specs=specs)
        return self.sources

    def prover_of(self, sources: Sources) -> Prover:
        """A prover that has executed `process`, with these specs."""
        if self.prover is None:
            prover = prover_of(sources)
            self.own = list(prover.own_parts())
            self.prover = prover
        elif sources.spec_module is not None:
            check_spec(sources.spec_module)
        return replace(self.prover, replay=Replay(sources.program, sources.modules))


def texts_of(sources: Sources) -> dict[Path, str]:
    """The files of the network function, without its specs."""
    return {module.path: module.text for module in fingerprint.closure(sources.nf.module)}


def stamps_of(files: Iterable[Path]) -> dict[Path, Stamp | None]:
    """How the files are now; an editor may have one away for a moment."""
    return {file: Stamp.of(file) if file.is_file() else None for file in files}
