"""LibVig's proofs, made once for all tests of a process: no test of an NF changes libVig."""

from __future__ import annotations

from verify.prover import Prover
from verify.result import Result

LIBRARY: dict[str, Result] = {}


def results_of(prover: Prover) -> list[Result]:
    """Everything that the prover says; what of libVig is known already is not proved again."""
    prover.relied.update(LIBRARY)
    prover.uses.update({name: result.relied for name, result in LIBRARY.items()})
    results = prover.results(1, lambda result: None)
    LIBRARY.update({n: r for n, r in prover.relied.items() if n.startswith("libvig.")})
    return results
