"""How the command line ends when it cannot do what it was asked to do."""

from libvig.errors import InputError

__all__ = [
    "EXIT_INTERRUPTED",
    "EXIT_REFUTED",
    "EXIT_USAGE",
    "FaultyNfError",
    "InputError",
    "UsageError",
]

EXIT_REFUTED = 1
"""A network function breaks a contract or a property."""
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


class UsageError(InputError):
    """The command line asks for what cannot be done: one line with place, finding and remedy."""


class FaultyNfError(Exception):
    """The network function did on a packet what no network function may do."""
