"""What a mutant has to get past: a rehearsal in CPython, then the prover."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Literal, NamedTuple

from libvig.proof.rehearsal import rehearse

SECONDS = 60  # for a rehearsal; it takes two
STEPS = 150
REHEARSAL = "/libvig/proof/rehearsal/"

Outcome = Literal["killed", "survived", "error"]


class Verdict(NamedTuple):
    """What came of a mutant. An error is not a kill: nothing has noticed that the mutant is one."""

    outcome: Outcome
    reason: str = ""


Prove = Callable[[str, str, dict[str, Path]], Verdict]

prove: Prove | None = None
"""The prover goes here. It gets the name of a module, that of the function in it which was changed
(as in `HashMap.find`; a class, if an invariant was) and files that stand in for modules. It is to
prove what the change can affect: also whatever relies on a contract that may be too weak now."""


def kill(module: str, function: str, source: str) -> Verdict:
    """Tell whether it is noticed that a function of a module, or of a proof file, was changed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{module.rpartition('.')[2]}.py"
        file.write_text(source, "utf-8")
        rehearsed = rehearsal(module, file)
        if rehearsed.outcome != "survived" or prove is None:
            return rehearsed
        return prove(module, function, {module: file})


def rehearsal(module: str, file: Path) -> Verdict:
    """Try a text under random calls. What ends the rehearsal itself, and not the text, is ignored:
    it has found nothing."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    try:
        found = rehearse(subject_of(module), steps=STEPS, sources={module: file}).failure
    finally:
        signal.alarm(0)
    if found is None or REHEARSAL in found.file:
        return Verdict("survived")
    return Verdict("killed", f"rehearsal: {found.reason.splitlines()[0]}")


def subject_of(module: str) -> str:
    """Return the module that a proof file is about; for other modules, themselves."""
    package, _, name = module.rpartition(".")
    return f"libvig.{name}" if package == "libvig.proof" else module


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"the rehearsal takes more than {SECONDS} seconds")
