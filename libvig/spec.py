"""The notation of specs: what a specification may say beyond plain Python.

A spec is a function of a network function, packets and times, marked `@spec`. Proved, it is a
theorem about every state in which ``process`` may be called, every packet and every time; called,
it is an ordinary test of the arguments that it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from libvig.packet.packet import Packet

Function = TypeVar("Function", bound=Callable[..., Any])


class AssumptionFalse(Exception):
    """The arguments are not ones that the spec speaks of."""


def spec(function: Function) -> Function:
    """Mark a function as a specification."""
    function.__is_spec__ = True  # type: ignore[attr-defined]  # a mark on the function object
    return function


def assume(condition: bool) -> None:
    """Restrict the spec to the case that ``condition`` holds."""
    if not condition:
        raise AssumptionFalse


def snapshot(packet: Packet) -> Packet:
    """The packet as it is now, whatever is written to it later."""
    return packet._replace(data=packet.data.copy())
