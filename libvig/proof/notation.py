"""What a proof file may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Predicate = TypeVar("Predicate", bound=Callable[..., bool])


def loop(function: Callable[..., Any]) -> Callable[[Predicate], Predicate]:
    """Holds whenever the loop of ``function`` comes round; its parameters are locals, by name."""

    def mark(predicate: Predicate) -> Predicate:
        return predicate

    return mark
