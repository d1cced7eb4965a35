"""Tasks in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from verify.parallel import Lost, in_parallel

seen: list[int] = []


def number(n: int, delay: float = 0.0) -> Callable[[], int]:
    def task() -> int:
        time.sleep(delay)
        seen.append(n)
        return n * 100 + len(seen)

    return task


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_results_come_in_order_and_no_task_knows_of_another(jobs: int) -> None:
    tasks = [number(n, delay=0.05 if n == 0 else 0.0) for n in range(6)]
    assert list(in_parallel(tasks, jobs)) == [1, 101, 201, 301, 401, 501]
    assert seen == []


def test_as_many_run_at_a_time_as_are_wanted() -> None:
    barrier = multiprocessing.get_context("fork").Barrier(4)
    assert sorted(in_parallel([lambda: barrier.wait(60)] * 4, 4)) == [0, 1, 2, 3]
    barrier.reset()
    with pytest.raises(threading.BrokenBarrierError):
        list(in_parallel([lambda: barrier.wait(0.2)] * 4, 3))


def test_a_task_knows_what_is_known_when_it_begins() -> None:
    known = {"answer": 42}
    assert list(in_parallel([lambda: known["answer"]], 1)) == [42]


def test_what_a_task_raises_is_raised_where_it_is_awaited() -> None:
    def fail() -> int:
        raise ValueError("no such thing")

    results = in_parallel([number(1), fail], 2)
    assert next(results) == 101
    with pytest.raises(ValueError, match="no such thing"):
        next(results)


def test_a_task_that_dies_is_not_waited_for() -> None:
    with pytest.raises(Lost, match="ended by itself, with status -9"):
        list(in_parallel([lambda: os.kill(os.getpid(), signal.SIGKILL)], 2))
