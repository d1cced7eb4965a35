"""Where proofs are carried out: on cores of this machine, or on a cluster."""

from __future__ import annotations

import argparse
import math
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from verify import worker
from verify.errors import EXIT_INTERRUPTED, UsageError
from verify.fingerprint import tool
from verify.parallel import Forked, Mapper, default_jobs
from verify.worker import Share

DASK = "dask://"
SHARES = 4  # for each worker: few, as each takes a while to start, and enough to fill up gaps

T = TypeVar("T")


def add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs", type=positive, default=default_jobs(), metavar="N", help="processes"
    )


def add_executor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--executor",
        metavar=f"{DASK}HOST:PORT",
        help="prove on the workers of a Dask cluster, which have pyvigor and the same files under "
        "the same names, instead of processes here",
    )


def positive(text: str) -> int:
    """A number of processes."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes; write 1 or more")
    return int(text)


def end_at_interrupts() -> None:
    """End at once: an exception could get lost inside the solver's bindings."""
    signal.signal(signal.SIGINT, _interrupted)


def _interrupted(number: int, frame: object) -> NoReturn:
    os.write(2, b"pyvigor: interrupted\n")
    os._exit(EXIT_INTERRUPTED)


class Cluster(Mapper):
    """The workers of a Dask cluster."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.jobs = max(1, sum(client.nthreads().values()))

    def run(self, tasks: Sequence[Callable[[], T]]) -> Iterator[T]:
        size = math.ceil(len(tasks) / (SHARES * self.jobs))
        shares = [
            Share(os.getcwd(), tool(), tasks[i : i + size]) for i in range(0, len(tasks), size)
        ]
        for future in self.client.map(worker.results_of, shares, pure=False):
            yield from future.result()


@contextmanager
def opened(address: str | None, jobs: int) -> Iterator[Mapper]:
    """What carries out tasks. Raises UsageError if there is no such cluster."""
    if address is None:
        yield Forked(jobs)
        return
    if not address.startswith(DASK):
        raise UsageError(f"--executor: {address} is no {DASK}HOST:PORT, which is all that is known")
    try:
        import distributed
    except ImportError:
        raise UsageError("--executor: Dask is missing; pip install 'pyvigor[dask]'") from None
    connect: Any = distributed.Client  # without types
    try:
        client = connect(address.replace(DASK, "tcp://", 1), timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"--executor: {address} does not answer: {error}") from None
    with client:
        yield Cluster(client)
