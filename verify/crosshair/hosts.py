"""Searches in processes of their own, each with its share of the properties.

A process is told of what became of each finding before its search goes on, and is ended by its id
when it is late.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from verify.crosshair.findings import Finding, Searched
from verify.crosshair.world import CannotSearch, Settings, World
from verify.network_function import NetworkFunction
from verify.source import Function

GRACE = 10.0  # seconds that a process may be late
INTERRUPT = {signal.SIGINT}

Spec = Function | None
Counts = Callable[[Spec, Finding], bool]


class Task(NamedTuple):
    """Properties of an NF that a process searches, until a time of the monotonic clock."""

    nf: NetworkFunction
    settings: Settings
    specs: Sequence[Spec]
    end: float


class Host:
    """A process, and what it has not told of yet."""

    def __init__(self, task: Task) -> None:
        self.waiting, self.late = list(task.specs), task.end + GRACE
        self.connection, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        self.process: BaseProcess = context.Process(target=work, args=(task, theirs))
        signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPT)  # until the process can be interrupted
        self.process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPT)
        theirs.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


def searched(tasks: Sequence[Task], counts: Counts) -> Iterator[tuple[Spec, Searched]]:
    """How far the search of each property came; `counts` tells whether a finding does."""
    hosts: list[Host] = []
    try:
        hosts.extend(Host(task) for task in tasks)
        while running := [host for host in hosts if host.waiting]:
            soonest = min(host.late for host in running)
            ready = wait([host.connection for host in running], max(soonest - time.monotonic(), 0))
            for host in running:
                if host.connection in ready:
                    yield from _heard(host, counts)
                elif time.monotonic() >= host.late:
                    yield from _given_up(host, "the search does not end")
    finally:
        for host in hosts:
            host.kill()


def _heard(host: Host, counts: Counts) -> Iterator[tuple[Spec, Searched]]:
    """What a process tells: a finding, which is answered, or the end of a search."""
    try:
        told = host.connection.recv()
    except EOFError:
        yield from _given_up(host, "the process of the search ended by itself")
        return
    if isinstance(told, Finding):
        host.connection.send(counts(host.waiting[0], told))
    else:
        yield host.waiting.pop(0), told


def _given_up(host: Host, trouble: str) -> Iterator[tuple[Spec, Searched]]:
    while host.waiting:
        yield host.waiting.pop(0), Searched(0, 0, trouble)


def work(task: Task, connection: Connection) -> None:
    """Search the properties of a task, one after the other."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt is for the parent to tell of
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPT)
    with contextlib.suppress(KeyboardInterrupt):  # Z3 heeds an interrupt whatever was said above
        _search(task, connection)


def _search(task: Task, connection: Connection) -> None:
    from verify.crosshair.search import Search  # it switches contracts off

    def counts(finding: Finding) -> bool:
        connection.send(finding)
        return bool(connection.recv())

    try:
        world = World(task.nf, task.settings)
    except Exception as error:  # it may use what only the real NumPy has
        trouble = f"the NF cannot be built of plain integers: {error!r}"
        for _ in task.specs:
            connection.send(Searched(0, 0, trouble))
        return
    for number, spec in enumerate(task.specs):
        seconds = (task.end - time.monotonic()) / (len(task.specs) - number)
        try:
            found = Search(world, world.property(spec), seconds, counts).run()
        except CannotSearch as error:
            found = Searched(0, 0, str(error))
        connection.send(found)
