"""Simpler calls that fail in the same way: fewer of them, shorter arrays, smaller numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from libvig.proof.rehearsal.account import Failure
from libvig.proof.rehearsal.calls import Call, Calls, Made
from libvig.proof.rehearsal.play import Play

_ATTEMPTS = 400
_ATTEMPTS_IF_LONG = 20


def simplest(play: Play, calls: Calls, failure: Failure) -> Failure:
    """Return the failure of the simplest calls that a limited number of attempts finds."""
    attempts = _ATTEMPTS_IF_LONG if "does not end" in failure.reason else _ATTEMPTS
    best = failure
    while True:
        for simpler in _simpler(calls):
            if attempts == 0:
                return best
            attempts -= 1
            found = play.fails(simpler)
            if found is not None and _is_same(found, failure):
                calls, best = simpler, found
                break
        else:
            return best


def _is_same(one: Failure, other: Failure) -> bool:
    return (one.file, one.line, one.function) == (other.file, other.line, other.function)


def _simpler(calls: Calls) -> Iterator[Calls]:
    """Yield calls that differ in one way, those that leave out most first."""
    size = len(calls) - 2  # the first makes the structure, the last fails
    while size > 0:
        for start in range(1, len(calls) - size):
            yield calls[:start] + calls[start + size :]
        size //= 2
    for at, call in enumerate(calls):
        for name, value in call.arguments.items():
            for simpler in _simpler_values(value):
                arguments = {**call.arguments, name: simpler}
                yield (*calls[:at], Call(call.name, arguments), *calls[at + 1 :])


def _simpler_values(value: Any) -> Iterator[Any]:
    if isinstance(value, Made):
        last = replace(value, calls=(*value.calls, Call("")), value=None)
        for calls in _simpler(last.calls):  # any of its calls may be left out
            yield replace(value, calls=calls[:-1], value=None)
    elif isinstance(value, bool):
        yield from [False] if value else []
    elif isinstance(value, int):
        yield from _smaller(value)
    elif isinstance(value, np.ndarray):
        yield from _simpler_arrays(value)
    elif isinstance(value, tuple):
        yield from _of_shorter_arrays(value)
        for at, part in enumerate(value):
            for simpler in _simpler_values(part):
                yield tuple.__new__(type(value), (*value[:at], simpler, *value[at + 1 :]))


def _smaller(value: int) -> Iterator[int]:
    """Yield integers that are nearer to 0, and powers of two near it."""
    step = 1 if value > 0 else -1
    power = step << max(abs(value).bit_length() - 1, 0)
    candidates = [0, step, step * 2, abs(value) // 1000 * step, abs(value) // 2 * step, power]
    for smaller in dict.fromkeys([*candidates, value - step]):
        if abs(smaller) < abs(value):
            yield smaller


def _of_shorter_arrays(record: Any) -> Iterator[Any]:
    """Yield records of which the arrays of one length, as columns have, are cut together."""
    lengths = [len(part) for part in record if isinstance(part, np.ndarray)]
    for old in {length for length in lengths if lengths.count(length) > 1}:
        for new in dict.fromkeys((0, old // 2, max(old - 1, 0))):
            if new < old:
                yield tuple.__new__(
                    type(record),
                    (p[:new] if isinstance(p, np.ndarray) and len(p) == old else p for p in record),
                )


def _simpler_arrays(array: Any) -> Iterator[Any]:
    for length in dict.fromkeys((0, len(array) // 2, len(array) - 1)):
        if 0 <= length < len(array):
            yield array[:length].copy()
            yield array[len(array) - length :].copy()
    if array.any():
        yield np.zeros_like(array)
    for at in np.flatnonzero(array)[:16].tolist():
        for smaller in list(_smaller(int(array[at])))[:2]:
            simpler = array.copy()
            simpler[at] = smaller
            yield simpler
