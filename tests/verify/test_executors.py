"""Where proofs are carried out does not matter to what comes of them."""

from __future__ import annotations

import json
import operator
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.verify.projects import edit, pyvigor, write_project
from verify import executors
from verify.batch import NetworkFunctionTask, prover_for
from verify.errors import UsageError
from verify.fingerprint import tool
from verify.parallel import Forked, Lost
from verify.result import Verdict
from verify.solver_options import SolverOptions
from verify.sources import read
from verify.worker import Share, results_of

distributed: Any = pytest.importorskip("distributed", reason="Dask is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of two workers on this machine, in processes of their own."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as workers:
        yield workers.scheduler_address.replace("tcp://", executors.DASK)


def verdicts(project: Path, *options: str) -> dict[str, str]:
    """What the gate finds of each property."""
    done = pyvigor(project, "gate", "--no-cache", "--output-format", "json", *options)
    assert done.returncode == 1, done.stderr  # nothing is recorded
    return {row["name"]: row["verdict"] for row in json.loads(done.stdout)["results"]}


def test_a_cluster_finds_the_same(cluster: str, tmp_path: Path) -> None:
    """Of a bug, too."""
    project = tmp_path / "project"
    project.mkdir()
    write_project(project)
    edit(project / "my_nf.py", "device == 0 else 0", "device == 0 else 1")
    here = verdicts(project)
    assert set(here.values()) == {"proved", "refuted"}
    assert verdicts(project, "--executor", cluster) == here


def test_a_cluster_is_an_executor(cluster: str) -> None:
    with executors.opened(cluster, 1) as executor:
        assert isinstance(executor, Executor)
        assert list(executor.map(operator.add, [1, 2], [10, 20])) == [11, 22]
        with pytest.raises(ZeroDivisionError):
            executor.submit(operator.floordiv, 1, 0).result()


@pytest.mark.parametrize(
    ("change", "words"),
    [({"tool": "another"}, "another pyvigor, Z3 or Python"), ({"folder": "/none"}, "no /none")],
)
def test_a_worker_that_is_not_like_home_is_refused(change: dict[str, Any], words: str) -> None:
    share = Share(str(Path.cwd()), tool(), [partial(operator.add, 1, 2)])
    assert results_of(share) == [3]
    with pytest.raises(UsageError, match=words):
        results_of(replace(share, **change))


def test_a_worker_that_is_lost_is_told() -> None:
    with pytest.raises(Lost, match="status"):
        results_of(Share(str(Path.cwd()), tool(), [partial(os._exit, 3)]))


def test_a_verdict_is_about_what_was_read(tmp_path: Path) -> None:
    """A worker may have other files under the same names, or they are written to meanwhile."""
    write_project(tmp_path)
    sources = read(str(tmp_path / "my_nf.py"))
    task = NetworkFunctionTask(SolverOptions(), sources.target, None, sources.digest, frozenset())
    assert [result.verdict for result in task()] == [Verdict.PROVED] * 2
    edit(tmp_path / "my_nf.py", "class Nop(", "\nclass Nop(")
    assert [result.verdict for result in task()] == [Verdict.PROVED] * 2  # on what it has read
    prover_for.cache_clear()
    with pytest.raises(UsageError, match="reads other files than"):
        task()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1:8786", "is no dask://HOST:PORT"),
        ("dask://127.0.0.1:1", "does not answer"),
        ("dask://nowhere", "does not answer"),
    ],
)
def test_a_cluster_that_is_not_there_is_told_in_one_line(address: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as error, executors.opened(address, 1):
        pass
    assert "\n" not in str(error.value)


# ---------------------------------------------------------------- processes on this machine


def test_processes_give_results_in_order() -> None:
    assert list(Forked(2).map(operator.add, [1, 2, 3], [10, 20, 30])) == [11, 22, 33]


def test_what_is_submitted_is_a_future() -> None:
    assert Forked(2).submit(operator.add, 1, 2).result() == 3
    with pytest.raises(ZeroDivisionError):
        Forked(2).submit(operator.floordiv, 1, 0).result()
