"""Where proofs are carried out: on cores of this machine, or on a cluster."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, NoReturn

from verify.errors import EXIT_INTERRUPTED, UsageError
from verify.parallel import Forked, default_jobs

DASK = "dask://"


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


@contextmanager
def opened(address: str | None, jobs: int) -> Iterator[Executor]:
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
    make: Any = distributed.Client  # without types
    try:
        client = make(address.replace(DASK, "tcp://", 1), timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"--executor: {address} does not answer: {error}") from None
    with client, client.get_executor(pure=False) as executor:
        yield executor
