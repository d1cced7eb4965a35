"""`pyvigor verify --engine crosshair`: a hunt for counterexamples, within a time."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import time
from collections.abc import Generator
from typing import Any

import numpy as np

from verify.crosshair.findings import Finding, Searched
from verify.crosshair.hosts import Spec, Task, searched
from verify.crosshair.replay import Judge
from verify.crosshair.settings import small_config
from verify.errors import UsageError
from verify.network_function import NetworkFunction
from verify.prover import Prover
from verify.result import Result, Verdict
from verify.source import Function

BUDGET = 60.0  # seconds for all properties of an NF together
NAME = "crosshair"


def check_installed() -> None:
    """Raise UsageError if CrossHair is not there; it is not imported, as contracts stay on."""
    if importlib.util.find_spec("crosshair") is None:
        raise UsageError(
            "--engine crosshair needs CrossHair; install it with: pip install 'pyvigor[crosshair]'"
        )


def hunt(prover: Prover, seconds: float, jobs: int) -> Generator[Result, None, None]:
    """What comes of each property, as it is known: refuted, bounded, or unknown.

    It takes so many seconds, in as many processes as there are jobs.
    """
    end, nf = time.monotonic() + seconds, prover.verification.nf
    config = small_config_of(prover, nf)
    judge = Judge(prover.replay, nf, config)
    settings = {
        name: value.tolist() if isinstance(value, np.ndarray) else int(value)
        for name, value in config._asdict().items()
    }
    specs: list[Spec] = [None, *prover.specs]
    results = {id(spec): new_result(nf, spec) for spec in specs}
    dismissed: dict[int, int] = {}

    def counts(spec: Spec, finding: Finding) -> bool:
        does_count = judge.refutes(results[id(spec)], spec, finding)
        dismissed[id(spec)] = dismissed.get(id(spec), 0) + (not does_count)
        return does_count

    shares = [specs[number::jobs] for number in range(jobs)]
    tasks = [Task(nf, settings, share, end) for share in shares if share]
    for spec, found in searched(tasks, counts):
        yield settled(results[id(spec)], found, dismissed.get(id(spec), 0))


def small_config_of(prover: Prover, nf: NetworkFunction) -> Any:
    """Settings for the search, of the NF's own class."""
    ((_, annotation),) = nf.constructor.parameters
    assert annotation is not None
    with prover.replay.world():
        module = importlib.import_module(nf.module.name)
        return small_config(getattr(module, ast.unparse(annotation)))


def new_result(nf: NetworkFunction, spec: Spec) -> Result:
    """A result that nothing is known of yet."""
    subject: Function = spec or nf.process
    name = spec.name if spec else f"{nf.name}: safe, and keeps its invariant"
    place = subject.site.place
    return Result(name, Verdict.UNKNOWN, place, defined=place, about=subject.docstring, engine=NAME)


def settled(result: Result, found: Searched, dismissed: int) -> Result:
    """The result with its verdict: what was not refuted was at most looked at."""
    result.paths, result.seconds = found.paths, found.seconds
    if result.verdict is Verdict.REFUTED:
        return result
    if found.trouble:
        result.reason = f"CrossHair came to no end: {found.trouble}"
    elif not found.applied:
        result.reason = (
            "nothing was looked at: its assumptions held on none of the paths; "
            "try a larger --budget"
        )
    else:
        result.verdict = Verdict.BOUNDED
    result.dismissed = dismissed
    return result
