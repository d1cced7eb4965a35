"""How many of the seeded bugs of network functions `--engine crosshair` finds.

What is wrong is in tests/verify/wrong_NAMEs; what is right, the shipped NF and the variants in
tests/verify/correct_NAMEs, must not be refuted.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.verify.nfs import correct_nf, described, nf_of, write_nf, wrong_nf
from verify.crosshair.engine import hunt
from verify.prepare import prepare
from verify.result import Verdict

JOBS = 2


class Hunted(NamedTuple):
    """What came of a variant."""

    variant: str
    is_wrong: bool
    refuted: str  # the first property that was, if one was
    seconds: float

    @property
    def is_mistake(self) -> bool:
        return bool(self.refuted) and not self.is_wrong


def network_functions() -> list[str]:
    """Return those of which there are wrong variants."""
    return sorted({nf_of(file) for file in described("wrong")})


def hunt_all(nfs: Sequence[str], budget: float) -> int:
    """Print what comes of each variant; return 1 if something right was refuted, else 0."""
    mistakes = 0
    for nf in nfs:
        found = []
        for file in (file for file in described("wrong") if nf_of(file) == nf):
            found.append(tell(hunted(file, budget, is_wrong=True)))
        right = [None, *(file for file in described("correct") if nf_of(file) == nf)]
        kept = [tell(hunted(file or nf, budget, is_wrong=False)) for file in right]
        mistakes += sum(one.is_mistake for one in kept)
        count = sum(bool(one.refuted) for one in found)
        print(f"{nf}: {count} of {len(found)} bugs found, in at most {budget:.0f} s each;")
        print(f"    {sum(one.is_mistake for one in kept)} of {len(kept)} right ones refuted")
    return int(mistakes > 0)


def hunted(source: Path | str, budget: float, *, is_wrong: bool) -> Hunted:
    """Hunt until the first refutation, in a variant that is described, or an NF of this name."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(source, str):
            name, target = source, source
        else:
            variant = wrong_nf(source) if is_wrong else correct_nf(source)
            name = f"{variant.nf}: {source.stem}"
            target = f"{variant.nf}={write_nf(Path(folder), variant)}"
        results = hunt(prepare(target), budget, JOBS)
        refuted = next((r.name for r in results if r.verdict is Verdict.REFUTED), "")
        results.close()  # which ends the searches
    return Hunted(name, is_wrong, refuted, time.monotonic() - began)


def tell(one: Hunted) -> Hunted:
    """Print a line about it."""
    mark = "MISTAKE" if one.is_mistake else "found" if one.refuted else "-"
    print(f"{mark:8} {one.variant:60} {one.seconds:5.0f} s  {one.refuted}", flush=True)
    return one
