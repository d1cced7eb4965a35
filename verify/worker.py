"""What a worker of a cluster does: some tasks, in a process of its own.

So a task finds a solver as fresh as it would find it at home, and the worker's threads and
children do not matter to it.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from verify.errors import UsageError
from verify.fingerprint import tool
from verify.parallel import Lost, in_parallel


@dataclass(frozen=True)
class Share:
    """Tasks that go together, and where they are at home."""

    folder: str
    tool: str  # the digest of pyvigor there, and what it runs on
    tasks: Sequence[Callable[[], Any]]


def results_of(share: Share) -> list[Any]:
    """The results of the tasks, in order; what one of them raises is raised here."""
    command = [sys.executable, "-m", "verify.worker"]
    done = subprocess.run(command, input=pickle.dumps(share), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Lost(f"a process of a worker ended by itself, with status {done.returncode}")
    outcome = pickle.loads(done.stdout)
    if isinstance(outcome, Exception):
        raise outcome
    return list(outcome)


def carry_out(share: Share) -> list[Any]:
    """Raises UsageError if things are not here as they are at home."""
    if share.tool != tool():
        raise UsageError("--executor: a worker has another pyvigor, Z3 or Python; install the same")
    try:
        os.chdir(share.folder)
    except OSError as error:
        raise UsageError(f"--executor: a worker has no {share.folder}: {error.strerror}") from None
    return list(in_parallel(share.tasks, 1))


def main() -> None:
    """Read a share from standard input, and write what comes of it to standard output."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed meanwhile is no part of that
    outcome: object
    try:
        outcome = carry_out(pickle.load(sys.stdin.buffer))
    except Exception as error:
        outcome = error
    with output:
        pickle.dump(outcome, output)


if __name__ == "__main__":
    main()
