"""Searches with CrossHair: what was found, or how far it came."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PATIENCE = 10  # times as long as it may compute may a search take, beside other work


class Found(NamedTuple):
    """Outcome of a search."""

    structure: str
    counterexample: str | None  # what was raised, and for which arguments
    paths: int  # that were followed to the end


class Trouble(Exception):
    """A search came to nothing; the message says why."""


def structures() -> list[str]:
    """Return the structures that have a driver."""
    files = (Path(__file__).parent / "drivers").glob("[a-z]*.py")
    return sorted(file.stem for file in files)


def search(structure: str, seconds: float, texts: Mapping[str, str] | None = None) -> Found:
    """Look for a counterexample, for `seconds` of a processor's time at most.

    `texts` replaces the text of some modules, by name. Raises Trouble.
    """
    request = {"structure": structure, "seconds": seconds, "texts": dict(texts or {})}
    try:
        process = subprocess.run(
            [sys.executable, "-m", "tests.crosshair.alone"],
            cwd=ROOT,
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=60 + PATIENCE * seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"{structure}: the search does not end") from None
    except subprocess.CalledProcessError as error:
        raise Trouble(f"{structure}: {error.stderr.strip()}") from None
    answer = json.loads(process.stdout)
    if "trouble" in answer:
        raise Trouble(f"{structure}: {answer['trouble']}")
    return Found(structure, answer["counterexample"], answer["paths"])
