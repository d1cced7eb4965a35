"""Progress on standard error, if that is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Advance(Protocol):
    """Tells that so many more packets are done."""

    def __call__(self, packets: int) -> None: ...


@contextmanager
def progress(title: str, total: int) -> Iterator[Advance]:
    """A bar that shows how many of `total` packets are done, and is gone at the end."""
    if not sys.stderr.isatty():
        yield lambda packets: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda packets: bar.advance(task, packets)
