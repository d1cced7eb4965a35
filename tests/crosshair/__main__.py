"""Search all structures for counterexamples with CrossHair: python -m tests.crosshair.

With --nf, hunt the seeded bugs of network functions instead, as `pyvigor verify --engine crosshair`
does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.crosshair.network_functions import hunt_all, network_functions
from tests.crosshair.search import Found, Trouble, search, structures
from verify.crosshair import engine

PROCESSES = 2
BUDGET = 120.0  # seconds for all structures together, on so many cores


def main(arguments: Sequence[str]) -> int:
    """Return 0 if nothing was found, 1 for a counterexample, 2 if a search came to nothing."""
    options = parsed(arguments)
    if options.nf:
        return hunt_all(options.nf, options.budget or engine.BUDGET)
    chosen = options.structure or structures()
    seconds = (options.budget or BUDGET) * min(PROCESSES, len(chosen)) / len(chosen)
    with ThreadPoolExecutor(PROCESSES) as pool:  # each thread waits for a process
        status = max(pool.map(lambda structure: tell(structure, seconds), chosen))
    print("Six operations on small structures, as far as the budget went: this proves nothing.")
    return status


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crosshair", description=__doc__)
    known = ", ".join(structures())
    parser.add_argument("structure", nargs="*", help=f"of {known}; default: all")
    parser.add_argument(
        "--nf", nargs="+", choices=network_functions(), help="instead: bugs in these"
    )
    parser.add_argument(
        "--budget",
        type=float,
        help=f"seconds: for all structures together, default {BUDGET:.0f}, or for each wrong "
        f"network function, default {engine.BUDGET:.0f}",
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.structure) - set(structures()))
    if unknown:
        parser.error(f"no driver for {', '.join(unknown)}; there are {', '.join(structures())}")
    return options


def tell(structure: str, seconds: float) -> int:
    """Search a structure, print what was found, and return the status."""
    try:
        found = search(structure, seconds)
    except Trouble as trouble:
        print(f"NOTHING SEARCHED  {trouble}", flush=True)
        return 2
    print(said(found, seconds), flush=True)
    return int(found.counterexample is not None)


def said(found: Found, seconds: float) -> str:
    """Return the line about a search. It never says more than what CrossHair has seen."""
    if found.counterexample is not None:
        return f"{found.structure:16} COUNTEREXAMPLE: {found.counterexample}"
    return (
        f"{found.structure:16} no counterexample within the budget: "
        f"{found.paths} paths in {seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
