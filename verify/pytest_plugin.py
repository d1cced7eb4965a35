"""A plugin of pytest: `pytest specs/` proves every spec, as an item of its own.

pytest loads this in every run where pyvigor is installed. So nothing that takes time is imported
before there is a file of specs, and no solver before one of its items is run.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from verify.one_by_one import OneByOne, Part
    from verify.proved_before import ProvedBefore
    from verify.result import Result
    from verify.source import Site

PROVE, EXAMPLES = "prove", "examples"

LIBRARY = pytest.StashKey[dict[str, "Result"]]()
"""What this run has found of libvig, by name."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how specs are run."""
    parser.getgroup("pyvigor").addoption(
        "--specs",
        choices=[PROVE, EXAMPLES],
        default=PROVE,
        help="prove the specs in folders named specs (default), or run them as tests with "
        "examples that Hypothesis makes",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[Any], list[Any]]:
    """Collect a file of specs, which needs no name that pytest takes for a test's."""
    found = yield
    if any(isinstance(collector, Specs) for collector in found) or not _is_ours(file_path):
        return found
    return [*found, Specs.from_parent(parent, path=file_path)]


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Specs | None:
    """Keep pytest from importing a file of specs, which it does if the file is named."""
    return Specs.from_parent(parent, path=module_path) if _is_ours(module_path) else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse a project that the gate refuses: in one line, before any of its items is run."""
    if not _is_worker(session.config):
        _check_projects(session.config, (item.path for item in session.items))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """The same, where workers collect, of which none can end the run in one line."""
    config = node.config
    _check_projects(config, (config.rootpath / name.partition("::")[0] for name in ids))


def _check_projects(config: pytest.Config, files: Iterable[Path]) -> None:
    if config.getoption("--specs") != PROVE:
        return
    for folder in {path.parent for path in set(files) if _is_ours(path)}:
        from verify.errors import UsageError
        from verify.project import nearest_project

        try:
            nearest_project(folder)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None


def _is_worker(config: pytest.Config) -> bool:
    """Whether this is a process of pytest-xdist's."""
    return hasattr(config, "workerinput")


def _is_ours(path: Path) -> bool:
    if path.parent.name != "specs" or path.suffix != ".py":
        return False
    from verify.spec_files import is_spec_file

    return is_spec_file(path)


class Specs(pytest.File):
    """A file of specs, and the network function that they are about."""

    _prover: OneByOne | None = None
    _before: ProvedBefore | None = None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """One line on what cannot be read, found or followed."""
        from verify.pytest_failure import in_words

        if isinstance(excinfo.value, self.CollectError):
            return in_words(self.path, 1, str(excinfo.value))
        return super().repr_failure(excinfo)

    def collect(self) -> Iterable[Proof | Examples]:
        """One item a spec; proved, the network function itself has two."""
        from verify.errors import UsageError
        from verify.one_by_one import CONSTRUCTOR, PROCESS, SPEC, Part
        from verify.spec_files import read

        to_prove = self.config.getoption("--specs") == PROVE
        try:
            self.content = read(self.path, to_prove=to_prove)
        except UsageError as error:
            raise self.CollectError(str(error)) from None
        nf = self.content.nf
        if not to_prove:
            for spec in self.content.specs:
                yield Examples.from_parent(self, name=spec.name, site=spec.site)
            return
        parts = [(PROCESS, nf.process), (CONSTRUCTOR, nf.constructor)]
        for kind, function in [*parts, *((SPEC, spec) for spec in self.content.specs)]:
            part = Part(kind, function.name)
            yield Proof.from_parent(self, name=part.name, site=function.site, part=part)

    def prove(self, part: Part) -> Result:
        """The result of one part, settled with all that it rests on; it may be known."""
        from verify.one_by_one import CONSTRUCTOR, PROCESS, OneByOne
        from verify.parallel import default_jobs
        from verify.proved_before import ProvedBefore

        if self._before is None:
            self._before = ProvedBefore(self.content.target, self.path)
        nf = self.content.nf
        name = {PROCESS: nf.is_safe, CONSTRUCTOR: nf.begins_right}.get(part.kind, part.name)
        result = self._before.result(name)
        if result is not None:
            return result
        known = self.config.stash.setdefault(LIBRARY, {})
        if self._prover is None:
            jobs = 1 if _is_worker(self.config) else default_jobs()
            self._prover = OneByOne(self.content.target, str(self.path), known, jobs)
        try:
            answer = self._prover.prove(part)
        except BaseException:  # such as a time limit: what comes now must not answer what is next
            self.teardown()
            raise
        known.update((result.name, result) for result in answer.library)
        self._before.keep(answer.result, answer.library)
        return answer.result

    def teardown(self) -> None:
        """End the prover, once the next item is not of this file."""
        if self._prover is not None:
            self._prover.close()
            self._prover = None


class NotProved(Exception):
    """What an item has found, other than a proof."""

    def __init__(self, result: Result) -> None:
        super().__init__(f"{result.verdict.value}: {result.reason}")
        self.result = result


class SpecItem(pytest.Item):
    """Something that is said in a file of specs."""

    parent: Specs

    def __init__(self, *, site: Site, **others: Any) -> None:
        super().__init__(**others)
        self.site = site

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands; pytest counts lines from 0."""
        return self.site.path, self.site.line - 1, self.name


class Proof(SpecItem):
    """A theorem to prove."""

    def __init__(self, *, part: Part, **others: Any) -> None:
        super().__init__(**others)
        self.part = part

    def runtest(self) -> None:
        """Prove it."""
        from verify.result import Verdict

        result = self.parent.prove(self.part)
        self.user_properties.append(("verdict", result.verdict.value))
        if result.verdict is not Verdict.PROVED:
            raise NotProved(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The counterexample, below the source of what failed."""
        from verify.errors import InputError
        from verify.parallel import Lost
        from verify.pytest_failure import in_words, of_result

        if isinstance(excinfo.value, NotProved):
            return of_result(excinfo.value.result, self.config.getoption("tbstyle"))
        if isinstance(excinfo.value, InputError | Lost):
            return in_words(*self.site, str(excinfo.value))
        return super().repr_failure(excinfo, style)


class Examples(SpecItem):
    """A spec that is run as an ordinary test."""

    def runtest(self) -> None:
        """Run it on traffic that Hypothesis makes."""
        from verify.examples import cases_that_hold, specs_of

        specs = specs_of(self.parent.content.target, str(self.path))
        (spec,) = (spec for spec in specs if spec.__name__ == self.name)
        assert cases_that_hold(spec) > 0, f"{self.name} speaks of none of the examples"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Python's traceback, as far as it is in the spec and the network function."""
        from verify.errors import InputError
        from verify.pytest_failure import in_words

        if isinstance(excinfo.value, InputError):
            return in_words(*self.site, str(excinfo.value))
        ours = (self.path, self.parent.content.nf.module.path)
        excinfo.traceback = excinfo.traceback.filter(lambda entry: entry.path in ours)
        if not excinfo.traceback:
            return in_words(*self.site, excinfo.exconly())
        return super().repr_failure(excinfo, style)
