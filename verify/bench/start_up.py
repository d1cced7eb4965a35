"""How long `pyvigor run` takes from its start to its end on a few packets, compiled or loaded."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from libvig.io.frames import Frame, write_capture
from verify.bench.scenarios import SCENARIOS
from verify.bench.traffic import Shape, Traffic
from verify.errors import FaultyNfError
from verify.program import HOME

PACKETS = 100
LATER_RUNS = 3
UNUSUAL = ("PYTHONDONTWRITEBYTECODE",)
"""Variables with which Python starts slower than it does for most."""


class Seconds(NamedTuple):
    """Of a whole process."""

    wall: float
    processor: float
    """What it had of the processors, which others use, too."""


class StartUp(NamedTuple):
    """How long a run takes."""

    first: Seconds
    """With an empty cache."""
    later: Seconds
    """With what the first has left there."""


def start_up(target: str, name: str) -> StartUp:
    """Of a network function, given as on the command line, in processes of its own."""
    with tempfile.TemporaryDirectory(prefix="pyvigor-bench-") as folder:
        capture = Path(folder) / "packets.pcapng"
        _write(capture, name)
        run = [sys.executable, "-m", "verify.cli", "run", target, "-r", str(capture)]
        cache = Path(folder) / "cache"
        first = _seconds(run, cache)
        later = [_seconds(run, cache) for _ in range(LATER_RUNS)]
        return StartUp(first, Seconds(*map(statistics.median, zip(*later, strict=True))))


def _write(capture: Path, name: str) -> None:
    (batch,) = Traffic(SCENARIOS[name](), PACKETS, Shape()).opening()
    rows = zip(batch.time.tolist(), batch.frames, batch.device.tolist(), strict=True)
    frames = [Frame(time, frame.tobytes(), interface=device) for time, frame, device in rows]
    write_capture(str(capture), ["lan", "wan"], frames)


def _seconds(command: list[str], cache: Path) -> Seconds:
    path = os.pathsep.join([str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])])
    own = {"PYVIGOR_CACHE": str(cache), "PYTHONPATH": path}
    inherited = {name: value for name, value in os.environ.items() if name not in UNUSUAL}
    began, before = perf_counter(), _of_children()
    done = subprocess.run(command, env=inherited | own, capture_output=True, text=True, check=False)
    seconds = Seconds(perf_counter() - began, _of_children() - before)
    if done.returncode != 0:
        raise FaultyNfError(f"pyvigor run has failed: {done.stderr.strip()}")
    return seconds


def _of_children() -> float:
    """Seconds of processors that those processes had which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
