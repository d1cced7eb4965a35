"""Specs as ordinary tests: called with arguments, they hold, or do not speak of them."""

import inspect
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import icontract
from hypothesis import Phase, settings

from libvig.packet.packet import Packet
from libvig.spec import AssumptionFalse, snapshot

Spec = Callable[..., None]
Step = tuple[Packet, int]  # and how long after the one before it comes

# To see a bug, one example is enough; it need not be small.
UNTIL_A_FAILURE = settings(phases=[Phase.generate], database=None)


def specs_of(module: ModuleType) -> dict[str, Spec]:
    """The specs that a module defines, by name."""
    functions = inspect.getmembers(module, inspect.isfunction)
    return {name: function for name, function in functions if hasattr(function, "__is_spec__")}


def packets_of(spec: Spec) -> int:
    """The number of packets that a spec speaks of: it takes an NF, then packets and times."""
    return (len(inspect.signature(spec).parameters) - 1) // 2


def speaks_of(spec: Spec, *arguments: Any) -> bool:
    """Check a spec; tell whether its assumptions were true. A broken contract is another error."""
    try:
        spec(*arguments)
    except AssumptionFalse:
        return False
    except icontract.ViolationError as violation:
        raise RuntimeError(f"a contract is broken: {violation}") from violation
    return True


class Traffic:
    """A network function, and the time."""

    def __init__(self, nf: Any) -> None:
        self.nf = nf
        self.now = 0

    def play(self, steps: Iterable[Step]) -> None:
        """Have it process packets."""
        for packet, pause in steps:
            self.now += pause
            self.nf.process(snapshot(packet), self.now)

    def is_spoken_of(self, spec: Spec, steps: Iterable[Step]) -> bool:
        """Check a spec of the network function as it is, and of the packets that come next."""
        arguments: list[Any] = []
        now = self.now
        for packet, pause in steps:
            now += pause
            arguments += [snapshot(packet), now]
        return speaks_of(spec, self.nf, *arguments)
