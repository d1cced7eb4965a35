"""How the command line ends when it cannot do what it was asked to do."""

from libvig.errors import InputError

__all__ = [
    "EXIT_INCONCLUSIVE",
    "EXIT_INTERRUPTED",
    "EXIT_NOTHING",
    "EXIT_PROVED",
    "EXIT_REFUTED",
    "EXIT_USAGE",
    "FaultyNfError",
    "InputError",
    "UsageError",
]

EXIT_PROVED = 0
EXIT_REFUTED = 1
"""A network function breaks a contract or a property; the gate is shut."""
EXIT_USAGE = 2
EXIT_INCONCLUSIVE = 3
"""Nothing is refuted, and something is not proved."""
EXIT_NOTHING = 5
"""There is nothing to verify."""
EXIT_INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


class UsageError(InputError):
    """The command line asks for what cannot be done: one line with place, finding and remedy."""


class FaultyNfError(Exception):
    """The network function did on a packet what no network function may do."""
