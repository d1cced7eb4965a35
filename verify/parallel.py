"""Tasks in processes of their own: as many at a time as are wanted, results in order.

Each is forked from this process, so it knows what is known so far, and what it does changes
nothing for the others. A solver's answer depends on all that it was asked before; so a task has
the same result whatever runs beside it or ran before it, on however many cores.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Lost(Exception):
    """A task's process ended without a result."""


def in_parallel(tasks: Sequence[Callable[[], T]], jobs: int) -> Iterator[T]:
    """The tasks' results, in the order of the tasks; what a task raises is raised here."""
    if "fork" not in multiprocessing.get_all_start_methods():
        yield from (task() for task in tasks)
        return
    waiting = list(enumerate(tasks))[::-1]
    running: dict[Connection, tuple[int, BaseProcess]] = {}
    outcomes: dict[int, object] = {}
    try:
        for wanted in range(len(tasks)):
            while wanted not in outcomes:
                while waiting and len(running) < jobs:
                    index, task = waiting.pop()
                    connection, process = _begin(task)
                    running[connection] = index, process
                for connection in cast("list[Connection]", wait(list(running))):
                    index, process = running.pop(connection)
                    outcomes[index] = _outcome(connection, process)
            outcome = outcomes.pop(wanted)
            if isinstance(outcome, Exception):
                raise outcome
            yield cast("T", outcome)
    finally:
        for connection, (_, process) in running.items():
            process.terminate()
            process.join()
            connection.close()


class Mapper(Executor):
    """An executor whose `map` runs in parallel, while `submit` comes back when the task is done."""

    jobs: int
    """How many tasks it carries out at a time."""

    def map(
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
    ) -> Iterator[T]:
        """Results in order. There is no timeout, and how many go together is decided here."""
        return self.run([partial(fn, *given) for given in zip(*iterables, strict=False)])

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            (result,) = self.run([partial(fn, *args, **kwargs)])
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)
        return future

    def run(self, tasks: Sequence[Callable[[], T]]) -> Iterator[T]:
        """The tasks' results, in order; what a task raises is raised here."""
        raise NotImplementedError


class Forked(Mapper):
    """Processes on this machine, forked for each task: as many at a time as there are jobs."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(self, tasks: Sequence[Callable[[], T]]) -> Iterator[T]:
        return in_parallel(tasks, self.jobs)


def _begin(task: Callable[[], object]) -> tuple[Connection, BaseProcess]:
    connection, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_run, args=(task, theirs))
    process.start()
    theirs.close()
    return connection, process


def _run(task: Callable[[], object], connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt is for the parent to tell of
    try:
        outcome = task()
    except Exception as error:
        outcome = error
    connection.send(outcome)


def _outcome(connection: Connection, process: BaseProcess) -> object:
    outcome: object
    try:
        outcome = connection.recv()
    except EOFError:
        process.join()
        outcome = Lost(f"a process of the prover ended by itself, with status {process.exitcode}")
    connection.close()
    process.join()
    return outcome


def default_jobs() -> int:
    """How many tasks to run at a time: one for each core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
