"""What may be said to Z3, and changes what it finds."""

from typing import NamedTuple


class SolverOptions(NamedTuple):
    """How Z3 is asked."""

    seed: int = 0
    budget: int = 30_000_000
    """Deterministic units for a query about a network function; a second is some 10 million."""
