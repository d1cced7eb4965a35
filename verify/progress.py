"""Progress on standard error, if that is a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

INTERVAL = 0.1  # seconds between two pictures of the bar


class Advance(Protocol):
    """Tells that so many more are done."""

    def __call__(self, number: int) -> None: ...


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance]:
    """A bar that shows how many of `total`, if that is known, are done, and is gone at the end.

    It has no thread of its own, as processes are forked while it is shown.
    """
    if not sys.stderr.isatty():
        yield lambda number: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task(title, total=total)
        shown = 0.0

        def advance(number: int) -> None:
            nonlocal shown
            bar.advance(task, number)
            if time.monotonic() > shown + INTERVAL:
                bar.refresh()
                shown = time.monotonic()

        yield advance
