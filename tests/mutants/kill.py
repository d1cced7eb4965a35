"""What a mutant has to get past: a rehearsal in CPython and the prover."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from libvig.proof.rehearsal import rehearse
from tests.mutants.limits import time_limit
from tests.mutants.mutant import Mutant
from tests.mutants.prove import attempts, concerned, unchanged
from tests.mutants.subjects import subject_of

SECONDS = 60  # for a rehearsal; it takes two
STEPS = 40
REHEARSAL = "/libvig/proof/rehearsal/"

Outcome = Literal["killed", "refused", "survived", "error"]


class Verdict(NamedTuple):
    """What came of a mutant. Neither an error nor a refusal is a kill: nothing has noticed that
    the mutant does something wrong."""

    outcome: Outcome
    reason: str = ""
    by: str = ""  # rehearsal or proof


def kill(mutant: Mutant) -> Verdict:
    """Tell whether it is noticed that a function of a module, or of a proof file, was changed.

    What goes wrong in CPython does so soon; the prover is asked about the rest.
    """
    refused = Verdict("survived")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{mutant.module.rpartition('.')[2]}.py"
        file.write_text(mutant.source, "utf-8")
        for judge in (_rehearsed, _proved):
            verdict = judge(mutant, file)
            if verdict.outcome == "killed":
                return verdict
            refused = verdict if verdict.outcome == "refused" else refused
    return refused


def _rehearsed(mutant: Mutant, file: Path) -> Verdict:
    module = subject_of(mutant.module)
    failure = rehearsal(module, {mutant.module: file}) if is_rehearsed(module) else None
    return Verdict("survived") if failure is None else Verdict("killed", failure, "rehearsal")


def _proved(mutant: Mutant, file: Path) -> Verdict:
    refusal = None
    for attempt in attempts(mutant, file):
        if not (attempt.proved or attempt.refused):
            return Verdict("killed", attempt.reason, "proof")
        refusal = refusal or (attempt.reason if attempt.refused else None)
    return Verdict("refused", refusal) if refusal is not None else Verdict("survived")


def unsound(mutants: Iterable[Mutant]) -> list[str]:
    """Return what these mutants concern and is not proved even where nothing is changed."""
    names = dict.fromkeys(name for mutant in mutants for name in concerned(mutant))
    return [f"{name}: {unchanged(name).reason}" for name in names if not unchanged(name).proved]


@cache
def is_rehearsed(module: str) -> bool:
    """Whether the unchanged module passes its rehearsal, so that a mutant which fails is killed."""
    return rehearsal(module, {}) is None


def rehearsal(module: str, files: Mapping[str, Path]) -> str | None:
    """Try a text under random calls; return what goes wrong. What ends the rehearsal itself, and
    not the text, is ignored: it has found nothing."""
    with time_limit(SECONDS, "the rehearsal"):
        found = rehearse(module, steps=STEPS, sources=files).failure
    if found is None or REHEARSAL in found.file or found.reason.startswith("TimeoutError"):
        return None
    return found.reason.splitlines()[0]
